import csv
import os
from pathlib import Path

import numpy as np
import pytest

from backend.records.alarms import (
    ALARM_KINDS,
    Alarm,
    alarm_annotations,
    alarm_marks,
    alarm_named,
    alarms_of,
    has_alarm_sensors,
    sensors,
)
from backend.records.opening import open_record
from backend.records.record import Channel, Record, RecordRefused
from tests.records.well_formed import synthetic_ecg, write_wfdb

DATABASES = os.environ.get("BEATLIGHT_DATA")
needs_databases = pytest.mark.skipif(not DATABASES, reason="BEATLIGHT_DATA names no folder of databases")


def _record(annotations, channels=(("II", "mV"), ("PLETH", "NU"))) -> Record:
    named = tuple(Channel(*channel) for channel in channels)
    return Record("rec", np.zeros((1000, len(named)), dtype=np.float32), 250.0, named, annotations)


@pytest.mark.parametrize("is_true", [True, False, None])
@pytest.mark.parametrize("kind", ALARM_KINDS)
def test_what_is_written_of_an_alarm_is_read_back(kind, is_true):
    alarm = Alarm(kind, 999, is_true)
    assert alarms_of(_record({"alarm": alarm_marks([alarm])})) == (alarm,)


def test_a_mark_that_names_no_alarm_is_none():
    marks = alarm_marks([Alarm("sits up", 10), Alarm("asystole, perhaps", 20)])
    assert alarms_of(_record({"edf": marks})) == ()


@pytest.mark.parametrize(
    ("comments", "kind", "is_true"),
    [
        (["Asystole", "False alarm"], "asystole", False),
        (["Ventricular_Flutter_Fib", "True alarm"], "ventricular flutter or fibrillation", True),
        (["Ventricular_Tachycardia"], "ventricular tachycardia", None),
        (["True alarm"], "bradycardia", True),
        (["of a man of 60"], "bradycardia", None),
    ],
)
def test_the_kind_stands_in_the_comments_or_else_in_the_name(comments, kind, is_true):
    annotations = alarm_annotations("b123l", comments, 1000, 250)
    assert alarms_of(_record(annotations)) == (Alarm(kind, 999, is_true),)


def test_a_record_of_no_challenge_has_no_alarm():
    assert alarm_annotations("rec", ["True alarm"], 1000, 250) == {}


@pytest.mark.parametrize(("seconds", "sample"), [(60, 14999), (300, 74999), (330, 74999)])
def test_the_alarm_sounds_at_five_minutes_or_at_the_end(seconds, sample):
    annotations = alarm_annotations("b123l", [], seconds * 250, 250)
    assert annotations["alarm"].samples.tolist() == [sample]


@pytest.mark.parametrize("mark", ["#", "# "])
def test_a_header_says_which_alarm_it_is(tmp_path, mark):
    path = write_wfdb(tmp_path, "rec", signals=synthetic_ecg()[:, :1])
    header = path.with_suffix(".hea")
    header.write_text(header.read_text() + f"{mark}Tachycardia\n{mark}True alarm\n")
    assert alarms_of(open_record(path)) == (Alarm("tachycardia", 2499, True),)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["II", "V", "PLETH", "ABP"], [0, 1, 3, 2, None]),
        (["V", "II", "ART", "RESP"], [1, 0, 2, None, 3]),
        (["III", "MCL", "SpO2 pleth"], [0, 1, None, 2, None]),
        (["ECG", "PPG", "Art BP"], [0, None, 2, 1, None]),
        (["V1", "III", "I", "II", "BP"], [3, 0, 4, None, None]),
        (["II", "NIBP", "CVP", "Temp"], [0, None, None, None, None]),
    ],
)
def test_sensors_are_found_by_name(names, expected):
    units = {"ABP": "mmHg", "ART": "mmHg", "BP": "mmHg", "Art BP": "mmHg", "NIBP": "mmHg", "CVP": "mmHg"}
    record = _record({}, [(name, units.get(name, "NU" if len(name) > 3 else "mV")) for name in names])
    assert list(sensors(record).values()) == expected


@pytest.mark.parametrize(("at_s", "sample"), [(None, 999), (0.0, 0), (2.0, 500), (3.996, 999)])
@pytest.mark.parametrize("said", ["ventricular tachycardia", "Ventricular_Tachycardia", " VENTRICULAR  tachycardia"])
def test_a_person_can_say_which_alarm_sounded_when(said, at_s, sample):
    assert alarm_named(_record({}), said, at_s) == Alarm("ventricular tachycardia", sample)


@pytest.mark.parametrize(
    ("kind", "at_s", "sentence"),
    [
        ("apnoea", None, "no alarm 'apnoea'; choose one of asystole, bradycardia"),
        ("asystole", 4.0, "lasts 4 s, so that no alarm can have sounded at 4 s"),
        ("asystole", -1.0, "no alarm can have sounded at -1 s"),
        ("asystole", float("nan"), "no alarm can have sounded at nan s"),
        ("asystole", float("inf"), "no alarm can have sounded at inf s"),
    ],
)
def test_an_alarm_that_cannot_be_is_refused_with_a_sentence(kind, at_s, sentence):
    with pytest.raises(RecordRefused, match=sentence):
        alarm_named(_record({}), kind, at_s)


@pytest.mark.parametrize(
    ("names", "enough"),
    [(("II",), False), (("II", "V"), False), (("ABP", "PLETH"), False), (("II", "RESP"), True), (("V", "ABP"), True)],
)
def test_an_alarm_needs_an_ecg_and_one_more_sensor(names, enough):
    units = {"ABP": "mmHg", "PLETH": "NU", "RESP": "NU"}
    assert has_alarm_sensors(_record({}, [(name, units.get(name, "mV")) for name in names])) == enough


@pytest.mark.parametrize(
    ("channels", "found"),
    [
        ([("ABP Mean", "mmHg"), ("ABPSys", "mmHg"), ("ABP", "mmHg")], 3),
        ([("ART dia", "mmHg")], None),
        ([("ART radial", "mmHg")], 1),
        ([("ABP", "mV")], None),
        ([("IBP1", "kPa")], 1),
    ],
)
def test_the_pressure_is_its_wave_not_its_numbers_nor_volts(channels, found):
    assert sensors(_record({}, [("II", "mV"), *channels]))["ABP"] == found


def test_the_oxygen_saturation_is_no_pulse_wave():
    assert sensors(_record({}, [("II", "mV"), ("SpO2", "%")]))["PLETH"] is None


@needs_databases
def test_headers_of_the_challenge_agree_with_its_index():
    folder = Path(DATABASES) / "challenge2015"
    kinds = {"Ventricular_Flutter_Fib": ALARM_KINDS[4]}
    with (folder / "index.csv").open() as file:
        rows = list(csv.DictReader(file))[::40]
    for row in rows:
        kind = kinds.get(row["alarm"], row["alarm"].replace("_", " ").lower())
        assert alarms_of(open_record(folder / row["record"])) == (Alarm(kind, 14999, row["true_alarm"] == "1"),)


@needs_databases
@pytest.mark.parametrize("name", ["a123l", "f544s", "v221l"])
def test_a_whole_record_and_its_cut_copy_have_the_same_alarm_and_sensors(name):
    folder = Path(DATABASES) / "challenge2015"
    whole, cut = open_record(folder / "full" / name), open_record(folder / name)
    assert sensors(whole) == sensors(cut)
    (in_whole,), (in_cut,) = alarms_of(whole), alarms_of(cut)
    assert (in_whole.kind, in_whole.is_true) == (in_cut.kind, in_cut.is_true)
    assert (in_whole.sample, in_cut.sample) == (74999, 14999)


@needs_databases
def test_a_record_whose_ecg_is_flat_while_the_pulse_lives_can_be_read():
    record = open_record(Path(DATABASES) / "challenge2015" / "a391l")
    assert np.nanstd(record.signals[:, 0]) == 0
    assert alarms_of(record)[0].kind == "asystole"
