import json
import re

import pytest
import wfdb
from playwright.sync_api import expect

from tests.browser.driving import charts, go_to, pick, picture_of, settle, visit
from tests.browser.test_links import link_choices

RECORD = "sim_normal"


def correct(page, address, how):
    """Open a record for correcting its beats, in one of the three ways."""
    visit(page, f"{address}?record={RECORD}")
    page.get_by_text("Correct beats").click()
    settle(page)
    choose(page, how)


def choose(page, how):
    page.get_by_test_id("stButtonGroup").get_by_text(how, exact=True).click()
    settle(page)


def letters(page):
    """The letters above the paper with the middle of each, from the left."""
    texts = charts(page).nth(1).locator("svg text").all()
    drawn = [(text.text_content(), text.bounding_box()) for text in texts]
    return sorted((box["x"] + box["width"] / 2, word) for word, box in drawn if word in tuple("NLRAVP–×"))


def click_paper(page, x):
    paper = charts(page).nth(1)
    paper.scroll_into_view_if_needed()
    page.mouse.click(x, picture_of(paper).bounding_box()["y"] + 110)


def expect_corrections(page, count):
    expect(page.get_by_role("button", name=re.compile(rf"^{count} corrections?$"))).to_be_visible()
    settle(page)


def metric(page, name):
    return page.get_by_test_id("stMetric").filter(has_text=name).get_by_test_id("stMetricValue").inner_text()


def deleted_fourth(page, address):
    """Delete the fourth beat on the paper; where it was."""
    correct(page, address, "Delete")
    x, _ = letters(page)[3]
    click_paper(page, x + 4)
    expect_corrections(page, 1)
    return x


def test_a_deleted_beat_is_missed_and_undoing_brings_it_back(page, address):
    correct(page, address, "Delete")
    found, before = int(metric(page, "Beats detected")), letters(page)
    click_paper(page, before[3][0] + 4)
    expect_corrections(page, 1)
    assert int(metric(page, "Beats detected")) == found - 1
    assert metric(page, "Sensitivity") != "100.00%"
    expect(page.get_by_text("Sensitivity and PPV of the corrected beats")).to_be_visible()
    # What the model says of the neighbours may change: there is a pause beside them now.
    after = letters(page)
    assert [at for at, (_, word) in enumerate(after) if word == "–"] == [3]
    assert [x for x, _ in after] == pytest.approx([x for x, _ in before], abs=4)
    expect(page.get_by_text("Detection errors: 1 missed, 0 false")).to_be_visible()
    page.keyboard.press("Control+z")
    expect_corrections(page, 0)
    assert int(metric(page, "Beats detected")) == found
    assert letters(page) == before
    expect(page.get_by_text("Sensitivity and PPV of the detected beats")).to_be_visible()


def test_an_added_beat_is_placed_on_the_r_peak_classified_and_boxed(page, address):
    x = deleted_fourth(page, address)
    choose(page, "Add")
    click_paper(page, x + 4)
    expect_corrections(page, 2)
    assert metric(page, "Sensitivity") == "100.00%"
    back_at, word = letters(page)[3]
    assert word == "N"
    assert abs(back_at - x) < 1
    expect(charts(page).nth(1).locator("svg text", has_text="□ manually placed")).to_be_visible()
    page.get_by_role("button", name="Undo all").click()
    expect_corrections(page, 0)


def test_a_click_on_an_existing_beat_is_refused_in_a_sentence(page, address):
    correct(page, address, "Add")
    x, _ = letters(page)[3]
    click_paper(page, x)
    expect(page.get_by_text("Choose another time")).to_be_visible()
    settle(page)
    expect_corrections(page, 0)
    choose(page, "Delete")
    expect(page.get_by_text("Choose another time")).to_have_count(0)


def test_a_beat_is_moved_by_a_click_and_by_nudges(page, address):
    correct(page, address, "Move")
    x, _ = letters(page)[3]
    click_paper(page, x)
    expect(page.get_by_text("click its R peak, or nudge it")).to_be_visible()
    settle(page)
    for _ in range(2):
        before = page.get_by_text("Beat at").inner_text()
        # Four samples at 360 Hz.
        page.get_by_role("button", name="11 ms later").click()
        expect(page.get_by_text(before)).to_have_count(0)
        settle(page)
    expect_corrections(page, 1)
    nudged_to, _ = letters(page)[3]
    assert nudged_to > x + 1
    choose(page, "Delete")
    choose(page, "Move")
    click_paper(page, nudged_to)
    expect(page.get_by_text("click its R peak, or nudge it")).to_be_visible()
    settle(page)
    click_paper(page, x)
    expect_corrections(page, 0)
    assert abs(letters(page)[3][0] - x) < 1


def test_corrections_outlast_a_change_of_screen_and_not_the_session(page, browser, address):
    deleted_fourth(page, address)
    go_to(page, "Beat")
    page.get_by_role("button", name="Next beat").click()
    settle(page)
    expect(page.get_by_text("1 correction by hand")).to_be_visible()
    assert link_choices(page).keys().isdisjoint({"beat", "target"})
    go_to(page, "Record")
    assert metric(page, "Sensitivity") != "100.00%"
    expect(page.get_by_role("switch", name="Correct beats")).to_be_checked()
    pick(page, "Model", "ecg-beat-2018")
    expect(page.get_by_text("1 correction by hand")).to_be_visible()
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    another = context.new_page()
    visit(another, page.url)
    assert metric(another, "Sensitivity") == "100.00%"
    context.close()


def test_the_corrected_beats_can_be_downloaded_for_other_software(page, address, tmp_path):
    deleted_fourth(page, address)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download beats").click()
    assert coming.value.suggested_filename == f"{RECORD}.qrs"
    coming.value.save_as(tmp_path / f"{RECORD}.qrs")
    read = wfdb.rdann(str(tmp_path / RECORD), "qrs")
    assert len(read.sample) == int(metric(page, "Beats detected")) + 1
    assert read.symbol[0] == '"'
    assert "1 manual correction" in read.aux_note[0]
    assert set(read.symbol[1:]) <= set("NLRAV/Q")


def test_a_downloaded_explanation_holds_the_corrections(page, address):
    deleted_fourth(page, address)
    go_to(page, "Beat")
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="All values (JSON)").click()
    assert coming.value.suggested_filename.startswith(f"{RECORD}-corrected beat ")
    (correction,) = json.loads(coming.value.path().read_text())["corrections"]
    assert (correction["kind"], correction["to"]) == ("delete", None)
