"""The figures of a classified record."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from backend.models.classification import ClassifiedBeats
from backend.models.metrics.reference_agreement import Agreement, compare_with_reference
from backend.records.record import Record

__all__ = ["RecordSummary", "heart_rate_bpm", "summarise_record"]


@dataclass(frozen=True, eq=False)
class RecordSummary:
    """Counts and rates of one record.

    Attributes
    ----------
    duration_s : float
    mean_rate_bpm : float or None
        None for fewer than two beats.
    n_detected : int
        Detected beats.
    n_cut_by_edges : int
        Detected beats without a window, since the record begins or ends within it.
    by_class : dict of str to int
        Beats of each predicted class that occurs.
    n_uncertain, n_ood : int
        Beats with an uncertain prediction, and beats out of distribution.
    n_artifacts : int
        Stretches of the lead without a usable signal.
    agreement : Agreement or None
        None without a reference.
    """

    duration_s: float
    mean_rate_bpm: float | None
    n_detected: int
    n_cut_by_edges: int
    by_class: dict[str, int]
    n_uncertain: int
    n_ood: int
    n_artifacts: int
    agreement: Agreement | None


def summarise_record(record: Record, classified: ClassifiedBeats) -> RecordSummary:
    """Return the figures of a record whose beats are classified."""
    rates = heart_rate_bpm(classified.beats.r_peaks, record.sampling_rate)
    known = rates[~np.isnan(rates)]
    counts = Counter(classified.scores.labels)
    return RecordSummary(
        duration_s=record.duration_s,
        mean_rate_bpm=float(60.0 / np.mean(60.0 / known)) if len(known) else None,
        n_detected=len(classified.beats.r_peaks),
        n_cut_by_edges=classified.cut_by_edges,
        by_class={name: counts[name] for name in classified.scores.classes if counts[name]},
        n_uncertain=int(classified.scores.is_uncertain.sum()),
        n_ood=int(classified.scores.is_ood.sum()),
        n_artifacts=classified.beats.artifacts.count,
        agreement=compare_with_reference(record, classified),
    )


def heart_rate_bpm(r_peaks: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return the heart rate from the interval before each beat, beats per minute, shape = (n_beats,).

    NaN for the first beat and after an interval of over 3 s, which is as often missed detection as a pause.
    """
    rates = np.full(len(r_peaks), np.nan)
    intervals_s = np.diff(r_peaks) / sampling_rate
    with np.errstate(divide="ignore"):
        rates[1:] = np.where(intervals_s <= 3.0, 60.0 / intervals_s, np.nan)
    return rates
