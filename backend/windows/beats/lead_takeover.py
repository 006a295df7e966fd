"""The beats of another lead where a lead is unreadable."""

import numpy as np

from backend.records.channels.artifacts import Artifacts
from backend.windows.beats.hamilton import REFRACTORY_S
from backend.windows.beats.noisy_beats import LeadBeats
from backend.windows.beats.reference import match_beats

__all__ = ["take_over"]

MIN_SHARED_BEATS = 10
"""Beats of both leads from which the delay between their R peaks is known."""

MIN_SHARED = 0.5
"""The leads agree if at least this proportion of the readable beats of each is found in the other."""


def take_over(beats: LeadBeats, other: LeadBeats, artifacts: Artifacts, sampling_rate: float) -> LeadBeats:
    """Return the beats of a lead with those of another one where only that one is readable.

    The other lead's beats are moved by the median delay between the R peaks of both leads. Nothing is taken over from
    a lead that shares too few beats to know the delay.

    Parameters
    ----------
    beats, other : LeadBeats
    artifacts : Artifacts
        Of the other lead.
    sampling_rate : float
        Hz.
    """
    delay = _delay(beats, other, sampling_rate)
    if delay is None:
        return beats
    r_peaks, unreadable = beats.r_peaks, []
    for start, end in beats.unreadable.tolist():
        if not _is_readable(other, artifacts, start, end):
            unreadable.append((start, end))
            continue
        taken = other.r_peaks[(other.r_peaks >= start) & (other.r_peaks < end)] + delay
        own = r_peaks[(r_peaks < start) | (r_peaks >= end)]
        is_double = np.array([np.any(np.abs(own - sample) < REFRACTORY_S * sampling_rate) for sample in taken], bool)
        r_peaks = np.union1d(own, taken[~is_double & (taken >= start) & (taken < end)])
    return LeadBeats(r_peaks, np.array(unreadable, dtype=np.int64).reshape(-1, 2))


def _delay(beats: LeadBeats, other: LeadBeats, sampling_rate: float) -> int | None:
    """Return the median delay of the R peaks to those of the other lead in samples; None if it is not known."""
    own, theirs = _readable(beats), _readable(other)
    index = match_beats(own, theirs, sampling_rate).reference_index
    n_shared = int((index >= 0).sum())
    if n_shared < max(MIN_SHARED_BEATS, MIN_SHARED * len(own), MIN_SHARED * len(theirs)):
        return None
    return int(np.median(own[index >= 0] - theirs[index[index >= 0]]))


def _readable(beats: LeadBeats) -> np.ndarray:
    """Return the R peaks outside the unreadable stretches."""
    after = np.searchsorted(beats.unreadable[:, 0], beats.r_peaks, side="right")
    ends = np.concatenate([[-1], beats.unreadable[:, 1]])
    return beats.r_peaks[beats.r_peaks >= ends[after]]


def _is_readable(beats: LeadBeats, artifacts: Artifacts, start: int, end: int) -> bool:
    stretches = np.concatenate([beats.unreadable, artifacts.gaps, artifacts.flat])
    return not bool(np.any((stretches[:, 0] < end) & (stretches[:, 1] > start)))
