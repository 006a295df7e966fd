"""The simulated samples: those in the repository are what the code writes, and they hold what they promise."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import wfdb

from backend.simulate.alarms.alarm_plans import ALARMS
from backend.simulate.bundled_samples import SAMPLES, simulate_sample, simulate_samples
from backend.simulate.stays.stay_plans import STAYS

FOLDER = Path(__file__).parents[2] / "sample_records" / "simulated"
NAMES = [plan.name for plan in SAMPLES]
RECORDS = [plan.name for plan in (*SAMPLES, *ALARMS)]


def labels_of(name: str) -> Counter:
    return Counter(wfdb.rdann(str(FOLDER / name), "atr").symbol)


def test_the_committed_files_equal_those_of_the_code(tmp_path):
    simulate_samples(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert written.keys() == committed.keys()
    assert [name for name in written if written[name] != committed[name]] == []


def test_another_seed_gives_another_person():
    first, second = (simulate_sample(SAMPLES[0], seed) for seed in (1, 2))
    assert not np.array_equal(first.r_peaks, second.r_peaks)


def test_at_least_eight_ecgs_four_alarms_and_four_stays_take_less_than_three_megabytes():
    assert len(NAMES) >= 8
    assert len(ALARMS) >= 4
    assert len(STAYS) >= 4
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3e6


@pytest.mark.parametrize("name", NAMES)
def test_an_ecg_lasts_two_to_five_minutes_in_two_leads_at_360_hz(name):
    header = wfdb.rdheader(str(FOLDER / name))
    assert header.sig_name == ["MLII", "V1"]
    assert header.fs == 360
    assert 120 <= header.sig_len / header.fs <= 300


@pytest.mark.parametrize("name", RECORDS)
def test_a_sample_states_that_it_is_simulated_and_has_a_description(name):
    comments = wfdb.rdheader(str(FOLDER / name)).comments
    assert "Simulated" in comments[0]
    assert "not a patient" in comments[0]
    assert len(comments[1]) > 30


def test_the_samples_contain_every_class_often():
    total = sum((labels_of(name) for name in NAMES), Counter())
    assert {symbol: total[symbol] >= 40 for symbol in "NLRAV/"} == dict.fromkeys("NLRAV/", True)


@pytest.mark.parametrize(("symbol", "name"), [("V", "sim_ventricular_premature"), ("A", "sim_atrial_premature")])
def test_premature_beats_are_isolated_in_pairs_and_in_runs(symbol, name):
    beats = "".join(wfdb.rdann(str(FOLDER / name), "atr").symbol).replace("+", "")
    lengths = {len(run) for run in "".join(b if b == symbol else " " for b in beats).split()}
    assert {1, 2} <= lengths
    assert max(lengths) >= 3


def test_rhythms_are_annotated():
    notes = {note.rstrip("\0") for name in NAMES for note in wfdb.rdann(str(FOLDER / name), "atr").aux_note}
    assert {"(N", "(AFIB", "(P", "(B", "(T", "(VT", "(SVTA"} <= notes


def test_the_poor_recording_has_missing_flat_and_clipped_segments():
    signal = wfdb.rdrecord(str(FOLDER / "sim_dropouts")).p_signal[:, 0]
    assert np.isnan(signal[31 * 360 : 33 * 360]).all()
    assert np.ptp(signal[61 * 360 : 62 * 360]) == 0
    assert (signal[100 * 360 : 105 * 360] == 0.4).sum() > 20


def test_beats_hidden_in_all_leads_are_not_labelled():
    signals = wfdb.rdrecord(str(FOLDER / "sim_dropouts")).p_signal
    beats = wfdb.rdann(str(FOLDER / "sim_dropouts"), "atr")
    at_beats = signals[[s for s, symbol in zip(beats.sample, beats.symbol, strict=True) if symbol != "+"]]
    assert not np.isnan(at_beats).all(axis=1).any()
