"""Labelled beats of the databases, for training and testing."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from backend.models.training.beats.labelled_records import LabelledRecord, labelled_records
from backend.records.opening import open_record
from backend.records.record import Record
from backend.windows.beats.beat_windows import (
    LEAD_PLACES,
    MEASUREMENTS,
    duration_variable,
    first_steps,
    lead_windows,
    leads_by_place,
    measured,
    qrs_durations,
)
from backend.windows.beats.detection import DEFAULT_DETECTOR, Beats, find_beats
from backend.windows.beats.reference import BEAT_CLASSES
from backend.windows.signal.filtering import WIDE_BAND_HZ, WORKING_RATE
from backend.windows.waves.delineation import find_qrs

__all__ = [
    "DURATION_COLUMN",
    "LOADERS",
    "MARGIN_STEPS",
    "WINDOW_STEPS",
    "LabelledBeats",
    "load_cpsc2018",
    "load_mitdb",
    "load_ptbxl",
]

MARGIN_STEPS = 18
"""Steps kept on either side of the window (0.05 s), so that training can shift and stretch it."""

DURATION_COLUMN = MEASUREMENTS.index("QRS duration")
"""Which of the measurements is the QRS duration."""

_STEPS_BEFORE = round(0.2 * WORKING_RATE)
WINDOW_STEPS = _STEPS_BEFORE + round(0.4 * WORKING_RATE)


@dataclass(frozen=True, eq=False)
class LabelledBeats:
    """Beats with their labels.

    Attributes
    ----------
    chosen : float32 array, shape = (n, WINDOW_STEPS + 2 * MARGIN_STEPS)
        The lead on which the beats were found, in the published pass band, in mV.
    leads : float32 array, shape = (n, WINDOW_STEPS + 2 * MARGIN_STEPS, len(LEAD_PLACES))
        In the wide pass band, in mV; zero where the record has no such lead.
    measurements : float32 array, shape = (n, 5)
        As ``measured`` gives them.
    lone_duration : float32 array, shape = (n,)
        The QRS duration as it would be measured on the first of ``leads`` alone.
    labels : array of str, shape = (n,)
    patients : array of str, shape = (n,)
        Database and patient: ``mitdb-201``.
    records : array of str, shape = (n,)
    """

    chosen: np.ndarray
    leads: np.ndarray
    measurements: np.ndarray
    lone_duration: np.ndarray
    labels: np.ndarray
    patients: np.ndarray
    records: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def only(self, kept: np.ndarray) -> "LabelledBeats":
        """The beats that ``kept`` (mask or indices) selects."""
        return LabelledBeats(*(getattr(self, field.name)[kept] for field in fields(self)))

    def on_one_lead(self, which: np.ndarray) -> "LabelledBeats":
        """The same beats, those of the mask ``which`` as if the record had nothing but the first of its leads."""
        first = np.eye(self.leads.shape[2], dtype=np.float32)[self.leads.any(axis=1).argmax(axis=1)]
        kept = np.where(which[:, np.newaxis], first, 1.0).astype(np.float32)
        measurements = self.measurements.copy()
        measurements[which, DURATION_COLUMN] = self.lone_duration[which]
        return replace(self, leads=self.leads * kept[:, np.newaxis, :], measurements=measurements)

    @staticmethod
    def joined(parts: Iterable["LabelledBeats"]) -> "LabelledBeats":
        """All parts, one after the other."""
        parts = list(parts)
        return LabelledBeats(
            *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(LabelledBeats))
        )

    @property
    def digest(self) -> str:
        """SHA-256 of windows and labels, as hexadecimal text."""
        sha = hashlib.sha256(np.ascontiguousarray(self.chosen).data)
        sha.update(np.ascontiguousarray(self.leads).data)
        sha.update(np.ascontiguousarray(self.measurements).data)
        sha.update("\n".join(self.labels).encode())
        return sha.hexdigest()


def load_mitdb(data: Path, detector: str = DEFAULT_DETECTOR) -> LabelledBeats:
    """All beats of the six classes in ``data/mitdb`` that the detector finds, each within 150 ms of its label.

    Raises
    ------
    RecordRefused
        If the folder does not hold the database.
    """
    return _load(data, "mitdb", detector)


def load_ptbxl(data: Path, detector: str = DEFAULT_DETECTOR) -> LabelledBeats:
    """The beats of PTB-XL's records whose one diagnosis holds for each beat, with that diagnosis as label."""
    return _load(data, "ptbxl", detector)


def load_cpsc2018(data: Path, detector: str = DEFAULT_DETECTOR) -> LabelledBeats:
    """The beats of CPSC 2018's records with the one diagnosis RBBB, LBBB or normal, with it as label."""
    return _load(data, "cpsc2018", detector)


LOADERS: Mapping[str, Callable[[Path, str], LabelledBeats]] = {
    "mitdb": load_mitdb,
    "ptbxl": load_ptbxl,
    "cpsc2018": load_cpsc2018,
}
"""By the folder of the database: ``LOADERS[folder](data, detector)``."""


def _load(data: Path, database: str, detector: str) -> LabelledBeats:
    labelled = labelled_records(data, database)
    return LabelledBeats.joined(
        _cut(open_record(own.path), own, detector)
        for own in tqdm(labelled, desc=f"Reading {database}", unit="record", leave=False)
    )


def _lone_duration(record: Record, beats: Beats) -> np.ndarray:
    first = next(lead for lead in leads_by_place(record, beats.lead) if lead is not None)
    return duration_variable(qrs_durations(*find_qrs(record, replace(beats, lead=first)), record.sampling_rate))


def _cut(record: Record, labelled: LabelledRecord, detector: str) -> LabelledBeats:
    beats = find_beats(record, detector=detector)
    labels = np.array(labelled.label(record, beats.r_peaks), dtype=object)
    steps = WINDOW_STEPS + 2 * MARGIN_STEPS
    first, whole = first_steps(record, beats, _STEPS_BEFORE + MARGIN_STEPS, steps)
    named = np.isin(labels, list(BEAT_CLASSES.values()))
    first, kept = first[named[whole]], whole & named
    leads = np.zeros((len(first), steps, len(LEAD_PLACES)), dtype=np.float32)
    for place, lead in enumerate(leads_by_place(record, beats.lead)):
        if lead is not None:
            leads[:, :, place] = lead_windows(record, lead, first, steps, WIDE_BAND_HZ)
    return LabelledBeats(
        chosen=lead_windows(record, beats.lead, first, steps),
        leads=leads,
        measurements=measured(record, beats)[kept],
        lone_duration=_lone_duration(record, beats)[kept],
        labels=labels[kept].astype(str),
        patients=np.full(len(leads), labelled.patient),
        records=np.full(len(leads), record.name),
    )
