"""Classified beats as WFDB annotations."""

import numpy as np

from backend.models.classification import ClassifiedBeats
from backend.records.record import Annotations
from backend.windows.beats.reference import BEAT_CLASSES

__all__ = ["UNCLASSIFIED", "annotate_beats"]

UNCLASSIFIED = "Q"
"""WFDB's symbol of a beat that could not be classified."""

_NOTE = '"'
_NOTE_SAMPLE = 1  # readers take a note at sample 0 as a description of the file
_MAX_NOTE_LENGTH = 255
_SYMBOLS = {label: symbol for symbol, label in BEAT_CLASSES.items()}


def annotate_beats(classified: ClassifiedBeats, model: str, n_corrections: int) -> Annotations:
    """Return all detected beats with the symbols of their predicted classes, and a note of origin at the start.

    A beat is UNCLASSIFIED if it has no window, since it lies too near an end of the record, or if it is out of
    distribution; its note says which. A beat with an uncertain prediction has the symbol of the most probable class
    and the note ``uncertain``.

    Parameters
    ----------
    classified : ClassifiedBeats
    model : str
        Name of the bundle.
    n_corrections : int
        Number of manual corrections to the beats.
    """
    beats, scores = classified.beats, classified.scores
    symbols = dict.fromkeys(beats.r_peaks.tolist(), (UNCLASSIFIED, "not classified"))
    predictions = zip(
        classified.windows.anchor.tolist(), scores.labels, scores.is_ood, scores.is_uncertain, strict=True
    )
    symbols |= {sample: _symbol(*prediction) for sample, *prediction in predictions}
    rows = [(sample, *symbol) for sample, symbol in symbols.items()]
    rows.append((_NOTE_SAMPLE, _NOTE, _origin(classified, model, n_corrections)))
    rows.sort(key=lambda row: (row[0], row[1] != _NOTE))
    return Annotations(
        samples=np.array([sample for sample, _, _ in rows], dtype=np.int64),
        symbols=tuple(symbol for _, symbol, _ in rows),
        notes=tuple(note for _, _, note in rows),
    )


def _symbol(label: str, is_ood: bool, is_uncertain: bool) -> tuple[str, str]:
    if is_ood:
        return UNCLASSIFIED, "out of distribution"
    return _SYMBOLS.get(label, UNCLASSIFIED), "uncertain" if is_uncertain else ""


def _origin(classified: ClassifiedBeats, model: str, n_corrections: int) -> str:
    corrections = "1 manual correction" if n_corrections == 1 else f"{n_corrections} manual corrections"
    note = (
        f"Beatlight, research use only: not checked by a cardiologist. Model {model}, detector "
        f"{classified.beats.detector}, {corrections}, lead {classified.beats.lead}"
    )
    return " ".join(note.encode("latin-1", "replace").decode("latin-1").split())[:_MAX_NOTE_LENGTH]
