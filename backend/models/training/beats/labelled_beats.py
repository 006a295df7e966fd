"""Labelled beats of the databases, for training and testing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from backend.models.training.beats.labelled_records import LabelledRecord, labelled_records
from backend.models.training.labelled_windows import LabelledWindows
from backend.records.opening import open_record
from backend.records.record import Record
from backend.windows.beats.beat_windows import (
    LEAD_PLACES,
    MEASUREMENTS,
    cut_lead,
    first_steps,
    leads_by_place,
    measure_beats,
    measure_qrs,
    scale_duration,
)
from backend.windows.beats.detection import DEFAULT_DETECTOR, find_beats
from backend.windows.signal.filtering import WIDE_BAND_HZ, WORKING_RATE
from backend.windows.waves.delineation import find_qrs

__all__ = [
    "DURATION_COLUMN",
    "LOADERS",
    "MARGIN_STEPS",
    "WINDOW_STEPS",
    "LabelledBeats",
    "load_cinc2021",
    "load_cpsc2018",
    "load_mitdb",
    "load_ptbxl",
    "load_svdb",
]

MARGIN_STEPS = 18
"""Steps kept on either side of the window (0.05 s), so that training can shift and warp it."""

DURATION_COLUMN = MEASUREMENTS.index("QRS duration")
"""Position of the QRS duration among the measurements."""

_STEPS_BEFORE = round(0.2 * WORKING_RATE)
WINDOW_STEPS = _STEPS_BEFORE + round(0.4 * WORKING_RATE)


@dataclass(frozen=True, eq=False)
class LabelledBeats(LabelledWindows):
    """Beats with their labels.

    Attributes
    ----------
    chosen : float32 array, shape = (n, WINDOW_STEPS + 2 * MARGIN_STEPS)
        The lead on which the beats were detected, in the published pass band, in mV.
    leads : float32 array, shape = (n, WINDOW_STEPS + 2 * MARGIN_STEPS, len(LEAD_PLACES))
        In the wide pass band, in mV; zero where the record lacks the lead.
    measurements : float32 array, shape = (n, 5)
        See ``measure_beats``.
    lone_duration : float32 array, shape = (n,)
        The QRS duration measured on the first of ``leads`` alone.
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

    def on_one_lead(self, which: np.ndarray) -> "LabelledBeats":
        """Return the beats, those of the mask ``which`` as if their record had no lead but its first."""
        first = np.eye(self.leads.shape[2], dtype=np.float32)[self.leads.any(axis=1).argmax(axis=1)]
        kept = np.where(which[:, np.newaxis], first, 1.0).astype(np.float32)
        measurements = self.measurements.copy()
        measurements[which, DURATION_COLUMN] = self.lone_duration[which]
        return replace(self, leads=self.leads * kept[:, np.newaxis, :], measurements=measurements)

    @property
    def patient_and_class(self) -> np.ndarray:
        """The group of each beat, its patient and label, array of str, shape = (n,)."""
        return np.char.add(np.char.add(self.patients.astype(str), "|"), self.labels.astype(str))


def load_mitdb(data: Path, detector: str = DEFAULT_DETECTOR) -> LabelledBeats:
    """Return all detected beats in ``data/mitdb`` but those in flutter; NO_BEAT without an annotation within 150 ms.

    Raises
    ------
    RecordRefused
        If the database is missing.
    """
    return _load(data, "mitdb", detector)


def load_ptbxl(data: Path, detector: str = DEFAULT_DETECTOR) -> LabelledBeats:
    """Return the beats of PTB-XL's records with a single diagnosis that holds for every beat, labelled with it."""
    return _load(data, "ptbxl", detector)


def load_cpsc2018(data: Path, detector: str = DEFAULT_DETECTOR) -> LabelledBeats:
    """Return the beats of CPSC 2018's records with the single diagnosis RBBB, LBBB or normal, labelled with it."""
    return _load(data, "cpsc2018", detector)


def load_svdb(data: Path, detector: str = DEFAULT_DETECTOR) -> LabelledBeats:
    """Return all detected beats in ``data/svdb``; NO_BEAT without an annotation within 150 ms."""
    return _load(data, "svdb", detector)


def load_cinc2021(data: Path, detector: str = DEFAULT_DETECTOR) -> LabelledBeats:
    """Return the beats of CinC 2021's records with a single diagnosis that holds for every beat, labelled with it."""
    return _load(data, "cinc2021", detector)


LOADERS: Mapping[str, Callable[[Path, str], LabelledBeats]] = {
    "mitdb": load_mitdb,
    "ptbxl": load_ptbxl,
    "cpsc2018": load_cpsc2018,
    "svdb": load_svdb,
    "cinc2021": load_cinc2021,
}
"""Readers by the folder of the database: ``LOADERS[folder](data, detector)``."""


def _load(data: Path, database: str, detector: str) -> LabelledBeats:
    records = labelled_records(data, database)
    return LabelledBeats.concatenate(
        _cut(open_record(labelled.path), labelled, detector)
        for labelled in tqdm(records, desc=f"Reading {database}", unit="record", leave=False)
    )


def _cut(record: Record, labelled: LabelledRecord, detector: str) -> LabelledBeats:
    beats = find_beats(record, detector=detector)
    labels = np.array(labelled.label(record, beats.r_peaks), dtype=object)
    steps = WINDOW_STEPS + 2 * MARGIN_STEPS
    first, whole = first_steps(record, beats, _STEPS_BEFORE + MARGIN_STEPS, steps)
    is_labelled = labels != ""
    first, kept = first[is_labelled[whole]], whole & is_labelled
    leads = np.zeros((len(first), steps, len(LEAD_PLACES)), dtype=np.float32)
    for place, lead in enumerate(leads_by_place(record, beats.lead)):
        if lead is not None:
            leads[:, :, place] = cut_lead(record, lead, first, steps, WIDE_BAND_HZ)
    first_lead = next(lead for lead in leads_by_place(record, beats.lead) if lead is not None)
    qrs = find_qrs(record, replace(beats, lead=first_lead))
    return LabelledBeats(
        chosen=cut_lead(record, beats.lead, first, steps),
        leads=leads,
        measurements=measure_beats(record, beats)[kept],
        lone_duration=scale_duration(measure_qrs(*qrs, record.sampling_rate))[kept],
        labels=labels[kept].astype(str),
        patients=np.full(len(leads), labelled.patient),
        records=np.full(len(leads), record.name),
    )
