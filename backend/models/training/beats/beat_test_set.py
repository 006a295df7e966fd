"""The labelled beats of a model's test patients, for the evaluation of its explanations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from backend.models.bundle import Bundle
from backend.models.test_set import Cases
from backend.models.training.beats.labelled_beats import margin_steps
from backend.models.training.beats.labelled_records import DATABASES, LabelledRecord, labelled_records
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.windows.base import Windows
from backend.windows.beats.beat_windows import BeatWindow, cut_beats, first_steps
from backend.windows.beats.detection import Beats, find_beats
from backend.windows.beats.shifts import choose_shifts, shift_beats
from backend.windows.waves.delineation import find_waves
from backend.windows.waves.marks import Waves, steps_of_marks

__all__ = ["BeatTestSet"]


@dataclass(frozen=True, eq=False)
class _TestRecord:
    """The labelled beats of one record, each with a margin on either side, so that it can be shifted.

    Attributes
    ----------
    path : Path
    patient : str
    sampling_rate : float
        Hz, of the record.
    beats : Beats
        All detected beats.
    kept : int64 array, shape = (n,)
        Positions of the labelled beats among them.
    labels : array of str, shape = (n,)
    windows : Windows
        Windows of the labelled beats.
    waves : Waves
        Waves of all detected beats.
    """

    path: Path
    patient: str
    sampling_rate: float
    beats: Beats
    kept: np.ndarray
    labels: np.ndarray
    windows: Windows
    waves: Waves

    @classmethod
    def read(cls, labelled: LabelledRecord, window: BeatWindow, classes: Sequence[str]) -> "_TestRecord":
        record = open_record(labelled.path)
        beats = find_beats(record, detector=window.detector)
        labels = np.array(labelled.label(record, beats.r_peaks), dtype=str)
        _, has_margin = first_steps(record, beats, window, margin_steps(window))
        cut = cut_beats(record, beats, window)
        _, is_cut = first_steps(record, beats, window)
        whole = np.zeros(len(labels), dtype=bool)
        whole[is_cut] = np.isfinite(cut.values).all(axis=(1, 2))
        kept = has_margin & whole & np.isin(labels, classes)
        return cls(
            path=labelled.path,
            patient=labelled.patient,
            sampling_rate=record.sampling_rate,
            beats=beats,
            kept=np.flatnonzero(kept),
            labels=labels[kept],
            windows=cut.where(kept[is_cut]),
            waves=find_waves(record, beats),
        )

    def marks_of(self, position: int) -> Mapping[str, int | None]:
        """Return the marks of a labelled beat in steps of its window."""
        anchor, windows = int(self.windows.anchor[position]), self.windows
        waves = self.waves.beat(int(self.kept[position]))
        return steps_of_marks(waves, anchor, windows.anchor_step, self.sampling_rate, windows.sampling_rate)

    def shifted(self, positions: np.ndarray, window: BeatWindow) -> tuple[Mapping[int, np.ndarray], ...]:
        """Return the windows of some labelled beats at all shifts, within the margin."""
        return shift_beats(open_record(self.path), self.beats.lead, self.windows, window, positions.tolist())


@dataclass(frozen=True, eq=False)
class BeatTestSet:
    """The labelled beats of a bundle's test patients, record after record.

    Attributes
    ----------
    labels, patients : arrays of str, shape = (n,)
    """

    labels: np.ndarray
    patients: np.ndarray
    _window: BeatWindow
    _records: tuple[_TestRecord, ...]

    @classmethod
    def read(cls, bundle: Bundle, data: Path) -> "BeatTestSet":
        """Return the beats of the card's ``test_set`` patients, detected and labelled as for its figures.

        Beats with a gap in their signal are excluded.

        Raises
        ------
        RecordRefused
            If one of their databases is missing from ``data``.
        """
        window = bundle.window
        assert isinstance(window, BeatWindow)
        patients = frozenset(bundle.card["test_set"]["patients"])
        databases = [name for name in DATABASES if any(patient.startswith(f"{name}-") for patient in patients)]
        tested = [
            labelled for name in databases for labelled in labelled_records(data, name) if labelled.patient in patients
        ]
        if not tested:
            raise RecordRefused(
                f"{data} holds no test patient of {bundle.name}. Give the folder that holds the databases."
            )
        records = tuple(
            _TestRecord.read(labelled, window, bundle.classes)
            for labelled in tqdm(tested, desc="Reading test beats", unit="record", leave=False)
        )
        return cls(
            labels=np.concatenate([record.labels for record in records]),
            patients=np.concatenate([np.full(len(record.labels), record.patient) for record in records]),
            _window=window,
            _records=records,
        )

    def cases(self, chosen: np.ndarray) -> Cases:
        """Return the beats at some positions, ascending, with the marks of their waves."""
        parts = list(self._by_record(chosen))
        return Cases(
            values=np.concatenate([record.windows.values[positions] for record, positions in parts]),
            labels=self.labels[chosen],
            patients=self.patients[chosen],
            variables=tuple(record.windows.variables for record, positions in parts for _ in positions),
            anchor_step=self._window.steps_before,
            marks=tuple(record.marks_of(position) for record, positions in parts for position in positions),
        )

    def shifted(self, chosen: np.ndarray) -> Mapping[int, np.ndarray]:
        """Return the beats at some positions, ascending, at all shifts, each of shape (n, T, D)."""
        beats = [
            beat for record, positions in self._by_record(chosen) for beat in record.shifted(positions, self._window)
        ]
        return {shift: np.stack([beat[shift] for beat in beats]) for shift in choose_shifts(self._window)}

    def _by_record(self, chosen: np.ndarray) -> list[tuple[_TestRecord, np.ndarray]]:
        """Return the records of the chosen beats, each with the positions of its beats in it."""
        ends = np.cumsum([len(record.labels) for record in self._records])
        parts = np.split(chosen, np.searchsorted(chosen, ends)[:-1])
        starts = ends - [len(record.labels) for record in self._records]
        return [
            (record, part - start)
            for record, part, start in zip(self._records, parts, starts, strict=True)
            if len(part)
        ]
