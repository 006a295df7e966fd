"""The reference annotations of beats, and their matching with detected beats."""

from dataclasses import dataclass

import numpy as np
from wfdb.io.annotation import ann_labels

from backend.records.record import Annotations, Record

__all__ = [
    "BEAT_CLASSES",
    "MATCH_TOLERANCE_S",
    "NO_BEAT",
    "REFERENCE_LABELS",
    "Matching",
    "beat_name",
    "flutter_spans",
    "in_spans",
    "match_beats",
    "reference_beats",
    "reference_labels",
]

BEAT_CLASSES = {
    "N": "normal",
    "L": "LBBB",
    "R": "RBBB",
    "A": "atrial premature",
    "V": "PVC",
    "/": "paced",
}
"""WFDB annotation symbols of the beat classes."""

REFERENCE_LABELS = {
    **BEAT_CLASSES,
    "a": "atrial premature",
    "J": "atrial premature",
    "S": "atrial premature",
    "r": "PVC",
    "E": "ventricular escape",
    "e": "escape",
    "j": "escape",
    "n": "escape",
    "B": "conducted",
    "F": "fusion",
    "f": "paced fusion",
    "Q": "unclassifiable",
    "?": "unclassifiable",
}
"""The reference label of each WFDB symbol of a beat.

Every supraventricular premature beat is "atrial premature", "escape" is supraventricular, and a "conducted" beat is a
supraventricular one whose bundle branches are not known.
"""

NO_BEAT = "no beat"
"""The reference label of a detected beat without a reference beat."""

_DESCRIPTIONS = {label.symbol: label.description for label in ann_labels}

_BEAT_SYMBOLS = frozenset(REFERENCE_LABELS)

MATCH_TOLERANCE_S = 0.150
"""Half-width of the match window (ANSI/AAMI EC57)."""


@dataclass(frozen=True, eq=False)
class Matching:
    """The matching of detected beats with reference beats.

    Attributes
    ----------
    reference_index : int64 array, shape = (n_detected,)
        Index of the reference beat of each detected beat, -1 without one.
    missed : int64 array
        Indices of the reference beats without a detected beat.
    """

    reference_index: np.ndarray
    missed: np.ndarray


def reference_beats(record: Record) -> Annotations | None:
    """Return the beat annotations of a record without rhythm and noise annotations; None if there are none.

    The annotator ``atr`` has precedence over the one with the most beats. Annotators of wave marks (with ``(`` and
    ``)``) are not a reference for beats.
    """
    beats = {
        annotator: marks.where(np.array([symbol in _BEAT_SYMBOLS for symbol in marks.symbols], dtype=bool))
        for annotator, marks in record.annotations.items()
        if annotator == "atr" or ")" not in marks.symbols
    }
    beats = {annotator: marks for annotator, marks in beats.items() if len(marks.samples)}
    if "atr" in beats:
        return beats["atr"]
    return max(beats.values(), key=lambda marks: len(marks.samples), default=None)


def flutter_spans(record: Record) -> np.ndarray:
    """Return the spans of ventricular flutter or fibrillation (``[`` to ``]`` in ``atr``), which have no beat labels.

    Returns
    -------
    int64 array, shape = (n_spans, 2)
        First and last sample of each; an open span lasts until the end of the record.
    """
    marks = record.annotations.get("atr")
    spans: list[tuple[int, int]] = []
    start = None
    for sample, symbol in zip(marks.samples.tolist(), marks.symbols, strict=True) if marks else ():
        if symbol == "[" and start is None:
            start = sample
        elif symbol == "]" and start is not None:
            spans.append((start, sample))
            start = None
    if start is not None:
        spans.append((start, len(record.signals) - 1))
    return np.array(spans, dtype=np.int64).reshape(-1, 2)


def in_spans(samples: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Return which samples lie in one of the spans, ends included; bool, shape = (n,)."""
    is_inside = (samples[:, np.newaxis] >= spans[:, 0]) & (samples[:, np.newaxis] <= spans[:, 1])
    return np.asarray(is_inside.any(axis=1))


def match_beats(
    detected: np.ndarray, reference: np.ndarray, sampling_rate: float, tolerance_s: float = MATCH_TOLERANCE_S
) -> Matching:
    """Return the matching of each reference beat with at most one detected beat, nearest pairs first.

    Parameters
    ----------
    detected, reference : int64 arrays
        Samples, ascending.
    sampling_rate : float
        Hz.
    tolerance_s : float
        Maximum distance of a pair.
    """
    tolerance = tolerance_s * sampling_rate
    reference_index = np.full(len(detected), -1, dtype=np.int64)
    is_matched = np.zeros(len(reference), dtype=bool)
    for _, row, candidate in sorted(_pairs_within(detected, reference, tolerance)):
        if reference_index[row] < 0 and not is_matched[candidate]:
            reference_index[row] = candidate
            is_matched[candidate] = True
    return Matching(reference_index, np.flatnonzero(~is_matched))


def _pairs_within(detected: np.ndarray, reference: np.ndarray, tolerance: float) -> list[tuple[float, int, int]]:
    first = np.searchsorted(reference, detected - tolerance, side="left")
    last = np.searchsorted(reference, detected + tolerance, side="right")
    return [
        (abs(float(detected[index] - reference[candidate])), index, candidate)
        for index in range(len(detected))
        for candidate in range(first[index], last[index])
    ]


def beat_name(symbol: str) -> str:
    """Return a beat's annotation symbol with its class or its WFDB description."""
    described = BEAT_CLASSES.get(symbol) or _DESCRIPTIONS.get(symbol, "").removesuffix(" beat").lower()
    return f"{symbol} {described}".strip()


def reference_labels(reference: Annotations, matching: Matching) -> tuple[str, ...]:
    """Return the label of each detected beat: one of REFERENCE_LABELS, or empty without a reference beat."""
    return tuple(REFERENCE_LABELS[reference.symbols[index]] if index >= 0 else "" for index in matching.reference_index)
