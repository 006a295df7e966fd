import json
import re

import pytest
from playwright.sync_api import expect

from backend.models.bundle import load_bundle
from backend.windows.beats.detection import DETECTORS
from tests.browser.driving import (
    charts,
    drag,
    pick,
    picked,
    picture_of,
    settle,
    usual_detector,
    visit,
    widest_overhang_px,
    word_in,
)

_COUNT_PROGRESS = """() => {
    window.progressSeen = 0;
    new MutationObserver(() => { window.progressSeen += document.querySelectorAll('[data-testid=stProgress]').length; })
        .observe(document.body, {childList: true, subtree: true});
}"""


def test_each_technique_explains_the_beat_and_is_kept_in_the_address(page, address):
    visit(page, f"{address}beat?record=sim_ventricular_premature&beat=40")
    assert widest_overhang_px(page) <= 0
    for wave in ("QRS", "T"):
        expect(word_in(charts(page).first, wave)).to_be_visible()
    for label, name in (("Input derivative", "derivative"), ("Learned mask", "mask"), ("Occlusion", "occlusion")):
        pick(page, "Technique", label)
        page.wait_for_url(f"**technique={name}**")
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        settle(page)
        expect(word_in(charts(page).first, "salience")).to_be_visible()


def test_marks_that_are_uncertain_are_dashed_on_the_screen(page, address):
    visit(page, f"{address}beat?record=sim_bigeminy&beat=140")
    beat = charts(page).first
    expect(word_in(beat, "QRS ?")).to_be_visible()
    expect(word_in(beat, "dashed or ?: uncertain")).to_be_visible()
    rules = beat.locator("svg [aria-roledescription='rule mark']")
    dashes = rules.evaluate_all("marks => marks.map(mark => getComputedStyle(mark).strokeDasharray)")
    assert dashes.count("5px, 4px") == 3


def test_a_second_view_of_the_same_beat_takes_no_computation(page, address):
    visit(page, f"{address}beat?record=sim_bigeminy&beat=30&technique=mask&p_steps=60")
    page.get_by_role("button", name="Next beat").click()
    page.wait_for_url("**beat=31**")
    settle(page)
    page.evaluate(_COUNT_PROGRESS)
    page.get_by_role("button", name="Previous beat").click()
    page.wait_for_url("**beat=30**")
    settle(page)
    assert page.evaluate("window.progressSeen") == 0


def test_a_long_explanation_shows_progress_and_can_be_stopped(page, address):
    page.goto(f"{address}beat?record=sim_normal&beat=20&technique=mask&p_steps=5000")
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    page.wait_for_url("**technique=occlusion**")
    settle(page)
    expect(picked(page, "Technique")).to_have_value("Occlusion")
    assert "p_steps" not in page.url


def test_a_deleted_stretch_gives_new_probabilities_beside_the_old_ones(page, address):
    visit(page, f"{address}beat?record=sim_normal&beat=20")
    beat = charts(page).first
    window = word_in(beat, "model window").bounding_box()
    middle_x, y = window["x"] + window["width"] / 2, picture_of(beat).bounding_box()["y"] + 130
    drag(page, middle_x - 40, middle_x + 25, y)
    expect(page.get_by_text("Without the tracing from")).to_be_visible()
    settle(page)
    shown = page.locator("[data-testid=stVegaLiteChart] svg text")
    assert shown.filter(has_text="was ").count() == shown.filter(has_text="now ").count() == 6
    page.mouse.dblclick(middle_x, y)
    expect(page.get_by_text("What if?")).to_be_visible()
    settle(page)
    assert shown.filter(has_text="was ").count() == 0


def test_a_click_on_a_measurement_removes_it_and_a_second_click_brings_it_back(page, address):
    visit(page, f"{address}beat?record=sim_normal&beat=20")
    click_row(page, "RR before")
    expect(page.get_by_text("Without RR before, the prediction")).to_be_visible()
    settle(page)
    click_row(page, "RR before")
    expect(page.get_by_text("What if?")).to_be_visible()
    settle(page)


@pytest.mark.parametrize("model", ["ecg-beat", "ecg-beat-2018"])
def test_charts_table_and_values_can_be_downloaded(page, address, model):
    visit(page, f"{address}beat?record=sim_paced&model={model}&beat=12")
    page.get_by_role("button", name="Download", exact=True).click()
    assert downloaded(page, "Picture: beat").startswith(b"\x89PNG")
    table = downloaded(page, "Table (CSV)").decode().splitlines()
    assert len(table) == 1 + load_bundle(model).window.steps
    assert table[0].startswith("step,time_from_r_peak_s,input of lead MLII,salience of lead MLII")
    document = json.loads(downloaded(page, "All values (JSON)"))
    assert (document["record"], document["model"], document["beat"]) == ("sim_paced", model, 12)


def test_another_model_explains_the_same_beat_with_the_detector_it_was_trained_with(page, address):
    # The two detectors find another number of beats before this one.
    visit(page, f"{address}beat?record=sim_dropouts&beat=200")
    before_s = open_beat_s(page)
    for model in ("ecg-beat-2018", "ecg-beat"):
        pick(page, "Model", model)
        page.wait_for_url(f"**model={model}&**")
        settle(page)
        expect(picked(page, "Detector")).to_have_value(DETECTORS[usual_detector(model)].title)
        assert open_beat_s(page) == pytest.approx(before_s, abs=0.15)


def click_row(page, measurement):
    """Click beside the name of a measurement, where its bar may or may not reach."""
    label = page.locator("[data-testid=stVegaLiteChart] svg text").filter(has_text=measurement).first
    label.scroll_into_view_if_needed()
    at = label.bounding_box()
    page.mouse.click(at["x"] + at["width"] + 60, at["y"] + at["height"] / 2)


def open_beat_s(page):
    """Where the open beat is in the record."""
    label = page.get_by_text(re.compile(r"^Beat \(at")).inner_text()
    minutes, seconds = re.search(r"(\d+):([\d.]+)", label).groups()
    return 60 * int(minutes) + float(seconds)


def downloaded(page, name):
    with page.expect_download() as coming:
        page.get_by_role("button", name=name).click()
    return coming.value.path().read_bytes()
