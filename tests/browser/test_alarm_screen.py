import json
import re

import numpy as np
import pytest
import wfdb
from playwright.sync_api import expect

from backend.charts.style.theme import DARK, LIGHT
from backend.charts.style.trace_colours import trace_colour
from tests.browser.driving import (
    charts,
    drag,
    go_to,
    pick,
    picked,
    picture_of,
    settle,
    visit,
    widest_overhang_px,
    word_in,
)
from tests.browser.test_uploads import SIMULATED, upload, zipped

ALARM = "sim_alarm_asystole"
WITHOUT = re.compile(r"^Without .*(as if not recorded|blanked), the prediction")


@pytest.fixture
def alarm(page, address):
    visit(page, f"{address}icu_alarm?record={ALARM}")
    return page


def monitor(page):
    return charts(page).first


def deleted_sensors(page, name):
    return page.get_by_test_id("stButtonGroup").first.get_by_role("button", name=name, exact=True)


def upload_together(page, files):
    chosen = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files.items()
    ]
    page.locator("input[type=file]").set_input_files(chosen)
    expect(charts(page).first).to_be_visible()
    settle(page)


def unnamed_alarm():
    """An upload that says neither which alarm sounded nor when."""
    header = (SIMULATED / f"{ALARM}.hea").read_text().replace(ALARM, "mine")
    header = "".join(line for line in header.splitlines(keepends=True) if not line.startswith("#"))
    return {"mine.hea": header.encode(), "mine.dat": (SIMULATED / f"{ALARM}.dat").read_bytes()}


def test_each_sensor_has_a_lane_and_a_missing_one_says_so(alarm):
    for word in ("ECG II", "ABP", "PLETH", "RESP not recorded", "asystole", "mmHg", "model window"):
        expect(word_in(monitor(alarm), word)).to_be_visible()
    expect(alarm.get_by_text("simulated", exact=True)).to_be_visible()
    expect(alarm.get_by_text("Probability of a true alarm")).to_be_visible()
    assert widest_overhang_px(alarm) <= 0


def test_each_technique_explains_the_alarm_and_is_kept_in_the_address(alarm):
    for label, name in (("Input derivative", "derivative"), ("Learned mask", "mask"), ("Occlusion", "occlusion")):
        pick(alarm, "Technique", label)
        alarm.wait_for_url(f"**technique={name}**")
        expect(alarm.get_by_role("button", name="Stop")).to_have_count(0)
        settle(alarm)
        expect(word_in(monitor(alarm), "salience")).to_be_visible()


def test_a_long_explanation_shows_progress_and_can_be_stopped(page, address):
    page.goto(f"{address}icu_alarm?record={ALARM}&technique=mask&p_steps=5000")
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    page.wait_for_url("**technique=occlusion**")
    settle(page)
    expect(picked(page, "Technique")).to_have_value("Occlusion")


def test_a_deleted_sensor_gives_a_new_probability_beside_the_old_one(alarm):
    deleted_sensors(alarm, "ABP").click()
    expect(alarm.get_by_text(WITHOUT)).to_contain_text("Without ABP,")
    settle(alarm)
    expect(word_in(monitor(alarm), "deleted")).to_be_visible()
    shown = alarm.locator("[data-testid=stVegaLiteChart] svg text")
    assert shown.filter(has_text="was ").count() == shown.filter(has_text="now ").count() == 2
    deleted_sensors(alarm, "PLETH").click()
    expect(alarm.get_by_text(WITHOUT)).to_contain_text("Without ABP and PLETH,")
    deleted_sensors(alarm, "ABP").click()
    deleted_sensors(alarm, "PLETH").click()
    expect(alarm.get_by_text(WITHOUT)).to_have_count(0)


def test_a_brushed_stretch_is_deleted_from_all_sensors_or_from_those_chosen(alarm):
    box = picture_of(monitor(alarm)).bounding_box()
    y = box["y"] + 150
    drag(alarm, box["x"] + 200, box["x"] + 320, y)
    expect(alarm.get_by_text(WITHOUT)).to_contain_text("s of all sensors")
    deleted_sensors(alarm, "ABP").click()
    expect(alarm.get_by_text(WITHOUT)).to_contain_text("s of ABP")
    settle(alarm)
    alarm.mouse.dblclick(box["x"] + 260, y)
    expect(alarm.get_by_text(WITHOUT)).to_contain_text("Without ABP,")


def test_the_minute_before_can_be_shown_though_the_model_does_not_read_it(alarm):
    expect(word_in(monitor(alarm), "−50")).to_have_count(0)
    alarm.get_by_text("Preceding 60 s").click()
    expect(word_in(monitor(alarm), "−50")).to_be_visible()
    expect(word_in(charts(alarm).nth(1), "−50")).to_be_visible()
    settle(alarm)
    alarm.get_by_role("heading", name=ALARM).scroll_into_view_if_needed()
    box = picture_of(monitor(alarm)).bounding_box()
    drag(alarm, box["x"] + 120, box["x"] + 200, box["y"] + 150)
    expect(alarm.get_by_text("The model does not read these seconds")).to_be_visible()
    expect(alarm.get_by_text(WITHOUT)).to_have_count(0)


def test_a_colour_that_is_chosen_is_kept_for_the_session(alarm):
    assert trace_colour("red", LIGHT) in fills(monitor(alarm), "ABP")
    alarm.get_by_role("button", name="Colours").click()
    expect(alarm.get_by_text("no standard defines them")).to_be_visible()
    pick(alarm, "ABP", "magenta")
    alarm.keyboard.press("Escape")
    alarm.get_by_role("button", name="Next sample").click()
    alarm.wait_for_url(lambda url: ALARM not in url)
    settle(alarm)
    assert trace_colour("magenta", LIGHT) in fills(monitor(alarm), "ABP")


def fills(chart, word):
    """The colours in which a word is drawn in a chart."""
    return [text.get_attribute("fill").upper() for text in chart.locator("svg text", has_text=word).all()]


def test_the_arrow_keys_go_from_sample_to_sample(alarm):
    alarm.get_by_role("heading", name=ALARM).click()
    alarm.keyboard.press("ArrowRight")
    alarm.wait_for_url(lambda url: f"record={ALARM}&" not in url)
    settle(alarm)
    alarm.keyboard.press("ArrowLeft")
    alarm.wait_for_url(f"**record={ALARM}&**")


def test_every_column_of_a_sensor_is_shown_with_its_name(alarm):
    for source, column in (
        ("PLETH", "flat line"),
        ("sensors together", "highest rate over"),
        ("alarm type", "asystole"),
    ):
        alarm.get_by_test_id("stButtonGroup").last.get_by_text(source, exact=True).click()
        settle(alarm)
        expect(word_in(charts(alarm).last, column)).to_be_visible()


def test_charts_table_and_values_can_be_downloaded(alarm):
    alarm.get_by_role("button", name="Download", exact=True).click()
    for shown in ("monitor", "scores over time", "ranking", "columns"):
        assert downloaded(alarm, f"Picture: {shown}").startswith(b"\x89PNG")
    assert b"salience of" in downloaded(alarm, "Table (CSV)").splitlines()[0]
    document = json.loads(downloaded(alarm, "All values (JSON)"))
    assert document["record"] == ALARM
    assert {own["variable"] for own in document["ranking"]} >= {"ABP", "PLETH"}


def downloaded(page, name):
    with page.expect_download() as coming:
        page.get_by_role("button", name=name).click()
    return coming.value.path().read_bytes()


def test_a_link_reopens_the_same_view(alarm, browser):
    other = "false alarm" if "true" in picked(alarm, "Target class").input_value() else "true alarm"
    pick(alarm, "Target class", other)
    alarm.wait_for_url("**target=**")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    again = context.new_page()
    visit(again, alarm.url)
    expect(picked(again, "Target class")).to_have_value(other)
    expect(picked(again, "Record")).to_have_value(ALARM)
    context.close()


@pytest.mark.parametrize("query", ["record=../../secret", f"record={ALARM}&alarm=7&technique=guess&target=perhaps"])
def test_a_link_with_unknown_names_opens_with_a_sentence(page, address, query):
    visit(page, f"{address}icu_alarm?{query}")
    expect(page.get_by_test_id("stAlert").first).to_be_visible()


def test_the_screen_follows_a_dark_theme(dark_page, address):
    visit(dark_page, f"{address}icu_alarm?record={ALARM}")
    assert trace_colour("red", DARK) in fills(monitor(dark_page), "ABP")
    assert word_in(monitor(dark_page), "alarm:").get_attribute("fill").upper() == DARK.text
    assert widest_overhang_px(dark_page) <= 0


@pytest.fixture
def own_files(alarm):
    pick(alarm, "Record", "Your own files")
    expect(alarm.get_by_text("Upload all files of one record")).to_be_visible()
    return alarm


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("mine.zip", b"no archive at all", "mine.zip"),
        ("mine.zip", zipped("sim_normal.hea", "sim_normal.dat"), "neither arterial pressure"),
        ("mine.zip", zipped(f"{ALARM}.hea"), "is missing"),
    ],
)
def test_a_bad_file_or_a_record_without_sensors_is_refused_in_a_sentence(own_files, name, content, sentence):
    page = own_files
    upload(page, name, content)
    expect(page.get_by_test_id("stAlert").filter(has_text=sentence)).to_be_visible()
    settle(page)
    expect(charts(page)).to_have_count(0)


def test_alarm_type_and_time_are_chosen_where_the_record_has_neither(own_files):
    page = own_files
    upload_together(page, unnamed_alarm())
    pick(page, "Alarm type", "tachycardia")
    expect(word_in(monitor(page), "tachycardia")).to_be_visible()
    page.get_by_label("Alarm time (s)").fill("4")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stAlert").filter(has_text="before the alarm")).to_be_visible()
    settle(page)
    page.get_by_label("Alarm time (s)").fill("40")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Preceding 40 s")).to_be_visible()
    assert "?" not in page.url
    go_to(page, "Record")
    go_to(page, "ICU alarm")
    expect(page.get_by_role("button", name="Remove record")).to_be_visible()


def test_the_arrow_keys_go_from_alarm_to_alarm_where_a_record_has_several(own_files, tmp_path):
    page = own_files
    notes = ["asystole", "tachycardia, false alarm"]
    wfdb.wrann("mine", "alarm", np.array([5000, 14000]), ['"', '"'], aux_note=notes, write_dir=str(tmp_path))
    upload_together(page, unnamed_alarm() | {"mine.alarm": (tmp_path / "mine.alarm").read_bytes()})
    expect(word_in(monitor(page), "asystole")).to_be_visible()
    expect(page.get_by_text("Reference: none")).to_be_visible()
    page.get_by_role("heading", name="mine").click()
    page.keyboard.press("ArrowRight")
    expect(word_in(monitor(page), "tachycardia")).to_be_visible()
    expect(page.get_by_text("Reference: false alarm")).to_be_visible()
    settle(page)
