"""The Compare screen: techniques beneath each other, one of them looked at closely, and the way to its own screen."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from backend.charts.style.theme import DARK
from tests.browser.conftest import MISLABELLED
from tests.browser.driving import charts, go_to, pick, picked, settle, visit, widest_overhang_px, word_in

QUICK = "techniques=occlusion,derivative,random"


_STOP_AT_ONCE = """() => new MutationObserver((_, watching) => {
    const stop = [...document.querySelectorAll('button')].find(button => button.innerText.trim() === 'Stop');
    if (stop) { watching.disconnect(); stop.click(); }
}).observe(document.body, {childList: true, subtree: true})"""


def look_closer(page, label):
    # A list that is open while its page scrolls is closed.
    picked(page, "Technique details").scroll_into_view_if_needed()
    settle(page)
    pick(page, "Technique details", label)


def link_choices(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_the_default_techniques_are_compared_at_first(page, address):
    visit(page, f"{address}compare?record=sim_normal&beat=20")
    for word in ("Occlusion", "Learned mask", "Integrated gradients", "Random (control)"):
        expect(word_in(charts(page).nth(1), word)).to_be_visible()
    settle(page)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert widest_overhang_px(page) <= 0


def test_rows_stand_under_the_marked_beat_and_fill_in_as_they_are_ready(dark_page, address):
    visit(dark_page, f"{address}compare?record=sim_normal&beat=21&techniques=occlusion,mask")
    comparison = charts(dark_page).first
    for word in ("QRS", "Occlusion", "Learned mask", "score reduction", "agreement"):
        expect(word_in(comparison, word)).to_be_visible()
    expect(comparison.locator("svg text", has_text="in progress")).to_have_count(0)
    assert word_in(comparison, "Occlusion").get_attribute("fill").upper() == DARK.text


def test_a_link_reopens_what_was_compared(page, browser, address):
    visit(page, f"{address}compare?record=sim_paced&beat=7&{QUICK}")
    pick(page, "Baseline value", "mean")
    look_closer(page, "Input derivative")
    page.get_by_role("button", name="3 techniques").click()
    page.get_by_role("button", name="Erasure").click()
    page.wait_for_url("**erasure**")
    settle(page)
    again = browser.new_page(viewport={"width": 1280, "height": 800})
    visit(again, page.url)
    assert link_choices(again) == link_choices(page)
    assert link_choices(again)["techniques"].split(",") == ["occlusion", "derivative", "random", "erasure"]
    expect(picked(again, "Baseline value")).to_have_value("mean")
    expect(picked(again, "Technique details")).to_have_value("Input derivative")
    again.close()


def test_a_click_on_a_row_looks_closer_at_it_and_its_stability_is_checked(page, address):
    visit(page, f"{address}compare?record=sim_normal&beat=20&{QUICK}")
    # The whole row is clicked, whatever is written in it.
    word_in(charts(page).first, "Random (control)").click(force=True)
    page.wait_for_url("**row=random**")
    settle(page)
    expect(picked(page, "Technique details")).to_have_value("Random (control)")
    page.get_by_role("button", name="Check stability").click()
    expect(page.get_by_text("Not stable")).to_be_visible()
    settle(page)
    expect(page.get_by_role("button", name="Check stability")).to_have_count(0)


def test_a_row_opens_on_the_beats_own_screen_as_it_was_compared(page, address):
    visit(page, f"{address}compare?record=sim_paced&beat=7&{QUICK}&row=occlusion")
    pick(page, "Baseline value", "mean")
    pick(page, "Target class", "PVC")
    page.get_by_role("button", name="Open Beat screen").click()
    page.wait_for_url("**/beat?**")
    expect(picked(page, "Technique")).to_have_value("Occlusion")
    settle(page)
    wanted = {"record": "sim_paced", "beat": "7", "technique": "occlusion", "target": "PVC", "p_fill": "mean"}
    assert link_choices(page).items() >= wanted.items()
    assert "techniques" not in link_choices(page)
    go_to(page, "Compare")
    assert link_choices(page).items() >= {"what": "beat", "record": "sim_paced", "beat": "7", "fill": "mean"}.items()


def test_a_slow_row_shows_progress_and_stopping_leaves_it_out(page, address):
    visit(page, f"{address}compare?what=stay&record=sim_stay_sparse&{QUICK}")
    page.get_by_role("button", name="3 techniques").click()
    # Quicker than a hand: a mask takes less than a second.
    page.evaluate(_STOP_AT_ONCE)
    page.get_by_role("button", name="Learned mask").click()
    expect(page.get_by_role("button", name="4 techniques")).to_be_visible()
    expect(page.get_by_role("button", name="3 techniques")).to_be_visible()
    settle(page)
    assert link_choices(page)["techniques"].split(",") == ["occlusion", "derivative", "random"]


def test_stability_shows_progress_and_can_be_stopped(page, address):
    visit(page, f"{address}compare?record=sim_normal&beat=22&techniques=mask,random&row=mask")
    question = page.get_by_role("button", name="Check stability")
    expect(question).to_be_enabled()
    settle(page)
    page.evaluate(_STOP_AT_ONCE)
    question.click()
    settle(page)
    expect(question).to_be_enabled()
    expect(page.get_by_test_id("stProgress")).to_have_count(0)


def test_the_switch_goes_to_alarms_and_stays_and_back_to_the_same_beat(page, address):
    visit(page, f"{address}compare?record=sim_paced&beat=7&{QUICK}")
    for name, kind, word in (("Alarm", "alarm", "time from alarm"), ("Stay", "stay", "risk of death")):
        page.get_by_test_id("stSidebar").get_by_role("radio", name=name).click()
        page.wait_for_url(f"**what={kind}**")
        settle(page)
        expect(word_in(charts(page).first, word)).to_be_visible()
        expect(page.get_by_test_id("stAlert").filter(has_text="link")).to_have_count(0)
    page.get_by_test_id("stSidebar").get_by_role("radio", name="Beat").click()
    page.wait_for_url("**beat=7**")
    settle(page)
    assert link_choices(page).items() >= {"what": "beat", "record": "sim_paced"}.items()


def test_a_comparison_can_be_downloaded(page, address):
    visit(page, f"{address}compare?record={MISLABELLED}&beat=12&{QUICK}")
    page.get_by_role("button", name="Download", exact=True).click()
    assert downloaded(page, "Picture: comparison").startswith(b"\x89PNG")
    table = downloaded(page, "Table (CSV)").decode().splitlines()
    assert [line.split(",")[0] for line in table] == ["technique", "occlusion", "derivative", "random"]
    document = json.loads(downloaded(page, "All values (JSON)"))
    assert (document["record"], document["beat"], len(document["techniques"])) == (MISLABELLED, 12, 3)


def downloaded(page, label):
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    return download.value.path().read_bytes()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("record=sim_normal&techniques=guess,occlusion&fill=wide&source=V9&target=flutter", "guess"),
        ("what=guess&record=../../secret&row=guess&techniques=occlusion", "unknown record"),
    ],
)
def test_a_link_with_unknown_names_opens_with_a_sentence(page, address, query, sentence):
    visit(page, f"{address}compare?{query}")
    expect(page.get_by_test_id("stAlert").filter(has_text=sentence).first).to_be_visible()
    expect(word_in(charts(page).first, "Occlusion")).to_be_visible()


def test_without_any_technique_the_screen_waits_for_one(page, address):
    page.goto(f"{address}compare?record=sim_normal&beat=3&techniques=,")
    expect(page.get_by_text("Choose at least one technique.")).to_be_visible()
    page.get_by_role("button", name="0 techniques").click()
    page.get_by_role("button", name="Occlusion").click()
    expect(word_in(charts(page).first, "Occlusion")).to_be_visible()
