import pytest

from backend.charts.style.theme import DARK
from tests.browser.driving import charts, visit, widest_overhang_px, word_in

_BRIGHTNESS = """element => {
    const [r, g, b] = getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number);
    return (r + g + b) / 3;
}"""


@pytest.mark.parametrize(("link", "word"), [("?record=sim_paced", "time in record"), ("beat?record=sim_paced", "QRS")])
def test_both_screens_follow_a_dark_theme(dark_page, address, link, word):
    visit(dark_page, address + link)
    assert dark_page.get_by_test_id("stApp").evaluate(_BRIGHTNESS) < 60
    assert word_in(charts(dark_page).first, word).get_attribute("fill").upper() == DARK.text
    assert widest_overhang_px(dark_page) <= 0
