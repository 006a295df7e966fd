"""Labelled beats of the databases, for training and testing."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from backend.models.training.beats.labelled_records import LabelledRecord, labelled_records
from backend.models.training.labelled_windows import LabelledWindows
from backend.records.opening import open_record
from backend.windows.beats.beat_windows import BeatWindow, cut_tracings
from backend.windows.beats.detection import find_beats
from backend.windows.beats.rhythm import measure_rhythm

__all__ = ["LabelledBeats", "load_beats", "margin_steps"]

_MARGIN_S = 0.05


def margin_steps(window: BeatWindow) -> int:
    """Return the steps kept on either side of a window, 0.05 s, so that training can shift and warp it."""
    return round(_MARGIN_S * window.sampling_rate)


@dataclass(frozen=True, eq=False)
class LabelledBeats(LabelledWindows):
    """Beats with their labels.

    Attributes
    ----------
    tracings : float32 array, shape = (n, T + 2 * margin, L)
        See `Tracings`; zero where the record lacks the lead.
    usual : float32 array, shape = (n, T + 2 * margin, L)
        The patient's usual beat; NaN where it is not known, and for a model that does not read it.
    rhythm : float32 array, shape = (n, R)
        See `measure_rhythm`; R is 0 for a model that does not read it.
    labels : array of str, shape = (n,)
    patients : array of str, shape = (n,)
        Database and patient: ``mitdb-201``.
    records : array of str, shape = (n,)
    r_peaks : int64 array, shape = (n,)
        Samples of the record.
    """

    tracings: np.ndarray
    usual: np.ndarray
    rhythm: np.ndarray
    labels: np.ndarray
    patients: np.ndarray
    records: np.ndarray
    r_peaks: np.ndarray

    @property
    def digest(self) -> str:
        """SHA-256 of the patient, record, R peak and label of each beat, as hexadecimal text.

        The windows are not part of it: their last bits depend on the processor.
        """
        beats = zip(self.patients, self.records, self.r_peaks.tolist(), self.labels, strict=True)
        return hashlib.sha256("\n".join(" ".join(map(str, beat)) for beat in beats).encode()).hexdigest()

    @property
    def patient_and_class(self) -> np.ndarray:
        """The group of each beat, its patient and label, array of str, shape = (n,)."""
        return np.char.add(np.char.add(self.patients.astype(str), "|"), self.labels.astype(str))

    def on_one_lead(self) -> "LabelledBeats":
        """Return the beats as if their records had no lead but the first."""
        first = np.eye(self.tracings.shape[2], dtype=bool)[self.tracings.any(axis=1).argmax(axis=1)]
        is_kept = first[:, np.newaxis, :]
        return replace(
            self,
            tracings=np.where(is_kept, self.tracings, np.float32(0.0)),
            usual=np.where(is_kept, self.usual, np.float32(np.nan)),
        )


def load_beats(data: Path, database: str, window: BeatWindow) -> LabelledBeats:
    """Return the labelled beats of a database, cut for a model.

    Parameters
    ----------
    data : Path
        Folder that holds the databases.
    database : str
        One of ``labelled_records.DATABASES``, which says how its beats are labelled.
    window : BeatWindow

    Raises
    ------
    RecordRefused
        If the database is missing.
    """
    records = labelled_records(data, database)
    return LabelledBeats.concatenate(
        _cut(labelled, window) for labelled in tqdm(records, desc=f"Reading {database}", unit="record", leave=False)
    )


def _cut(labelled: LabelledRecord, window: BeatWindow) -> LabelledBeats:
    record = open_record(labelled.path)
    beats = find_beats(record, detector=window.detector)
    labels = np.array(labelled.label(record, beats.r_peaks), dtype=str)
    cut = cut_tracings(record, beats, window, margin_steps(window))
    rhythm = measure_rhythm(beats.r_peaks, record.sampling_rate)[cut.has_window]
    of_window = labels[cut.has_window]
    is_labelled = of_window != ""
    return LabelledBeats(
        tracings=cut.values[is_labelled],
        usual=cut.usual[is_labelled],
        rhythm=(rhythm if window.in_context else rhythm[:, :0])[is_labelled],
        labels=of_window[is_labelled],
        patients=np.full(int(is_labelled.sum()), labelled.patient),
        records=np.full(int(is_labelled.sum()), record.name),
        r_peaks=beats.r_peaks[cut.has_window][is_labelled],
    )
