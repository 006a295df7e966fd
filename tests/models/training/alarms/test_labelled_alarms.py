import os
from pathlib import Path

import numpy as np
import pytest

from backend.models.training.alarms.alarm_inputs import AlarmAugmentation, alarm_examples, compose_inputs
from backend.models.training.alarms.labelled_alarms import (
    CATALOGUED,
    MARGIN_STEPS,
    LabelledAlarms,
    load_alarms,
)
from backend.records.alarms import find_alarms
from backend.records.channels.sensors import SENSORS
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.windows.alarms.alarm_windows import BASE_SENSORS, AlarmWindow, cut_alarms
from tests.records.well_formed import write_wfdb
from tests.windows.made_alarms import beat_times, bedside_signals

WINDOW = AlarmWindow()
STILL = AlarmAugmentation(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def made_alarms(n: int = 40, seed: int = 4) -> LabelledAlarms:
    """Alarms of which the true ones have a slower heart, in all sensors; the third has no pressure."""
    rng = np.random.default_rng(seed)
    steps = MARGIN_STEPS + WINDOW.steps
    is_true = rng.random(n) < 0.4
    is_there = np.ones((n, steps, len(SENSORS)), dtype=bool)
    is_there[::3, :, 2] = False
    base = rng.normal(0, 1, (n, steps, len(BASE_SENSORS))) - 2.0 * is_true[:, np.newaxis, np.newaxis]
    base = (base * is_there[:, :, BASE_SENSORS]).astype(np.float32)
    kinds = np.arange(n) % 5
    return LabelledAlarms(
        base,
        is_there,
        kinds,
        is_true,
        np.array([f"{'abtvf'[kind]}{900 + number}l" for number, kind in enumerate(kinds)]),
    )


def test_without_augmentation_a_batch_is_the_windows_as_they_are_cut():
    alarms = made_alarms()
    values, allowed = alarm_examples(alarms, STILL).make_batch(np.array([3, 1]), np.random.default_rng(0))
    np.testing.assert_array_equal(values, compose_inputs(alarms)[[3, 1]])
    np.testing.assert_array_equal(allowed.argmax(axis=1), alarms.targets[[3, 1]])
    assert (allowed.sum(axis=1) == 1).all()


def test_the_first_class_is_the_true_alarm():
    alarms = made_alarms()
    assert set(alarms.targets[alarms.is_true]) == {0}
    assert set(alarms.targets[~alarms.is_true]) == {1}


def test_a_dropped_sensor_leaves_no_values_and_a_sensor_of_the_heart_is_always_kept():
    examples = alarm_examples(made_alarms(), AlarmAugmentation(sensor_dropout=0.9))
    values, _ = examples.make_batch(np.arange(40), np.random.default_rng(1))
    is_there = values[:, :, : len(SENSORS)] > 0
    assert is_there[:, :, :4].any(axis=2).all()
    assert not is_there.all()
    base = values[:, :, len(SENSORS) : len(SENSORS) + len(BASE_SENSORS)]
    np.testing.assert_array_equal(base[~is_there[:, :, BASE_SENSORS]], 0.0)


def test_exchanged_leads_take_all_their_features_along():
    alarms = made_alarms()
    swapped, _ = alarm_examples(alarms, AlarmAugmentation(0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0)).make_batch(
        np.arange(40), np.random.default_rng(1)
    )
    first, second = (len(SENSORS) + np.flatnonzero(np.equal(BASE_SENSORS, lead)) for lead in (0, 1))
    np.testing.assert_array_equal(swapped[:, :, first], compose_inputs(alarms)[:, :, second])


def test_a_shifted_window_ends_before_the_alarm():
    alarms = made_alarms()
    shifted, _ = alarm_examples(alarms, AlarmAugmentation(MARGIN_STEPS, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)).make_batch(
        np.arange(40), np.random.default_rng(2)
    )
    place = len(SENSORS)
    lasts = [np.flatnonzero(alarms.base[n, :, 0] == shifted[n, -1, place])[-1] for n in range(40)]
    assert min(lasts) < max(lasts) <= MARGIN_STEPS + WINDOW.steps - 1


def test_a_folder_without_the_database_is_refused(tmp_path):
    with pytest.raises(RecordRefused, match="has no challenge2015"):
        load_alarms(tmp_path, WINDOW)


def write_challenge(folder: Path, names: tuple[str, ...], standstill: tuple[str, ...]) -> Path:
    """Records of 60 s as the challenge's; in those of ``standstill`` the heart stops, and their alarm is true."""
    database = folder / "challenge2015"
    database.mkdir()
    for number, name in enumerate(names):
        beats_s = beat_times(60, rate_per_min=70 + number, stops_s=54 if name in standstill else np.inf)
        units = {"units": ["mV", "mV", "mmHg"], "sig_name": ["II", "V", "ABP"], "adc_gain": [1000, 1000, 50]}
        signals = bedside_signals(beats_s)[:, :3].astype(np.float64)
        header = write_wfdb(database, name, signals=signals, **units).with_suffix(".hea")
        truth = "True alarm" if name in standstill else "False alarm"
        header.write_text(header.read_text() + f"# {truth}\n")
    rows = [f"{name},,," for name in names]
    (database / "index.csv").write_text("\n".join(["record,alarm,true_alarm,signals", *rows]) + "\n")
    return folder


def test_the_loaded_windows_are_those_that_the_product_cuts(tmp_path):
    alarms = load_alarms(write_challenge(tmp_path, ("a902l", "t901l"), ("t901l",)), WINDOW)
    assert alarms.records.tolist() == ["a902l", "t901l"]
    assert alarms.is_true.tolist() == [False, True]
    record = open_record(tmp_path / "challenge2015" / "t901l")
    np.testing.assert_array_equal(compose_inputs(alarms)[1:], cut_alarms(record, find_alarms(record), WINDOW).values)


@pytest.mark.skipif(not os.environ.get("BEATLIGHT_DATA"), reason="BEATLIGHT_DATA names no folder of databases")
def test_the_catalogued_records_are_those_of_the_folder_full():
    folder = Path(os.environ["BEATLIGHT_DATA"]) / "challenge2015" / "full"
    assert sorted(CATALOGUED) == sorted(path.stem for path in folder.glob("*.hea"))
