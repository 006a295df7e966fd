"""Classified beats as WFDB annotations, for other software to read."""

import numpy as np

from backend.models.classification import ClassifiedBeats
from backend.records.record import Annotations
from backend.windows.beats.reference import BEAT_CLASSES

__all__ = ["UNNAMED", "beat_annotations"]

UNNAMED = "Q"
"""WFDB's symbol of a beat that could not be classified."""

_NOTE = '"'
_NOTE_SAMPLE = 1  # readers take a note at sample 0 for a description of the file
_LONGEST_NOTE = 255
_SYMBOLS = {label: symbol for symbol, label in BEAT_CLASSES.items()}


def beat_annotations(classified: ClassifiedBeats, model: str, n_corrections: int) -> Annotations:
    """All found beats, each with the symbol of its label, and a note at the start that says how they came about.

    A beat is UNNAMED where the model has not judged it, since it lies too near an end of the record, and where it is
    unlike the training data, so that no label of it should be relied on; its note says which. A beat of which the model
    is uncertain has the symbol of the likeliest class, and the note ``uncertain``.

    Parameters
    ----------
    classified : ClassifiedBeats
    model : str
        Name of the bundle.
    n_corrections : int
        How many corrections a person made to the beats.

    Returns
    -------
    Annotations
    """
    beats, scores = classified.beats, classified.scores
    symbols = dict.fromkeys(beats.r_peaks.tolist(), (UNNAMED, "not classified"))
    judged = zip(classified.windows.anchor.tolist(), scores.labels, scores.unlike, scores.uncertain, strict=True)
    symbols |= {sample: _symbol(*judgement) for sample, *judgement in judged}
    rows = [(sample, *symbol) for sample, symbol in symbols.items()]
    rows.append((_NOTE_SAMPLE, _NOTE, _origin(classified, model, n_corrections)))
    rows.sort(key=lambda row: (row[0], row[1] != _NOTE))
    return Annotations(
        samples=np.array([sample for sample, _, _ in rows], dtype=np.int64),
        symbols=tuple(symbol for _, symbol, _ in rows),
        notes=tuple(note for _, _, note in rows),
    )


def _symbol(label: str, unlike: bool, uncertain: bool) -> tuple[str, str]:
    if unlike:
        return UNNAMED, "unlike training"
    return _SYMBOLS.get(label, UNNAMED), "uncertain" if uncertain else ""


def _origin(classified: ClassifiedBeats, model: str, n_corrections: int) -> str:
    by_hand = "1 correction" if n_corrections == 1 else f"{n_corrections} corrections"
    note = (
        f"Beatlight, research use only: not checked by a cardiologist. Model {model}, detector "
        f"{classified.beats.detector}, {by_hand} by hand, lead {classified.beats.lead}"
    )
    return " ".join(note.encode("latin-1", "replace").decode("latin-1").split())[:_LONGEST_NOTE]
