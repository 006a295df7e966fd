"""The probability that a P wave precedes a QRS, from its shape and from those before neighbouring beats."""

import numpy as np

from backend.windows.waves.aligned import AlignedBeats
from backend.windows.waves.p_presence import PEvidence, sum_over_neighbours
from backend.windows.waves.p_t_waves import P_GAP_S, P_REACH_S, PEAK_SMOOTHING_S, Wave
from backend.windows.waves.smoothing import smooth

__all__ = ["MIN_PROBABILITY", "estimate_p_probability"]

WEIGHTS = {
    "constant": -4.6,
    "own correlation": 1.7,
    "root of correlation": 6.6,
    "irregularity": -12.4,
    "typical prominence": 0.15,
    "own prominence": 2.0,
    "excess duration": -4.6,
    "ectopic": -4.3,
    "tail of T": -4.7,
    "foot of QRS": -1.9,
    "low": -8.8,
}
"""Log odds of a P; the README beside this module says on which beats they were fitted."""

MIN_PROBABILITY = 0.4
"""A P that is less probable is not marked."""

UNKNOWN = 0.5
"""Probability where there are too few neighbours for a conclusion."""

IRREGULARITY = (0.03, 0.2)
PROMINENCE_MV = (-0.02, 0.1)
TYPICAL_SCALE_MV = 0.01
OWN_SCALE_MV = 0.02
USUAL_DURATION_S = 0.11
TAIL_S = 0.06
FOOT_S = 0.082
CLEAR_MV = 0.01
"""A wave that peaks less than 0.06 s after the earliest place of P and is lower than 0.01 mV in the average of the
neighbours may be the end of T; one that peaks less than 0.082 s before QRS may be its foot."""

LOW_MV = 0.04
ABSENT_MV = 0.006
"""A wave lower than 0.04 mV that is lower than 0.006 mV in the average of the neighbours may be noise."""

LARGEST_MV = 0.3
"""Values farther than this from the median before QRS are artifacts, clipped in the average of the neighbours."""

_LEVEL_S = (-0.33, -0.06)


def estimate_p_probability(
    bridged: np.ndarray,
    beats: AlignedBeats,
    sampling_rate: float,
    qrs_onset: np.ndarray,
    earliest: np.ndarray,
    is_ectopic: np.ndarray,
    evidence: PEvidence,
    p: Wave,
) -> np.ndarray:
    """Return the probability that each wave is a P, from 0 to 1; 0 where there is none.

    A logistic regression on the evidence of the neighbours, the height of the wave over the higher of its edges (in the
    beat itself, and in the average of its neighbours), its duration and its distance from the preceding T.

    Parameters
    ----------
    bridged : float64 array, shape = (n_steps,)
        The lead without its QRS complexes.
    beats : AlignedBeats
    sampling_rate : float
        Hz.
    qrs_onset, earliest : float64 arrays, shape = (n_beats,)
        Columns; ``earliest`` is the earliest place of P after the preceding T.
    is_ectopic : bool array, shape = (n_beats,)
    evidence : PEvidence
    p : Wave
        The candidate of each beat.

    Returns
    -------
    float64 array, shape = (n_beats,)
    """
    heights = beats.take(smooth(bridged, PEAK_SMOOTHING_S, sampling_rate))[:, : beats.r_column + 1]
    shift = np.round(qrs_onset - np.median(qrs_onset)).astype(np.int64) if len(qrs_onset) else qrs_onset
    typical = _average_of_neighbours(heights, shift, is_ectopic, beats.r_column, sampling_rate)
    none = np.zeros_like(shift)
    sign = np.where(_at(heights, p.peak, none) < np.mean(_edges(heights, p, none), axis=0), -1.0, 1.0)
    own_mv, typical_mv = (
        np.nan_to_num(np.min(sign * (_at(rows, p.peak, moved) - _edges(rows, p, moved)), axis=0))
        for rows, moved in ((heights, none), (typical, shift))
    )
    first = np.maximum(earliest, qrs_onset - P_REACH_S * sampling_rate)
    after_first_s = np.nan_to_num((p.peak - first) / sampling_rate)
    before_qrs_s = np.nan_to_num((qrs_onset - p.peak) / sampling_rate)
    is_unclear = np.clip(1 - typical_mv / CLEAR_MV, 0, 1)
    duration_s = np.nan_to_num((p.end - p.onset) / sampling_rate)
    columns = {
        "constant": np.ones(len(own_mv)),
        "own correlation": evidence.own_correlation,
        "root of correlation": np.sqrt(np.clip(evidence.correlation, 0, 1)),
        "irregularity": np.clip(evidence.irregularity, *IRREGULARITY),
        "typical prominence": np.arcsinh(np.clip(typical_mv, *PROMINENCE_MV) / TYPICAL_SCALE_MV),
        "own prominence": np.arcsinh(np.clip(own_mv, *PROMINENCE_MV) / OWN_SCALE_MV),
        "excess duration": np.log(np.maximum(duration_s, USUAL_DURATION_S) / USUAL_DURATION_S),
        "ectopic": is_ectopic.astype(np.float64),
        "tail of T": is_unclear * np.clip(1 - after_first_s / TAIL_S, 0, 1),
        "foot of QRS": is_unclear * np.clip((FOOT_S - before_qrs_s) / (FOOT_S - P_GAP_S), 0, 1),
        "low": np.clip(1 - np.nan_to_num(p.amplitude_mv) / LOW_MV, 0, 1) * np.clip(1 - typical_mv / ABSENT_MV, 0, 1),
    }
    log_odds = sum(WEIGHTS[name] * column for name, column in columns.items())
    known = np.where(evidence.is_known, 1 / (1 + np.exp(-log_odds)), np.where(is_ectopic, 0.0, UNKNOWN))
    return np.where(np.isnan(p.peak), 0.0, known)


def _average_of_neighbours(
    heights: np.ndarray, shift: np.ndarray, is_ectopic: np.ndarray, r_column: int, sampling_rate: float
) -> np.ndarray:
    """Return the mean of the neighbours of each beat, aligned at the onset of QRS, each relative to its own level."""
    rows = np.arange(len(heights))[:, np.newaxis]
    columns = np.clip(np.arange(heights.shape[1]) + shift[:, np.newaxis], 0, heights.shape[1] - 1)
    aligned = heights[rows, columns]
    first, last = (r_column + round(time_s * sampling_rate) for time_s in _LEVEL_S)
    level = np.median(aligned[:, first:last], axis=1, keepdims=True)
    sums, counts = sum_over_neighbours(np.clip(aligned - level, -LARGEST_MV, LARGEST_MV), ~is_ectopic)
    return sums / np.maximum(counts, 1)[:, np.newaxis]


def _at(rows: np.ndarray, columns: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return the value of each row at a column less its shift; NaN where the column is NaN."""
    index = np.clip(np.nan_to_num(columns).astype(np.int64) - shift, 0, rows.shape[1] - 1)
    return np.where(np.isnan(columns), np.nan, rows[np.arange(len(rows)), index])


def _edges(rows: np.ndarray, p: Wave, shift: np.ndarray) -> np.ndarray:
    """Return the values at onset and end; that of the other one where one is absent; shape = (2, n_beats)."""
    onset, end = _at(rows, p.onset, shift), _at(rows, p.end, shift)
    onset, end = np.where(np.isnan(onset), end, onset), np.where(np.isnan(end), onset, end)
    return np.nan_to_num(np.stack([onset, end]))
