import re

import pytest
from playwright.sync_api import expect

from backend.windows.beats.detection import DETECTORS
from tests.browser.conftest import FLUTTER, HIDDEN, MISLABELLED, UNMARKED
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

CLOCK = re.compile(r"(\d+):([\d.]+)–(\d+):([\d.]+) of (\d+):([\d.]+)")


def clock(page):
    """The stretch on the paper, as the screen states it."""
    return page.get_by_text(CLOCK).inner_text()


def shown_s(page):
    """First and last second that the paper shows, and how long the record is."""
    parts = [float(part) for part in CLOCK.search(clock(page)).groups()]
    return tuple(60 * minutes + seconds for minutes, seconds in zip(parts[::2], parts[1::2], strict=True))


def strip_point(page, share):
    """A point of the strip's trace, this share of the record from its left end."""
    box = picture_of(charts(page).first).bounding_box()
    ground = charts(page).first.locator("svg path.background").first.bounding_box()
    return ground["x"] + share * ground["width"], box["y"] + 60


def clipped_metric_labels(page):
    return page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMetricLabel] *')]
        .filter(part => part.scrollWidth > part.clientWidth && getComputedStyle(part).overflowX !== 'visible')
        .map(part => part.innerText)"""
    )


def test_a_new_user_sees_a_simulated_record_with_its_figures(page, address):
    visit(page, address)
    expect(page.get_by_test_id("stBadge").or_(page.get_by_text("simulated", exact=True)).first).to_be_visible()
    expect(page.get_by_text("Not a medical device")).to_be_visible()
    for number in ("Duration", "Mean rate", "Beats detected", "Sensitivity", "PPV"):
        expect(page.get_by_test_id("stMetric").filter(has_text=number)).to_be_visible()
    expect(page.get_by_text("Agreement with the reference")).to_be_visible()
    assert clipped_metric_labels(page) == []
    assert widest_overhang_px(page) <= 0


def test_a_disagreement_is_ringed_on_the_paper_and_a_click_opens_it(page, address):
    visit(page, f"{address}?record={MISLABELLED}")
    ring = word_in(charts(page).nth(1), "ref V").bounding_box()
    page.mouse.click(ring["x"] + ring["width"] / 2, ring["y"] + 60)
    page.wait_for_url("**/beat?*")
    settle(page)
    expect(page.get_by_text("model and reference disagree")).to_be_visible()
    expect(page.get_by_text("Reference: PVC")).to_be_visible()


def test_a_brush_and_a_click_on_the_strip_choose_what_the_paper_shows(page, address):
    visit(page, f"{address}?record=sim_normal")
    before = clock(page)
    from_x, y = strip_point(page, 0.5)
    to_x, _ = strip_point(page, 0.55)
    drag(page, from_x, to_x, y)
    expect(page.get_by_text(before)).to_have_count(0)
    settle(page)
    start_s, end_s, duration_s = shown_s(page)
    assert start_s == pytest.approx(0.5 * duration_s, abs=1)
    assert end_s == pytest.approx(0.55 * duration_s, abs=1)
    before = clock(page)
    page.mouse.click(*strip_point(page, 0.25))
    expect(page.get_by_text(before)).to_have_count(0)
    settle(page)
    start_s, end_s, duration_s = shown_s(page)
    assert (start_s + end_s) / 2 == pytest.approx(0.25 * duration_s, abs=1)


def test_a_beat_of_the_filtered_table_opens(page, address):
    visit(page, f"{address}?record={MISLABELLED}")
    page.get_by_role("button", name="disagreements", exact=True).or_(
        page.get_by_role("radio", name="disagreements", exact=True)
    ).click()
    settle(page)
    expect(page.get_by_text(re.compile(r"^1 of \d+ beats$"))).to_be_visible()
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 17, box["y"] + 35 + 17)
    page.wait_for_url("**/beat?*")
    settle(page)
    expect(page.get_by_text("Reference: PVC")).to_be_visible()


def test_excluded_segments_are_drawn_and_counted(page, address):
    visit(page, f"{address}?record=sim_dropouts")
    excluded = page.get_by_test_id("stMetric").filter(has_text="Excluded").get_by_test_id("stMetricValue")
    assert int(excluded.inner_text()) >= 3
    page.mouse.click(*strip_point(page, 32 / 180))
    expect(word_in(charts(page).nth(1), "no signal")).to_be_visible()
    settle(page)


def test_missed_and_false_beats_are_listed_and_a_click_or_a_key_shows_them_on_the_paper(page, address):
    visit(page, f"{address}?record={HIDDEN}")
    expect(page.get_by_text("Detection errors: 2 missed, 1 false")).to_be_visible()
    paper = charts(page).nth(1)
    for key in ("m", "Shift+M"):
        before = clock(page)
        page.keyboard.press(key)
        expect(page.get_by_text(before)).to_have_count(0)
        settle(page)
    expect(word_in(paper, "– missed")).to_be_visible()
    before = clock(page)
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    page.mouse.click(box["x"] + 17, box["y"] + 35 + 17)
    expect(page.get_by_text(before)).to_have_count(0)
    settle(page)
    expect(word_in(paper, "× false")).to_be_visible()


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ("sim_normal", "Every reference beat was detected, without false detections."),
        (FLUTTER, "The reference marks no beats outside ventricular flutter."),
        (UNMARKED, "Without a reference, agreement cannot be measured."),
    ],
)
def test_without_detection_errors_a_sentence_states_why(page, address, record, sentence):
    visit(page, f"{address}?record={record}")
    expect(page.get_by_text(sentence)).to_be_visible()
    sensitivity = page.get_by_test_id("stMetric").filter(has_text="Sensitivity").get_by_test_id("stMetricValue")
    assert sensitivity.inner_text() == ("100.00%" if record == "sim_normal" else "–")


def test_another_detector_can_be_chosen_and_is_kept_in_the_address(page, address):
    visit(page, f"{address}?record=sim_normal")
    usual = usual_detector("ecg-beat")
    (name,) = set(DETECTORS) - {usual}
    trained_with, other = DETECTORS[usual].title, DETECTORS[name].title
    expect(picked(page, "Detector")).to_have_value(trained_with)
    pick(page, "Detector", other)
    page.wait_for_url(f"**detector={name}**")
    expect(page.get_by_text(f"trained on beats detected by {trained_with}")).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="Sensitivity")).to_be_visible()
    visit(page, page.url)
    expect(picked(page, "Detector")).to_have_value(other)


def test_a_detector_that_was_chosen_stays_when_the_model_changes(page, address):
    visit(page, f"{address}?record=sim_normal")
    usual = usual_detector("ecg-beat")
    for name in (*(set(DETECTORS) - {usual}), usual):
        pick(page, "Detector", DETECTORS[name].title)
        for model in ("ecg-beat-2018", "ecg-beat"):
            pick(page, "Model", model)
            expect(picked(page, "Detector")).to_have_value(DETECTORS[name].title)
