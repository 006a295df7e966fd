"""What cardiologists wrote about the beats, and how it is matched with the beats that were found."""

from dataclasses import dataclass

import numpy as np
from wfdb.io.annotation import ann_labels

from backend.records.record import Annotations, Record

__all__ = [
    "BEAT_CLASSES",
    "MATCH_TOLERANCE_S",
    "OTHER_BEAT",
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
"""WFDB's annotation symbols of the beats that a model is trained to name."""

OTHER_BEAT = "other"
"""The reference label of a beat whose symbol is not in BEAT_CLASSES (fusion, escape, aberrated, ...)."""

_DESCRIPTIONS = {label.symbol: label.description for label in ann_labels}

_BEAT_SYMBOLS = frozenset("NLRBAaJSVrFejnE/fQ?")

MATCH_TOLERANCE_S = 0.150
"""Half-width of the match window (ANSI/AAMI EC57)."""


@dataclass(frozen=True, eq=False)
class Matching:
    """Found beats against reference beats.

    Attributes
    ----------
    reference_of_found : int64 array, shape = (n_found,)
        Index of the reference beat of each found beat, -1 where there is none.
    missed : int64 array
        Indices of the reference beats that no found beat matches.
    """

    reference_of_found: np.ndarray
    missed: np.ndarray


def reference_beats(record: Record) -> Annotations | None:
    """The beat annotations of a record, rhythm and noise marks left out; None when there are none.

    ``atr`` is taken where it exists, else the annotator with the most beats among those that use beat symbols
    as such. Annotators of wave marks (with ``(`` and ``)``) are no reference for beats.
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
    """Ventricular flutter or fibrillation (``[`` to ``]`` in ``atr``), in which no beats are labelled.

    Returns
    -------
    int64 array, shape = (n_spans, 2)
        First and last sample of each; a span that is never closed lasts until the record's end.
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
    """Which samples lie in one of the spans, ends included; bool, shape = (n,)."""
    inside = (samples[:, np.newaxis] >= spans[:, 0]) & (samples[:, np.newaxis] <= spans[:, 1])
    return np.asarray(inside.any(axis=1))


def match_beats(
    found: np.ndarray, reference: np.ndarray, sampling_rate: float, tolerance_s: float = MATCH_TOLERANCE_S
) -> Matching:
    """Match each reference beat with at most one found beat, nearest pairs first.

    Parameters
    ----------
    found, reference : int64 arrays of samples, ascending
    sampling_rate : float
        Hz.
    tolerance_s : float
        The greatest distance of a pair.
    """
    tolerance = tolerance_s * sampling_rate
    reference_of_found = np.full(len(found), -1, dtype=np.int64)
    taken = np.zeros(len(reference), dtype=bool)
    for _, found_index, reference_index in sorted(_pairs_within(found, reference, tolerance)):
        if reference_of_found[found_index] < 0 and not taken[reference_index]:
            reference_of_found[found_index] = reference_index
            taken[reference_index] = True
    return Matching(reference_of_found, np.flatnonzero(~taken))


def _pairs_within(found: np.ndarray, reference: np.ndarray, tolerance: float) -> list[tuple[float, int, int]]:
    first = np.searchsorted(reference, found - tolerance, side="left")
    last = np.searchsorted(reference, found + tolerance, side="right")
    return [
        (abs(float(found[index] - reference[candidate])), index, candidate)
        for index in range(len(found))
        for candidate in range(first[index], last[index])
    ]


def beat_name(symbol: str) -> str:
    """A beat's annotation symbol with its name: a class, else as WFDB describes it."""
    described = BEAT_CLASSES.get(symbol) or _DESCRIPTIONS.get(symbol, "").removesuffix(" beat").lower()
    return f"{symbol} {described}".strip()


def reference_labels(reference: Annotations, matching: Matching) -> tuple[str, ...]:
    """The label of each found beat: a class, ``OTHER_BEAT``, or empty where no reference beat matches."""
    return tuple(
        BEAT_CLASSES.get(reference.symbols[index], OTHER_BEAT) if index >= 0 else ""
        for index in matching.reference_of_found
    )
