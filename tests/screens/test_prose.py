"""No screen explains itself at length before a reader asks for it."""

import re

import pytest

from tests.screens.driving import hints, open_screen, visible_sentences

MOST_WORDS = 60
SCREENS = (
    ("record", {}),
    ("record", {"record": "sim_dropouts"}),
    ("beat", {}),
    ("icu_alarm", {}),
    ("icu_stay", {}),
    ("compare", {"what": "beat"}),
    ("compare", {"what": "alarm"}),
    ("compare", {"what": "stay"}),
    ("evidence", {"model": "ecg-beat"}),
    ("evidence", {"model": "ecg-beat-2018", "class": "PVC"}),
    ("evidence", {"model": "icu-alarm"}),
    ("evidence", {"model": "icu-mortality"}),
)
NOTICE = "For research and teaching only. Not a medical device"
_WORD = re.compile(r"\w[\w.,%-]*")
_TITLES_VALUES_AND_BADGES = re.compile(r"\*\*[^*]+\*\*|:[a-z]+-badge\[[^]]*\]|:material/\w+:")


def words(sentences):
    """The words of prose: neither bold titles and values nor badges."""
    return [word for text in sentences for word in _WORD.findall(_TITLES_VALUES_AND_BADGES.sub(" ", text))]


def test_titles_values_and_badges_are_no_prose():
    sentence = ":blue-badge[simulated] **Risk over time**: from the hours before  \nModel: **death**"
    assert words([sentence]) == ["from", "the", "hours", "before", "Model"]


@pytest.mark.parametrize(("page", "link"), SCREENS)
def test_a_screen_shows_at_most_sixty_words_besides_the_research_notice_and_more_on_request(page, link):
    screen = open_screen(page, **link)
    sentences = list(visible_sentences(screen))
    assert NOTICE in sentences[0].replace("*", "")
    assert len(words(sentences[1:])) <= MOST_WORDS
    assert hints(screen)
