"""A small record with its classified beats, made by hand so that every figure can be counted."""

from dataclasses import replace

import numpy as np

from backend.models.classification import ClassifiedBeats
from backend.models.scores import Scores
from backend.records.channels.artifacts import find_artifacts
from backend.records.record import Record
from backend.windows.base import Windows
from backend.windows.beats.detection import Beats
from tests.made_records import beat_marks, made_record

CLASSES = ("normal", "PVC", "paced")
RATE = 100.0
R_PEAKS = np.array([10, 100, 200, 250, 400, 800])
LABELS = ("normal", "normal", "PVC", "normal", "normal")
REFERENCE = ("normal", "PVC", "PVC", "fusion", "")
GAP = (500, 700)
MARKS = beat_marks([12, 100, 200, 250, 400, 600, 620, 650], "NNVVFNVN")


def made_classified(reference: bool = True) -> tuple[Record, ClassifiedBeats]:
    """Ten seconds: beats at 1 s, 2 s, 2.5 s, 4 s, then a pause of 4 s; the first is cut by the edge of its window.

    The reference has three more in a gap of the signal, and none at 8 s.
    """
    signal = np.sin(np.arange(1000) / 3.0)[:, np.newaxis]
    signal[slice(*GAP)] = np.nan
    record = made_record(signal, ("II",), RATE, {"atr": MARKS} if reference else {})
    scores = np.eye(3, dtype=np.float32)[[CLASSES.index(label) for label in LABELS]]
    classified = ClassifiedBeats(
        beats=Beats("II", R_PEAKS, find_artifacts(record.signals[:, 0], RATE)),
        windows=Windows(
            np.zeros((5, 4, 1), np.float32), ("lead II",), RATE, R_PEAKS[1:], 1, REFERENCE if reference else None
        ),
        scores=Scores(
            CLASSES,
            scores,
            scores,
            predicted=scores.argmax(axis=1),
            is_uncertain=np.array([False, True, False, True, False]),
            is_ood=np.array([False] * 4 + [True]),
        ),
    )
    return record, classified


def without_beats(classified: ClassifiedBeats) -> ClassifiedBeats:
    """The same, had no beat been found."""
    nothing = np.zeros(0, dtype=np.int64)
    per_beat = ("scores", "probabilities", "predicted", "is_uncertain", "is_ood")
    return replace(
        classified,
        beats=replace(classified.beats, r_peaks=nothing),
        windows=replace(classified.windows, values=classified.windows.values[:0], anchor=nothing, reference=()),
        scores=replace(classified.scores, **{name: getattr(classified.scores, name)[:0] for name in per_beat}),
    )
