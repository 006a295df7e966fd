"""The numbers of a classified record."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from backend.models.classification import ClassifiedBeats
from backend.models.metrics.reference_agreement import Agreement, agreement_of
from backend.records.record import Record

__all__ = ["RecordSummary", "heart_rate_bpm", "summarised"]


@dataclass(frozen=True, eq=False)
class RecordSummary:
    """What the Record screen says in numbers.

    Attributes
    ----------
    duration_s : float
    mean_rate_bpm : float or None
        None with fewer than two beats.
    found : int
    cut_by_edges : int
    by_class : dict of str to int
    uncertain, unlike : int
    artifacts : int
        Stretches of the lead that could not be used.
    agreement : Agreement or None
        None without a reference.
    """

    duration_s: float
    mean_rate_bpm: float | None
    found: int
    cut_by_edges: int
    by_class: dict[str, int]
    uncertain: int
    unlike: int
    artifacts: int
    agreement: Agreement | None


def summarised(record: Record, classified: ClassifiedBeats) -> RecordSummary:
    """Count what there is to count."""
    rates = heart_rate_bpm(classified.beats.r_peaks, record.sampling_rate)
    known = rates[~np.isnan(rates)]
    counts = Counter(classified.scores.labels)
    return RecordSummary(
        duration_s=record.duration_s,
        mean_rate_bpm=float(60.0 / np.mean(60.0 / known)) if len(known) else None,
        found=len(classified.beats.r_peaks),
        cut_by_edges=classified.cut_by_edges,
        by_class={name: counts[name] for name in classified.scores.classes if counts[name]},
        uncertain=int(classified.scores.uncertain.sum()),
        unlike=int(classified.scores.unlike.sum()),
        artifacts=classified.beats.artifacts.count,
        agreement=agreement_of(record, classified),
    )


def heart_rate_bpm(r_peaks: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Beats a minute from the interval before each beat, shape = (n_beats,).

    NaN for the first beat and after a pause of over 3 s, which is a gap in the detection as often as in the heart.
    """
    rates = np.full(len(r_peaks), np.nan)
    intervals_s = np.diff(r_peaks) / sampling_rate
    with np.errstate(divide="ignore"):
        rates[1:] = np.where(intervals_s <= 3.0, 60.0 / intervals_s, np.nan)
    return rates
