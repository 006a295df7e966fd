"""Agreement of the detector and the model with the reference annotations of one record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.models.classification import ClassifiedBeats
from backend.models.metrics.multiclass import count_confusion
from backend.records.channels.artifacts import Artifacts
from backend.records.record import Annotations, Record
from backend.windows.beats.reference import (
    Matching,
    flutter_spans,
    in_spans,
    match_beats,
    reference_beats,
    reference_labels,
)

__all__ = ["FALSE", "MISSED", "NEAR_S", "Agreement", "DetectionError", "compare_with_reference"]

MISSED, FALSE = "missed", "false"

NEAR_S = 1.0
"""A stretch without a usable signal, or an end of the record, explains an error at most this far away."""


@dataclass(frozen=True)
class DetectionError:
    """A reference beat that was missed, or a detected beat that is not in the reference.

    Attributes
    ----------
    kind : str
        MISSED or FALSE.
    sample : int
        Of the record: the reference's annotation, or the detected R peak.
    label : str
        The reference's WFDB symbol of a missed beat; the predicted class of a false one, empty if it lies too near an
        end of the record to be classified.
    near : str
        A possible cause within NEAR_S: ``no signal``, ``flat``, ``clipped``, ``start of the record``,
        ``end of the record``; empty for none.
    """

    kind: str
    sample: int
    label: str
    near: str


@dataclass(frozen=True, eq=False)
class Agreement:
    """Figures of the detector and the model against the reference.

    Beats in ventricular flutter, where references label none, do not count.

    Attributes
    ----------
    n_reference : int
        Beats of the reference.
    n_detected : int
        Detected beats.
    errors : tuple of DetectionError
        Missed and false beats, in the order of the record.
    flutter_s : float
        Seconds of ventricular flutter.
    n_classified : int
        Classified beats whose reference is a class of the model.
    n_correct : int
        Those of them whose predicted class is that of the reference.
    rows, columns : tuple of str
        Labels of the reference and of the model.
    counts : int64 array, shape = (len(rows), len(columns))
        Classified beats that match a beat of the reference.
    """

    n_reference: int
    n_detected: int
    errors: tuple[DetectionError, ...]
    flutter_s: float
    n_classified: int
    n_correct: int
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: np.ndarray

    @property
    def n_missed(self) -> int:
        """Beats of the reference that were not detected."""
        return sum(error.kind == MISSED for error in self.errors)

    @property
    def n_false(self) -> int:
        """Detected beats that are not in the reference."""
        return sum(error.kind == FALSE for error in self.errors)

    @property
    def sensitivity(self) -> float | None:
        """Share of the reference's beats that were detected; None if it has none."""
        return 1 - self.n_missed / self.n_reference if self.n_reference else None

    @property
    def positive_predictive_value(self) -> float | None:
        """Share of the detected beats that are in the reference; None if none was detected."""
        return 1 - self.n_false / self.n_detected if self.n_detected else None

    def times_s(self, kind: str, sampling_rate: float) -> np.ndarray:
        """Return the times of the errors of one kind in seconds, ascending."""
        samples = [error.sample for error in self.errors if error.kind == kind]
        return np.array(samples, dtype=np.int64) / sampling_rate


def compare_with_reference(record: Record, classified: ClassifiedBeats) -> Agreement | None:
    """Return the agreement of detected and classified beats with the reference; None if the record has none.

    A detected beat is correct within 150 ms of a beat of the reference; each matches at most one.
    """
    marks = reference_beats(record)
    if marks is None:
        return None
    flutter = flutter_spans(record)
    marks = marks.where(~in_spans(marks.samples, flutter))
    r_peaks = classified.beats.r_peaks
    r_peaks = r_peaks[~in_spans(r_peaks, flutter)]
    matching = match_beats(r_peaks, marks.samples, record.sampling_rate)
    label_at = dict(zip(classified.windows.anchor.tolist(), classified.scores.labels, strict=True))
    classes = classified.scores.classes
    pairs = [
        (reference, label_at[r_peak])
        for reference, r_peak in zip(reference_labels(marks, matching), r_peaks.tolist(), strict=True)
        if reference and r_peak in label_at
    ]
    rows, counts = _count_pairs(pairs, classes)
    is_correct = [reference == label for reference, label in pairs if reference in classes]
    return Agreement(
        n_reference=len(marks.samples),
        n_detected=len(r_peaks),
        errors=_list_errors(record, classified.beats.artifacts, r_peaks, marks, matching, label_at),
        flutter_s=float(np.diff(flutter).sum() / record.sampling_rate),
        n_classified=len(is_correct),
        n_correct=sum(is_correct),
        rows=rows,
        columns=classes,
        counts=counts,
    )


def _count_pairs(pairs: Sequence[tuple[str, str]], classes: tuple[str, ...]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the reference labels that occur in (reference, predicted) pairs, and their counts with each class."""
    references = np.array([reference for reference, _ in pairs], dtype=object)
    labels = np.array([label for _, label in pairs], dtype=object)
    kinds = tuple(dict.fromkeys((*classes, *sorted(set(references)))))
    table = count_confusion(references, labels, kinds)
    occurring = np.flatnonzero(table.any(axis=1))
    return tuple(kinds[row] for row in occurring), table[occurring, : len(classes)]


def _list_errors(
    record: Record,
    artifacts: Artifacts,
    r_peaks: np.ndarray,
    marks: Annotations,
    matching: Matching,
    label_at: Mapping[int, str],
) -> tuple[DetectionError, ...]:
    def error(kind: str, sample: int, label: str) -> DetectionError:
        return DetectionError(kind, sample, label, _possible_cause(sample, record, artifacts))

    missed = [error(MISSED, int(marks.samples[index]), marks.symbols[index]) for index in matching.missed]
    unmatched = r_peaks[matching.reference_index < 0].tolist()
    false = [error(FALSE, sample, label_at.get(sample, "")) for sample in unmatched]
    return tuple(sorted((*missed, *false), key=lambda one: one.sample))


def _possible_cause(sample: int, record: Record, artifacts: Artifacts) -> str:
    reach = NEAR_S * record.sampling_rate
    for kind, stretches in artifacts.by_kind:
        if np.any((stretches[:, 0] - reach <= sample) & (sample < stretches[:, 1] + reach)):
            return kind
    if sample < reach:
        return "start of the record"
    return "end of the record" if sample >= len(record.signals) - reach else ""
