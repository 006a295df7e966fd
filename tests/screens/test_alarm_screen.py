from tests.browser.conftest import ROOT
from tests.screens.driving import (
    address,
    charts,
    choose,
    enter,
    has_chart_of,
    hints,
    names,
    open_screen,
    press,
    prose,
    select,
    switch,
    turn,
    upload,
    warned,
)

ALARM = "sim_alarm_asystole"
SIMULATED = ROOT / "sample_records" / "simulated"
MONITOR, OVER_TIME = 0, 1


def unnamed_alarm():
    """An upload that says neither which alarm sounded nor when."""
    header = (SIMULATED / f"{ALARM}.hea").read_text().replace(ALARM, "mine")
    header = "".join(line for line in header.splitlines(keepends=True) if not line.startswith("#"))
    return {"mine.hea": header.encode(), "mine.dat": (SIMULATED / f"{ALARM}.dat").read_bytes()}


def open_alarm():
    return open_screen("icu_alarm", record=ALARM)


def test_an_alarm_opens_with_its_lanes_its_class_and_its_important_sensors():
    screen = open_alarm()
    for words in ("ABP", "not recorded", "asystole", "mmHg"):
        assert has_chart_of(screen, words)
    assert "Reference: **true alarm**" in prose(screen)
    assert len(charts(screen)) == 5


def test_the_costs_behind_the_threshold_and_the_reach_of_the_features_are_explained_on_request():
    texts = hints(open_alarm())
    assert "a missed true alarm costs five times" in texts
    assert "from the whole minute before the alarm" in texts


def test_a_sensor_or_a_brushed_stretch_is_deleted_and_gives_a_new_probability():
    screen = switch(open_alarm(), "Deleted sensors", ["ABP"])
    assert "**ABP**, as if not recorded" in prose(screen)
    select(screen, charts(screen)[MONITOR], {"deleted": {"time_s": [-6.0, -3.0]}})
    assert "−6.0 to −3.0 s of **ABP**" in prose(screen)
    switch(screen, "Deleted sensors", [])
    assert "**all sensors**" in prose(screen)


def test_a_record_without_the_first_lead_would_have_another_first_lead_and_the_what_if_says_so():
    screen = switch(open_alarm(), "Deleted sensors", ["ECG 1"])
    assert "as if silent, with the other ECG lead still second" in prose(screen)
    switch(screen, "Deleted sensors", ["ECG 1", "ECG 2"])
    assert "as if not recorded" in prose(screen)


def test_the_minute_before_is_shown_and_seconds_outside_of_the_window_change_nothing():
    screen = turn(open_alarm(), "Preceding 60 s")
    select(screen, charts(screen)[MONITOR], {"deleted": {"time_s": [-50.0, -40.0]}})
    assert "does not read these seconds" in prose(screen)
    assert "as if" not in prose(screen)


def test_a_colour_is_kept_for_the_next_sample():
    screen = choose(open_alarm(), "ABP", "magenta")
    press(screen, "Next sample")
    assert address(screen)["record"] != ALARM
    assert next(one for one in screen.selectbox if one.label == "ABP").value == "magenta"


def test_each_source_shows_its_own_columns():
    screen = switch(open_alarm(), "Sensor", "PLETH")
    assert "flat line" in str(charts(screen)[-1].proto)


def test_another_technique_and_class_are_kept_in_the_address():
    screen = choose(open_alarm(), "Technique", "derivative")
    choose(screen, "Target class", "false alarm")
    assert address(screen).items() >= {"technique": "derivative", "target": "false alarm"}.items()


def test_an_upload_without_alarm_annotations_takes_type_and_time_from_the_reader():
    screen = upload(choose(open_alarm(), "Record", "Your own files …"), unnamed_alarm())
    choose(screen, "Alarm type", "tachycardia")
    assert has_chart_of(screen, "tachycardia")
    enter(screen, "Alarm time (s)", 4.0)
    assert "before the alarm" in screen.error[0].value
    enter(screen, "Alarm time (s)", 40.0)
    assert "Preceding 40 s" in names(screen, "toggle")
    assert address(screen) == {}


def test_a_record_without_sensors_of_alarms_is_open_on_the_beat_screen_with_a_sentence():
    screen = choose(open_alarm(), "Record", "Your own files …")
    upload(screen, {name: (SIMULATED / name).read_bytes() for name in ("sim_normal.hea", "sim_normal.dat")})
    assert ["neither arterial pressure" in own.value for own in screen.main.info] == [True]
    assert not screen.sidebar.info
    assert [link.label for link in screen.get("page_link")] == ["Go to the Beat screen"]


def test_a_link_with_unknown_names_opens_with_a_sentence_for_each():
    screen = open_screen("icu_alarm", record=ALARM, alarm="7", technique="guess", target="perhaps")
    assert warned(screen, "alarm 7", "guess", "perhaps")
    assert charts(screen)
