"""A simulated record survives its way to the disk and back."""

import numpy as np
import pytest
import wfdb

from backend.simulate.ecg.heart import simulate
from backend.simulate.ecg.rhythm import Stretch
from backend.simulate.wfdb_files import write_record


@pytest.fixture(scope="module")
def record():
    return simulate((Stretch(30, extra={5.0: "V", 15.0: "A"}), Stretch(20, "paced")), seed=1)


@pytest.fixture(scope="module")
def path(record, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    write_record(record, "one", ("A line.",), folder)
    return str(folder / "one")


def test_written_signals_are_restored_to_half_a_step(record, path):
    np.testing.assert_allclose(wfdb.rdrecord(path).p_signal, record.signals, atol=0.00251)


def test_written_beats_and_rhythms_are_restored(record, path):
    read = wfdb.rdann(path, "atr")
    beats = [(s, y) for s, y in zip(read.sample, read.symbol, strict=True) if y != "+"]
    assert beats == list(zip(record.r_peaks, record.labels, strict=True))
    assert [note.rstrip("\0") for note in read.aux_note if note] == list(record.rhythm_notes)


@pytest.mark.parametrize(
    ("number", "symbol", "mark"),
    [(0, "p", "p_peak"), (1, "(", "qrs_onset"), (1, "N", "r_peak"), (1, ")", "qrs_end"), (2, ")", "t_end")],
)
def test_written_waves_are_restored_by_their_number(record, path, number, symbol, mark):
    read = wfdb.rdann(path, "tru")
    chosen = (read.num == number) & (np.array(read.symbol) == symbol)
    known = getattr(record.waves, mark)
    lone = record.lone_p[:, 1] if mark == "p_peak" else []
    np.testing.assert_array_equal(read.sample[chosen], np.sort(np.concatenate([known[np.isfinite(known)], lone])))
