import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from backend.records.alarms import ALARM_KINDS, Alarm, find_alarms
from backend.records.opening import open_record
from backend.records.record import Channel, Record, RecordRefused
from backend.windows.alarms.alarm_windows import ALARM_TYPE, TOGETHER, AlarmWindow, cut_alarms
from backend.windows.base import Windows, distinct
from tests.windows.made_alarms import CHANNELS, beat_times, bedside_record, bedside_signals

DATABASES = os.environ.get("BEATLIGHT_DATA")
needs_databases = pytest.mark.skipif(not DATABASES, reason="BEATLIGHT_DATA names no folder of databases")

WINDOW = AlarmWindow()
STEADY = bedside_signals(beat_times(60))


def _cut(record: Record) -> Windows:
    return cut_alarms(record, find_alarms(record), WINDOW)


def _told(windows: Windows, variable: str) -> np.ndarray:
    """One variable of the first window in its unit, shape = (T,)."""
    return WINDOW.in_units(windows.values)[0, :, windows.variables.index(variable)]


def test_every_column_has_a_name_a_source_and_a_unit():
    windows = _cut(bedside_record(STEADY))
    assert windows.values.shape == (1, WINDOW.steps, len(WINDOW.variables))
    assert len(WINDOW.variables) == len(WINDOW.sources) == len(WINDOW.units) == len(WINDOW.absent)
    assert len(set(WINDOW.variables)) == len(WINDOW.variables)
    assert distinct(WINDOW.sources) == ("ECG 1", "ECG 2", "ABP", "PLETH", "RESP", TOGETHER, ALARM_TYPE)
    assert distinct(windows.sources) == ("ECG II", "ECG V", "ABP", "PLETH", "RESP", TOGETHER, ALARM_TYPE)


def test_a_card_restores_the_alarm_window():
    assert AlarmWindow(**json.loads(json.dumps(asdict(WINDOW)))) == WINDOW


def test_every_sensor_shows_the_rate_of_a_steady_heart():
    windows = _cut(bedside_record(STEADY))
    for sensor in ("ECG II", "ECG V", "ABP", "PLETH"):
        rate = _told(windows, f"rate over 4 intervals from {sensor}")
        np.testing.assert_allclose(rate, 75, rtol=0.03)
    assert _told(windows, "systolic pressure of ABP")[-1] == pytest.approx(115, abs=2)
    assert _told(windows, "pulse pressure of ABP")[-1] == pytest.approx(40, abs=2)


def test_every_sensor_counts_the_seconds_of_an_asystole():
    windows = _cut(bedside_record(bedside_signals(beat_times(60, stops_s=54))))
    last_beat_s = beat_times(60, stops_s=54)[-1]
    assert _told(windows, "seconds since a beat in ECG II")[-1] == pytest.approx(60 - last_beat_s, abs=0.1)
    assert _told(windows, "seconds since a beat in any sensor")[-1] == pytest.approx(60 - last_beat_s, abs=0.4)
    assert _told(windows, "maximum so far: seconds since a beat in any sensor")[-1] > 5


def test_a_disconnected_lead_differs_from_an_asystole():
    signals = STEADY.copy()
    signals[54 * 250 :, :2] = 0.0
    windows = _cut(bedside_record(signals))
    assert _told(windows, "seconds since a beat in any ECG lead")[-1] > 5
    assert _told(windows, "seconds since a beat in any sensor")[-1] < 1
    assert _told(windows, "flat line in ECG II")[-8] > 0.9


def test_a_missing_sensor_is_marked_as_missing_and_has_zero_columns():
    windows = _cut(bedside_record(STEADY[:, [0, 1, 3]], channels=(*CHANNELS[:2], CHANNELS[3])))
    assert "no ABP" in windows.sources
    assert _told(windows, "no ABP is available").max() == 0
    of_pressure = np.array([source == "ABP" for source in WINDOW.sources])
    np.testing.assert_array_equal(windows.values[0][:, of_pressure], 0.0)


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_a_sensor_without_a_signal_is_missing(value):
    signals = STEADY.copy()
    signals[:, 2] = value
    without = bedside_record(STEADY[:, [0, 1, 3, 4]], channels=(*CHANNELS[:2], *CHANNELS[3:]))
    np.testing.assert_array_equal(_cut(bedside_record(signals)).values, _cut(without).values)


def test_hiding_a_sensor_equals_a_record_without_it():
    windows = _cut(bedside_record(STEADY))
    hidden = np.zeros((1, WINDOW.steps, 7), dtype=bool)
    hidden[:, :, 2] = True
    without = bedside_record(STEADY[:, [0, 1, 3, 4]], channels=(*CHANNELS[:2], *CHANNELS[3:]))
    np.testing.assert_array_equal(WINDOW.without(windows.values, hidden), _cut(without).values)


def test_hiding_the_first_lead_leaves_the_other_in_its_place_unlike_a_record_without_it():
    windows = _cut(bedside_record(STEADY))
    hidden = np.zeros((1, WINDOW.steps, 7), dtype=bool)
    hidden[:, :, 0] = True
    left = WINDOW.without(windows.values, hidden)
    without = _cut(bedside_record(STEADY[:, 1:], channels=CHANNELS[1:])).values
    first, second = (WINDOW.variables.index(f"{sensor} is available") for sensor in ("ECG 1", "ECG 2"))
    assert (left[0, 0, first], left[0, 0, second]) == (without[0, 0, second], without[0, 0, first])
    assert left[0, 0, first] == 0.0 < left[0, 0, second]


def test_hiding_nothing_changes_nothing():
    windows = _cut(bedside_record(STEADY))
    hidden = np.zeros((3, WINDOW.steps, 7), dtype=bool)
    np.testing.assert_array_equal(WINDOW.without(windows.values, hidden), np.repeat(windows.values, 3, axis=0))


def test_hidden_steps_do_not_count_in_the_statistics_of_the_window():
    windows = _cut(bedside_record(bedside_signals(beat_times(60, stops_s=54))))
    hidden = np.zeros((1, WINDOW.steps, 7), dtype=bool)
    hidden[:, 60:, :] = True
    left = WINDOW.without(windows.values, hidden)
    column = WINDOW.variables.index("maximum so far: seconds since a beat in ECG 1")
    assert windows.values[0, -1, column] > left[0, -1, column]
    np.testing.assert_array_equal(left[0, :60], windows.values[0, :60])
    np.testing.assert_array_equal(left[0, 60:, column], left[0, 59, column])


def test_the_alarm_type_can_be_hidden_alone():
    windows = _cut(bedside_record(STEADY, kind="tachycardia"))
    assert WINDOW.in_units(windows.values)[0, 0, -5:].tolist() == [float(kind == "tachycardia") for kind in ALARM_KINDS]
    hidden = np.zeros((1, WINDOW.steps, 7), dtype=bool)
    hidden[:, :, 6] = True
    left = WINDOW.without(windows.values, hidden)
    np.testing.assert_array_equal(left[:, :, :-5], windows.values[:, :, :-5])
    np.testing.assert_array_equal(left[:, :, -5:], 0.0)


def test_only_the_context_before_the_alarm_has_an_influence():
    record = bedside_record(bedside_signals(beat_times(90), 90.0))
    early = np.concatenate([np.random.default_rng(1).normal(0, 1, (2500, 5)), record.signals])
    late = np.concatenate([early, np.random.default_rng(2).normal(0, 1, (2500, 5))]).astype(np.float32)
    (alarm,) = find_alarms(record)
    (moved,) = cut_alarms(bedside_record(late), [Alarm(alarm.kind, alarm.sample + 2500)], WINDOW).values
    np.testing.assert_array_equal(moved, _cut(record).values[0])


def test_a_gap_is_missing_for_as_long_as_it_lasts():
    signals = STEADY.copy()
    signals[-1000:-500, 0] = np.nan
    is_there = _told(_cut(bedside_record(signals)), "ECG II is available")
    assert is_there[-31:-17].max() == 0
    assert is_there[-14:].min() == is_there[:-34].min() == 1


def test_seconds_before_the_first_sample_are_missing():
    record = bedside_record(bedside_signals(beat_times(11), 11.0))
    values = _cut(record).values
    assert values[0, :7, :5].max() == 0
    assert values[0, 10:, :5].min() == 1
    assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("record", "alarm", "match"),
    [
        (bedside_record(STEADY[:, :2], channels=CHANNELS[:2]), None, "no arterial pressure, pulse or respiration"),
        (bedside_record(STEADY), Alarm("asystole", 2000), "10 s are needed"),
        (bedside_record(STEADY), Alarm("asystole", 15000), "within the record"),
        (bedside_record(np.zeros_like(STEADY)), None, "only gaps and flat lines"),
        (bedside_record(np.full_like(STEADY, np.nan)), None, "only gaps and flat lines"),
    ],
)
def test_an_alarm_without_enough_signal_is_refused(record, alarm, match):
    with pytest.raises(RecordRefused, match=match):
        cut_alarms(record, [alarm] if alarm else find_alarms(record), WINDOW)


@pytest.mark.parametrize("rate", [50.0, 125.0, 1000.0])
def test_the_rate_does_not_depend_on_the_sampling_rate(rate):
    record = bedside_record(bedside_signals(beat_times(60), rate=rate), rate=rate)
    for sensor in ("ECG II", "ABP", "PLETH"):
        assert _told(_cut(record), f"rate over 4 intervals from {sensor}")[-1] == pytest.approx(75, rel=0.04)


def test_an_ecg_and_an_arterial_pressure_are_enough():
    record = bedside_record(STEADY[:, [0, 2]], channels=(Channel.named("ECG", "mV"), Channel.named("ART", "mmHg")))
    assert distinct(_cut(record).sources)[:3] == ("ECG", "no ECG 2", "ABP")


@needs_databases
@pytest.mark.parametrize("name", ["a123l", "b455l", "f544s", "t409l", "v221l"])
def test_a_full_record_and_its_excerpt_give_the_same_window(name):
    folder = Path(DATABASES) / "challenge2015"
    whole, cut = _cut(open_record(folder / "full" / name)), _cut(open_record(folder / name))
    np.testing.assert_allclose(whole.values, cut.values, atol=2e-3)
    assert whole.reference == cut.reference


@needs_databases
def test_a_record_with_a_flat_ecg_has_a_window():
    windows = _cut(open_record(Path(DATABASES) / "challenge2015" / "a391l"))
    assert _told(windows, "ECG II is available").max() == 0
    assert _told(windows, "PLETH is available").min() == 1
