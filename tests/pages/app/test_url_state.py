import re

from streamlit.testing.v1 import AppTest

PATIENCE_S = 30
HOSTILE = "![look](https://evil.example/p.png) [log in](https://evil.example) **now** :red[x] <b> $x$"


def _screen(sentence):
    from pages.parts.app import url_state

    url_state.show_mismatch(sentence)


def test_what_an_address_says_is_quoted_as_plain_text():
    screen = AppTest.from_function(_screen, default_timeout=PATIENCE_S, args=(HOSTILE,)).run()
    (shown,) = screen.warning
    assert shown.value.replace("\\", "") == HOSTILE
    unescaped = re.sub(r"\\.", "", shown.value)
    assert not set(unescaped) & set("![]()*:<>$")


def test_a_plain_sentence_stays_as_it_is():
    screen = AppTest.from_function(_screen, default_timeout=PATIENCE_S, args=("The link names 901, 12 %.",)).run()
    assert screen.warning[0].value == "The link names 901, 12 %."
