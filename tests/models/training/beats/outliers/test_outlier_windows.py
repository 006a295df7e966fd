import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.models.training.beats.outliers.outlier_windows import (
    CLEAN,
    ELECTRODE_MOTION,
    Outliers,
    cut_artificial,
    cut_corrupted,
    load_electrode_motion,
    unseen_records,
)
from backend.records.samples.catalogue import SAMPLE_RECORDS
from backend.records.samples.library import open_sample
from backend.simulate.corruptions import ARTIFICIAL, CORRUPTIONS
from backend.windows.beats.beat_windows import BeatWindow, cut_beats
from backend.windows.beats.detection import find_beats

DATA = os.environ.get("BEATLIGHT_DATA")
RECORDS = [(SAMPLE_RECORDS / "simulated" / name, f"patient of {name}") for name in ("sim_normal", "sim_paced")]


@pytest.fixture(scope="module")
def corrupted():
    noise = open_sample("sim_atrial_fibrillation")
    wandering = np.cumsum(np.random.default_rng(0).standard_normal(noise.signals.shape), axis=0)
    return cut_corrupted(RECORDS, replace(noise, signals=wandering.astype(np.float32)), BeatWindow(), 0)


def test_every_record_gives_up_to_ten_windows_of_each_kind(corrupted):
    assert set(corrupted.kinds) == {CLEAN, ELECTRODE_MOTION, *CORRUPTIONS}
    assert set(corrupted.patients) == {patient for _, patient in RECORDS}
    for _, patient in RECORDS:
        is_own = corrupted.patients == patient
        for kind in set(corrupted.kinds):
            assert 1 <= (is_own & (corrupted.kinds == kind)).sum() <= 10
    assert corrupted.values.shape[1:] == (BeatWindow().steps, 1)


def test_clean_windows_are_those_of_the_record_and_inverted_ones_their_negative(corrupted):
    record = open_sample("sim_normal")
    whole = cut_beats(record, find_beats(record), BeatWindow()).values[:, :, 0]
    for kind, sign in ((CLEAN, 1.0), ("inverted", -1.0)):
        own = (corrupted.kinds == kind) & (corrupted.patients == RECORDS[0][1])
        for window in sign * corrupted.values[own][:, :, 0]:
            # The filter differs near the ends of a stretch, and an R peak may move by a sample.
            assert np.abs(whole - window).mean(axis=1).min() < 0.05


def test_the_same_seed_gives_the_same_windows_and_without_noise_there_is_no_electrode_motion():
    first, again, other = (cut_corrupted(RECORDS[:1], None, BeatWindow(), seed) for seed in (0, 0, 1))
    assert np.array_equal(first.values, again.values)
    assert first.values.shape != other.values.shape or not np.array_equal(first.values, other.values)
    assert ELECTRODE_MOTION not in first.kinds


def test_artificial_recordings_give_windows_of_every_kind():
    made = cut_artificial(BeatWindow(), 2, 0)
    # In most square waves, no beat is detected.
    assert set(ARTIFICIAL) - {"square wave"} <= set(made.kinds) <= set(ARTIFICIAL)
    assert set(made.patients) == {"artificial-0", "artificial-1"}
    assert np.isfinite(made.values).all()


def test_no_recording_is_both_trained_and_tested_on(corrupted):
    artificial = cut_artificial(BeatWindow(), 4, 0)
    outliers = Outliers(corrupted, artificial, corrupted)
    first, second = ([patient] for _, patient in RECORDS)
    training, test = outliers.for_training(np.array(first)), outliers.for_tests(np.array(second))
    assert set(training.patients) == {*first, "artificial-0", "artificial-1", "artificial-2"}
    assert set(test.patients) == {*second, "artificial-3"}
    assert CLEAN not in training.kinds
    assert CLEAN in test.kinds


def test_without_the_noise_database_there_is_no_electrode_motion(tmp_path):
    assert load_electrode_motion(tmp_path) is None
    assert unseen_records(tmp_path) == []


@pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder with the databases")
def test_unseen_records_are_not_cut_from_those_of_mit():
    names = {path.name for path, _ in unseen_records(Path(DATA or ""))}
    # 105 records, of which 15 are from the arrhythmia database and 13 from the supraventricular one.
    assert len(names) == 77
    assert not names & {"sel100", "sel123", "sel213", "sel233", "sel803", "sel891"}
    assert {"sel102", "sele0104", "sel14046", "sel30", "sel16265"} - names == {"sel102"}
