"""Windows of clean, corrupted and artificial recordings, to train and to test the detection of outliers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import signal

from backend.models.training.beats.labelled_records import labelled_records
from backend.models.training.labelled_windows import LabelledWindows
from backend.records.opening import open_record
from backend.records.record import Record, RecordRefused
from backend.records.understanding import Stated
from backend.simulate.corruptions import ARTIFICIAL, CORRUPTIONS, add_noise, corrupt, make_artificial
from backend.windows.beats.beat_windows import BeatWindow, cut_beats
from backend.windows.beats.detection import find_beats

__all__ = [
    "CLEAN",
    "ELECTRODE_MOTION",
    "OutlierWindows",
    "Outliers",
    "cut_artificial",
    "cut_corrupted",
    "load_electrode_motion",
    "load_outliers",
    "unseen_records",
]

CLEAN = "clean"

ELECTRODE_MOTION = "ECG in recorded electrode motion"
"""Electrode motion of the MIT-BIH Noise Stress Test Database, on which no network is trained."""

_RECORDS_PER_DATABASE = 250
_ARTIFICIAL_RECORDS = 200
_TRAINED_SHARE = 0.7
"""Share of the artificial recordings that are for training."""

_STRETCH_S = 30.0
_WINDOWS_PER_RECORD = 10
_MOTION_LEADS = Stated(leads=("noise1", "noise2"))
_ELECTRODE_MOTION_DB = (-12.0, -6.0)


@dataclass(frozen=True, eq=False)
class OutlierWindows(LabelledWindows):
    """Windows as a model reads them, with what was done to the recording.

    Attributes
    ----------
    values : float32 array, shape = (n, T, D)
    kinds : array of str, shape = (n,)
        CLEAN, ELECTRODE_MOTION, or one of CORRUPTIONS or ARTIFICIAL.
    patients : array of str, shape = (n,)
        As given; ``artificial-12`` for an artificial recording.
    """

    values: np.ndarray
    kinds: np.ndarray
    patients: np.ndarray


@dataclass(frozen=True, eq=False)
class Outliers:
    """What a detector of outliers is trained and tested on.

    Attributes
    ----------
    corrupted : OutlierWindows
        Clean and corrupted windows of the model's databases.
    artificial : OutlierWindows
    unseen : OutlierWindows
        Clean and corrupted windows of `unseen_records`.
    """

    corrupted: OutlierWindows
    artificial: OutlierWindows
    unseen: OutlierWindows

    def for_training(self, patients: np.ndarray) -> OutlierWindows:
        """Return the outliers of these patients and most of the artificial ones."""
        is_own = np.isin(self.corrupted.patients, patients) & (self.corrupted.kinds != CLEAN)
        return OutlierWindows.concatenate(
            [self.corrupted.select(is_own), self.artificial.select(self._is_for_training())]
        )

    def for_tests(self, patients: np.ndarray) -> OutlierWindows:
        """Return the clean windows and the outliers of these patients, and the other artificial ones."""
        return OutlierWindows.concatenate(
            [
                self.corrupted.select(np.isin(self.corrupted.patients, patients)),
                self.artificial.select(~self._is_for_training()),
            ]
        )

    def _is_for_training(self) -> np.ndarray:
        numbers = [int(name.rpartition("-")[2]) for name in self.artificial.patients]
        return np.array(numbers) < _TRAINED_SHARE * (max(numbers) + 1)


def load_outliers(data: Path, databases: Sequence[str], window: BeatWindow, seed: int) -> Outliers:
    """Return the outliers for a model of some databases, from up to 250 records of each.

    Parameters
    ----------
    data : Path
        Folder that holds the databases. Without ``nstdb`` in it, ELECTRODE_MOTION is left out; without ``qtdb``,
        ``unseen`` is empty.
    databases : sequence of str
        Some of ``labelled_records.DATABASES``.
    window : BeatWindow
    seed : int
    """
    rng, motion = np.random.default_rng(seed), load_electrode_motion(data)
    chosen = []
    for database in databases:
        records = labelled_records(data, database)
        rows = np.sort(rng.permutation(len(records))[:_RECORDS_PER_DATABASE])
        chosen += [(records[row].path, records[row].patient) for row in rows]
    corrupted = cut_corrupted(chosen, motion, window, seed)
    unseen = unseen_records(data)
    return Outliers(
        corrupted,
        cut_artificial(window, _ARTIFICIAL_RECORDS, seed),
        cut_corrupted(unseen, motion, window, seed) if unseen else corrupted.select(np.zeros(0, dtype=np.int64)),
    )


def cut_corrupted(
    records: Iterable[tuple[Path, str]], motion: Record | None, window: BeatWindow, seed: int
) -> OutlierWindows:
    """Return up to 10 windows of 30 s of each record as it is, and as many of each corruption of it.

    Parameters
    ----------
    records : iterable of (Path, str)
        Paths, and the patients whose records they are.
    motion : Record or None
        See `load_electrode_motion`; None leaves ELECTRODE_MOTION out.
    window : BeatWindow
    seed : int
    """
    rng = np.random.default_rng(seed)
    parts = []
    for path, patient in records:
        stretch = _draw_stretch(open_record(path), rng)
        made = {CLEAN: stretch, **{kind: corrupt(stretch, kind, rng) for kind in CORRUPTIONS}}
        if motion is not None:
            made[ELECTRODE_MOTION] = _add_recorded(stretch, motion, rng)
        parts += list(_cut(made.items(), patient, window, rng))
    return OutlierWindows.concatenate(parts)


def cut_artificial(window: BeatWindow, n_records: int, seed: int) -> OutlierWindows:
    """Return up to 10 windows of each of some recordings of every kind in ARTIFICIAL."""
    rng = np.random.default_rng(seed)
    return OutlierWindows.concatenate(
        part
        for number in range(n_records)
        for part in _cut(
            ((kind, make_artificial(kind, rng)) for kind in ARTIFICIAL), f"artificial-{number}", window, rng
        )
    )


def load_electrode_motion(data: Path) -> Record | None:
    """Return the recorded electrode motion in ``data/nstdb``, or None without it."""
    path = data / "nstdb" / "em"
    return open_record(path, _MOTION_LEADS) if path.with_suffix(".hea").is_file() else None


def unseen_records(data: Path) -> list[tuple[Path, str]]:
    """Return the records in ``data/qtdb`` that are not cut from MIT-BIH's records, each as a patient of its own."""
    paths = [path.with_suffix("") for path in sorted((data / "qtdb").glob("*.hea"))]
    return [(path, f"qtdb-{path.name}") for path in paths if not re.fullmatch(r"sel([12]\d\d|8\d\d)", path.name)]


def _draw_stretch(record: Record, rng: np.random.Generator) -> Record:
    length = round(_STRETCH_S * record.sampling_rate)
    start = int(rng.integers(0, max(len(record.signals) - length, 0) + 1))
    return replace(record, signals=record.signals[start : start + length], annotations={})


def _cut(
    made: Iterable[tuple[str, Record]], patient: str, window: BeatWindow, rng: np.random.Generator
) -> Iterator[OutlierWindows]:
    """Yield some windows of each recording in which beats are detected."""
    for kind, record in made:
        try:
            beats = find_beats(record, detector=window.detector)
        except RecordRefused:
            continue
        if not len(beats.r_peaks):
            continue
        values = cut_beats(record, beats, window).values
        chosen = np.sort(rng.permutation(len(values))[:_WINDOWS_PER_RECORD])
        yield OutlierWindows(values[chosen], np.full(len(chosen), kind), np.full(len(chosen), patient))


def _add_recorded(record: Record, noise: Record, rng: np.random.Generator) -> Record:
    """Return a record with recorded noise: another stretch of either of its channels in each lead."""
    n, n_channels = record.signals.shape
    n_needed = int(np.ceil(n * noise.sampling_rate / record.sampling_rate)) + 1
    columns = []
    for _ in range(n_channels):
        start = int(rng.integers(0, len(noise.signals) - n_needed))
        stretch = noise.signals[start : start + n_needed, rng.integers(noise.signals.shape[1])].astype(np.float64)
        columns.append(signal.resample(stretch, round(n_needed * record.sampling_rate / noise.sampling_rate))[:n])
    return add_noise(record, np.stack(columns, axis=1), rng.uniform(*_ELECTRODE_MOTION_DB))
