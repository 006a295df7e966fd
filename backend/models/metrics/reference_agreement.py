"""Model and detector against the reference of one record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.models.classification import ClassifiedBeats
from backend.models.metrics.multiclass import confusion
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

__all__ = ["FALSE", "MISSED", "NEAR_S", "Agreement", "DetectionError", "agreement_of"]

MISSED, FALSE = "missed", "false"

NEAR_S = 1.0
"""A stretch without a usable signal, or an end of the record, is named with a beat that it is this near to."""


@dataclass(frozen=True)
class DetectionError:
    """A beat of the reference that was not found, or a found beat that the reference does not have.

    Attributes
    ----------
    kind : str
        MISSED or FALSE.
    sample : int
        Of the record: the reference's mark, or the R peak that was found.
    label : str
        The WFDB symbol of the reference for a missed beat; what the model says of a false one, empty where it lies too
        near an end of the record to be classified.
    near : str
        What may have to do with it within NEAR_S: ``no signal``, ``flat``, ``clipped``, ``start of the record``,
        ``end of the record``; empty for nothing of the kind.
    """

    kind: str
    sample: int
    label: str
    near: str


@dataclass(frozen=True, eq=False)
class Agreement:
    """Model and detector against the reference.

    Attributes
    ----------
    reference_beats : int
        Beats of the reference, found or not, outside ventricular flutter.
    found : int
        Found beats, right or not, outside it.
    errors : tuple of DetectionError
        Where detector and reference differ, in the order of the record.
    flutter_s : float
        Seconds of ventricular flutter; beats in it are in none of these.
    named : int
        Classified beats outside it whose reference is a class that the model knows.
    right : int
        Those of them that it names so.
    rows, columns : tuple of str
        Labels of the reference and of the model.
    counts : int64 array, shape = (len(rows), len(columns))
        Classified beats outside flutter with a beat of the reference.
    """

    reference_beats: int
    found: int
    errors: tuple[DetectionError, ...]
    flutter_s: float
    named: int
    right: int
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: np.ndarray

    @property
    def missed(self) -> int:
        """Beats of the reference that were not found."""
        return sum(error.kind == MISSED for error in self.errors)

    @property
    def false(self) -> int:
        """Found beats that the reference does not have."""
        return sum(error.kind == FALSE for error in self.errors)

    @property
    def sensitivity(self) -> float | None:
        """Share of the reference's beats that were found; None where it has none."""
        return 1 - self.missed / self.reference_beats if self.reference_beats else None

    @property
    def positive_predictivity(self) -> float | None:
        """Share of the found beats that the reference has; None where none was found."""
        return 1 - self.false / self.found if self.found else None

    def times_s(self, kind: str, sampling_rate: float) -> np.ndarray:
        """Seconds of the errors of one kind, ascending."""
        samples = [error.sample for error in self.errors if error.kind == kind]
        return np.array(samples, dtype=np.int64) / sampling_rate


def agreement_of(record: Record, classified: ClassifiedBeats) -> Agreement | None:
    """Compare found and classified beats with the reference; None where the record's marks no beat.

    A found beat is right within 150 ms of a beat of the reference, each matched with one at most. In ventricular
    flutter no beats are labelled: whatever is found or marked there counts neither way.
    """
    marks = reference_beats(record)
    if marks is None:
        return None
    flutter = flutter_spans(record)
    marks = marks.where(~in_spans(marks.samples, flutter))
    r_peaks = classified.beats.r_peaks
    r_peaks = r_peaks[~in_spans(r_peaks, flutter)]
    matching = match_beats(r_peaks, marks.samples, record.sampling_rate)
    told = dict(zip(classified.windows.anchor.tolist(), classified.scores.labels, strict=True))
    classes = classified.scores.classes
    pairs = [
        (reference, told[r_peak])
        for reference, r_peak in zip(reference_labels(marks, matching), r_peaks.tolist(), strict=True)
        if reference and r_peak in told
    ]
    rows, counts = _table(pairs, classes)
    known = [reference == label for reference, label in pairs if reference in classes]
    return Agreement(
        reference_beats=len(marks.samples),
        found=len(r_peaks),
        errors=_errors(record, classified.beats.artifacts, r_peaks, marks, matching, told),
        flutter_s=float(np.diff(flutter).sum() / record.sampling_rate),
        named=len(known),
        right=sum(known),
        rows=rows,
        columns=classes,
        counts=counts,
    )


def _table(pairs: Sequence[tuple[str, str]], classes: tuple[str, ...]) -> tuple[tuple[str, ...], np.ndarray]:
    """The labels of the reference that occur in pairs of reference and model, and how often with each class."""
    references = np.array([reference for reference, _ in pairs], dtype=object)
    labels = np.array([label for _, label in pairs], dtype=object)
    kinds = tuple(dict.fromkeys((*classes, *sorted(set(references)))))
    table = confusion(references, labels, kinds)
    occurring = np.flatnonzero(table.any(axis=1))
    return tuple(kinds[row] for row in occurring), table[occurring, : len(classes)]


def _errors(
    record: Record,
    artifacts: Artifacts,
    r_peaks: np.ndarray,
    marks: Annotations,
    matching: Matching,
    told: Mapping[int, str],
) -> tuple[DetectionError, ...]:
    """The errors among these found beats and these marks."""

    def error(kind: str, sample: int, label: str) -> DetectionError:
        return DetectionError(kind, sample, label, _near(sample, record, artifacts))

    missed = [error(MISSED, int(marks.samples[index]), marks.symbols[index]) for index in matching.missed]
    unmatched = r_peaks[matching.reference_of_found < 0].tolist()
    false = [error(FALSE, sample, told.get(sample, "")) for sample in unmatched]
    return tuple(sorted((*missed, *false), key=lambda one: one.sample))


def _near(sample: int, record: Record, artifacts: Artifacts) -> str:
    reach = NEAR_S * record.sampling_rate
    for kind, stretches in artifacts.by_kind:
        if np.any((stretches[:, 0] - reach <= sample) & (sample < stretches[:, 1] + reach)):
            return kind
    if sample < reach:
        return "start of the record"
    return "end of the record" if sample >= len(record.signals) - reach else ""
