import csv
import os
from pathlib import Path

import numpy as np
import pytest

from backend.records.alarms import ALARM_KINDS, Alarm, annotate_alarms, find_alarms, parse_alarm, parse_challenge_header
from backend.records.channels.sensors import find_sensors
from backend.records.opening import open_record
from backend.records.record import Channel, Record, RecordRefused
from tests.records.well_formed import synthetic_ecg, write_wfdb

DATABASES = os.environ.get("BEATLIGHT_DATA")
needs_databases = pytest.mark.skipif(not DATABASES, reason="BEATLIGHT_DATA names no folder of databases")


def _record(annotations, channels=(("II", "mV"), ("PLETH", "NU"))) -> Record:
    named = tuple(Channel.named(*channel) for channel in channels)
    return Record("rec", np.zeros((1000, len(named)), dtype=np.float32), 250.0, named, annotations)


@pytest.mark.parametrize("is_true", [True, False, None])
@pytest.mark.parametrize("kind", ALARM_KINDS)
def test_an_annotated_alarm_is_found_again(kind, is_true):
    alarm = Alarm(kind, 999, is_true)
    assert find_alarms(_record({"alarm": annotate_alarms([alarm])})) == (alarm,)


def test_an_annotation_without_an_alarm_kind_is_not_an_alarm():
    marks = annotate_alarms([Alarm("sits up", 10), Alarm("asystole, perhaps", 20)])
    assert find_alarms(_record({"edf": marks})) == ()


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
def test_the_alarm_kind_comes_from_the_comments_or_else_from_the_name(comments, kind, is_true):
    annotations = parse_challenge_header("b123l", comments, 1000, 250)
    assert find_alarms(_record(annotations)) == (Alarm(kind, 999, is_true),)


def test_a_record_outside_the_challenge_has_no_alarm():
    assert parse_challenge_header("rec", ["True alarm"], 1000, 250) == {}


@pytest.mark.parametrize(("seconds", "sample"), [(60, 14999), (300, 74999), (330, 74999)])
def test_the_alarm_sounds_at_five_minutes_or_at_the_end(seconds, sample):
    annotations = parse_challenge_header("b123l", [], seconds * 250, 250)
    assert annotations["alarm"].samples.tolist() == [sample]


@pytest.mark.parametrize("mark", ["#", "# "])
def test_comments_of_a_header_give_the_alarm(tmp_path, mark):
    path = write_wfdb(tmp_path, "rec", signals=synthetic_ecg()[:, :1])
    header = path.with_suffix(".hea")
    header.write_text(header.read_text() + f"{mark}Tachycardia\n{mark}True alarm\n")
    assert find_alarms(open_record(path)) == (Alarm("tachycardia", 2499, True),)


@pytest.mark.parametrize(("at_s", "sample"), [(None, 999), (0.0, 0), (2.0, 500), (3.996, 999)])
@pytest.mark.parametrize("kind", ["ventricular tachycardia", "Ventricular_Tachycardia", " VENTRICULAR  tachycardia"])
def test_an_alarm_can_be_specified_by_kind_and_time(kind, at_s, sample):
    assert parse_alarm(_record({}), kind, at_s) == Alarm("ventricular tachycardia", sample)


@pytest.mark.parametrize(
    ("kind", "at_s", "sentence"),
    [
        ("apnoea", None, "Unknown alarm 'apnoea'. Choose one of asystole, bradycardia"),
        ("asystole", 4.0, "alarm time 4 s lies outside rec, which lasts 4 s"),
        ("asystole", -1.0, "alarm time -1 s lies outside"),
        ("asystole", float("nan"), "alarm time nan s lies outside"),
        ("asystole", float("inf"), "alarm time inf s lies outside"),
    ],
)
def test_an_impossible_alarm_is_refused_with_a_reason(kind, at_s, sentence):
    with pytest.raises(RecordRefused, match=sentence):
        parse_alarm(_record({}), kind, at_s)


@needs_databases
def test_headers_of_the_challenge_agree_with_its_index():
    folder = Path(DATABASES) / "challenge2015"
    kinds = {"Ventricular_Flutter_Fib": ALARM_KINDS[4]}
    with (folder / "index.csv").open() as file:
        rows = list(csv.DictReader(file))[::40]
    for row in rows:
        kind = kinds.get(row["alarm"], row["alarm"].replace("_", " ").lower())
        assert find_alarms(open_record(folder / row["record"])) == (Alarm(kind, 14999, row["true_alarm"] == "1"),)


@needs_databases
@pytest.mark.parametrize("name", ["a123l", "f544s", "v221l"])
def test_a_whole_record_and_its_cut_copy_have_the_same_alarm_and_sensors(name):
    folder = Path(DATABASES) / "challenge2015"
    whole, cut = open_record(folder / "full" / name), open_record(folder / name)
    assert find_sensors(whole) == find_sensors(cut)
    (in_whole,), (in_cut,) = find_alarms(whole), find_alarms(cut)
    assert (in_whole.kind, in_whole.is_true) == (in_cut.kind, in_cut.is_true)
    assert (in_whole.sample, in_cut.sample) == (74999, 14999)


@needs_databases
def test_a_record_with_a_flat_ecg_and_a_pulse_can_be_read():
    record = open_record(Path(DATABASES) / "challenge2015" / "a391l")
    assert np.nanstd(record.signals[:, 0]) == 0
    assert find_alarms(record)[0].kind == "asystole"
