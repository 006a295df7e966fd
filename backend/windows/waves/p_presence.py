"""Whether a P wave precedes each QRS, judged from the same interval before neighbouring beats.

The interval before one QRS cannot distinguish a small P from noise or fibrillatory waves. Those of many beats can: a
conducted P keeps its shape and its distance from QRS from beat to beat, and nothing else does.
"""

from dataclasses import dataclass

import numpy as np

from backend.windows.waves.aligned import AlignedBeats
from backend.windows.waves.smoothing import smooth

__all__ = ["PEvidence", "assess_p_waves", "find_ectopic_beats", "sum_over_neighbours"]

MORPHOLOGY_REACH = 60
"""Beats on either side whose QRS is compared with that of a beat."""

MORPHOLOGY_CORRELATION = 0.9
"""Two QRS complexes with at least this correlation have the same morphology."""

WIDER = 1.15
"""A QRS this many times as wide as many nearby of another morphology is ventricular or aberrant."""

NARROWER_SHARE = 0.2
MIN_NARROWER = 3

P_REACH = 25
"""Beats on either side over whose intervals before QRS is averaged."""

MIN_NEIGHBOURS = 4
"""Minimum number of neighbours for a conclusion."""

ECTOPIC_SHIFTS_S = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06)
"""A beat's P is compared with those of its neighbours at the best of these shifts towards its QRS: a fusion or
pre-excited beat begins before the preceding P is conducted."""

_QRS_REACH_S = 0.07
_QRS_SMOOTHING_S = 0.006
_CURVATURE_S = 0.018
_INTERVAL_S = (-0.24, -0.02)


@dataclass(frozen=True, eq=False)
class PEvidence:
    """The evidence of neighbouring beats for a P wave.

    Attributes
    ----------
    is_known : bool array, shape = (n_beats,)
        Whether there are enough neighbours for a conclusion.
    correlation : float64 array, shape = (n_beats,)
        The mean correlation between two neighbours' intervals before QRS.
    irregularity : float64 array, shape = (n_beats,)
        The mean relative change between the RR intervals around the beat.
    own_correlation : float64 array, shape = (n_beats,)
        Correlation of the beat's own interval before QRS with its neighbours', at the best of `ECTOPIC_SHIFTS_S`.
    """

    is_known: np.ndarray
    correlation: np.ndarray
    irregularity: np.ndarray
    own_correlation: np.ndarray


def find_ectopic_beats(
    lead: np.ndarray, beats: AlignedBeats, sampling_rate: float, qrs_onset: np.ndarray, qrs_end: np.ndarray
) -> np.ndarray:
    """Return which beats have a wider QRS of another morphology than many around them; bool, shape = (n_beats,)."""
    columns = np.flatnonzero(np.abs(beats.times_s) <= _QRS_REACH_S)[::2]
    shapes = smooth(lead, _QRS_SMOOTHING_S, sampling_rate)[beats.steps[:, columns]]
    shapes = _to_unit_length(shapes - shapes.mean(axis=1, keepdims=True))
    widths = qrs_end - qrs_onset
    n_beats = len(widths)
    n_narrower = np.zeros(n_beats, dtype=np.int64)
    for lag in range(1, min(MORPHOLOGY_REACH, n_beats - 1) + 1):
        differs = np.einsum("ij,ij->i", shapes[lag:], shapes[:-lag]) < MORPHOLOGY_CORRELATION
        n_narrower[lag:] += differs & (WIDER * widths[:-lag] < widths[lag:])
        n_narrower[:-lag] += differs & (WIDER * widths[lag:] < widths[:-lag])
    first, last = _neighbourhood(n_beats, MORPHOLOGY_REACH)
    return n_narrower >= np.maximum(MIN_NARROWER, NARROWER_SHARE * (last - first - 1))


def assess_p_waves(
    bridged: np.ndarray, beats: AlignedBeats, sampling_rate: float, qrs_onset: np.ndarray, is_ectopic: np.ndarray
) -> PEvidence:
    """Return the evidence for a P wave before each QRS, from those of the neighbouring beats that are not ectopic.

    Parameters
    ----------
    bridged : float64 array, shape = (n_steps,)
        The lead without its QRS complexes.
    beats : AlignedBeats
    sampling_rate : float
        Hz.
    qrs_onset : float64 array, shape = (n_beats,)
        Columns.
    is_ectopic : bool array, shape = (n_beats,)
    """
    intervals = _before_qrs(bridged, beats, sampling_rate, qrs_onset, 0.0)
    sums, counts = sum_over_neighbours(intervals, ~is_ectopic)
    correlation = ((sums**2).sum(axis=1) - counts) / np.maximum(counts * (counts - 1), 1)
    irregularity = _rr_irregularity(beats.r_steps, is_ectopic)
    typical = _to_unit_length(sums)
    own_correlations = [
        (_before_qrs(bridged, beats, sampling_rate, qrs_onset, shift_s) * typical).sum(axis=1)
        for shift_s in ECTOPIC_SHIFTS_S
    ]
    return PEvidence(counts >= MIN_NEIGHBOURS, correlation, irregularity, np.max(own_correlations, axis=0))


def _to_unit_length(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _before_qrs(
    bridged: np.ndarray, beats: AlignedBeats, sampling_rate: float, qrs_onset: np.ndarray, shift_s: float
) -> np.ndarray:
    """Return the curvature in the interval before each QRS, scaled to unit length so that no beat outweighs the others.

    The interval is shifted towards QRS by ``shift_s``; its part within QRS is 0.
    """
    curvature = -smooth(bridged, _CURVATURE_S, sampling_rate, 2)
    onsets = beats.r_steps + qrs_onset.astype(np.int64) - beats.r_column
    offsets = np.arange(round(_INTERVAL_S[0] * sampling_rate), round(_INTERVAL_S[1] * sampling_rate))
    offsets = offsets + round(shift_s * sampling_rate)
    steps = np.clip(onsets[:, np.newaxis] + offsets, 0, len(curvature) - 1)
    return _to_unit_length(curvature[steps] * (offsets < 0))


def _neighbourhood(n_beats: int, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first beat within reach of each beat, and the one after the last."""
    beats = np.arange(n_beats)
    return np.maximum(beats - reach, 0), np.minimum(beats + reach + 1, n_beats)


def sum_over_neighbours(rows: np.ndarray, is_counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of the counted rows within `P_REACH` of each beat without its own, and their number."""
    own = np.column_stack([rows, np.ones(len(rows))]) * is_counted[:, np.newaxis]
    running = np.vstack([np.zeros(own.shape[1]), np.cumsum(own, axis=0)])
    first, last = _neighbourhood(len(rows), P_REACH)
    sums = running[last] - running[first] - own
    return sums[:, :-1], np.round(sums[:, -1])


def _rr_irregularity(r_steps: np.ndarray, is_ectopic: np.ndarray) -> np.ndarray:
    """Return the mean relative change between RR intervals around each beat, without ectopic beats and their pauses.

    0 where there are too few intervals.
    """
    if len(r_steps) < 3:
        return np.zeros(len(r_steps))
    rr = np.diff(r_steps).astype(np.float64)
    changes = np.zeros(len(r_steps))
    changes[2:] = np.minimum(np.abs(np.diff(rr)) / np.maximum(rr[1:], 1.0), 0.4)
    is_counted = np.zeros(len(r_steps), dtype=bool)
    is_counted[2:] = ~(is_ectopic[2:] | is_ectopic[1:-1] | is_ectopic[:-2])
    sums, counts = sum_over_neighbours(changes[:, np.newaxis], is_counted)
    return np.where(counts >= MIN_NEIGHBOURS, sums[:, 0] / np.maximum(counts, 1), 0.0)
