"""Q, R and S: the deflections within each QRS, for all beats of a lead at once."""

import numpy as np

from backend.windows.waves.aligned import AlignedBeats, argmax_within, first_true
from backend.windows.waves.smoothing import smooth

__all__ = ["find_q_r_s"]

SMOOTHING_S = 0.004
"""Standard deviation of the Gaussian before heights are measured: a narrow Q keeps more than half of its depth."""

LEVEL_S = (-0.036, -0.016)
"""Heights are relative to the mean of this interval before QRS: a small Q may begin before its marked onset."""

MIN_MV = 0.03
MIN_SHARE = 0.05
"""Minimum height of a deflection; the second as a proportion of the peak-to-peak amplitude of QRS."""

TURN_S = 0.02
"""A deflection returns within this time after QRS."""

SNAP_S = 0.012
"""R is marked at the detector's R peak if that lies this near to its tip."""


def find_q_r_s(
    lead: np.ndarray, beats: AlignedBeats, sampling_rate: float, qrs_onset: np.ndarray, qrs_end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the tips of Q, R and S in columns; NaN where a deflection is absent.

    R is the first deflection above the level before QRS, Q the lowest point below it before R, S the lowest after R
    (before or after an R'). A QRS without R is all Q. The detector's R peak has no influence, as it may be R, R' or the
    nadir of S or QS. A deflection that does not return is ST.

    Parameters
    ----------
    lead : float64 array, shape = (n_steps,)
        mV, without baseline wander.
    beats : AlignedBeats
    sampling_rate : float
        Hz.
    qrs_onset, qrs_end : float64 arrays, shape = (n_beats,)
        Columns.

    Returns
    -------
    (q, r, s) : float64 arrays, shape = (n_beats,)

    References
    ----------
    CSE Working Party, "Recommendations for measurement standards in quantitative electrocardiography",
    Eur. Heart J. 6:815-825, 1985.
    """
    columns = np.arange(len(beats.times_s))
    onset, end = qrs_onset[:, np.newaxis], qrs_end[:, np.newaxis]
    within = (columns >= onset) & (columns < end) & beats.is_inside

    heights = beats.take(smooth(lead, SMOOTHING_S, sampling_rate))
    before = (columns >= onset + LEVEL_S[0] * sampling_rate) & (columns <= onset + LEVEL_S[1] * sampling_rate)
    level = (heights * before).sum(axis=1) / np.maximum(before.sum(axis=1), 1)
    heights = heights - level[:, np.newaxis]
    of_qrs = np.where(within, heights, 0.0)
    peak_to_peak = of_qrs.max(axis=1).astype(np.float64) - of_qrs.min(axis=1).astype(np.float64)
    minimum = np.maximum(MIN_MV, MIN_SHARE * peak_to_peak)

    turning = (columns >= end) & (columns <= end + TURN_S * sampling_rate)
    lowest_after = np.where(turning, heights, np.inf).min(axis=1)
    highest_after = np.where(turning, heights, -np.inf).max(axis=1)
    r = _first_upward(heights, within, minimum, lowest_after)
    has_r = r >= 0
    before_r = within & (columns < np.where(has_r, r, len(columns))[:, np.newaxis])
    after_r = within & (columns > r[:, np.newaxis]) & has_r[:, np.newaxis]
    q = _lowest(heights, before_r, minimum, np.where(has_r, 0.0, highest_after))
    s = _lowest(heights, after_r, minimum, highest_after)

    is_near_r_peak = np.abs(r - beats.r_column) <= SNAP_S * sampling_rate
    r = np.where(is_near_r_peak & (heights[:, beats.r_column] > minimum) & has_r, beats.r_column, r)
    return np.where(q < 0, np.nan, q), np.where(r < 0, np.nan, r), np.where(s < 0, np.nan, s)


def _first_upward(heights: np.ndarray, within: np.ndarray, minimum: np.ndarray, lowest_after: np.ndarray) -> np.ndarray:
    """Return the column of the tip of the first upward deflection; -1 if there is none."""
    rows, columns = np.arange(len(heights)), np.arange(heights.shape[1])
    is_above = within & (heights > minimum[:, np.newaxis])
    start = first_true(is_above)[:, np.newaxis]
    stop = first_true((columns > start) & ~is_above)
    tip = argmax_within(heights, is_above & (columns < stop[:, np.newaxis]))
    reaches_end = ~within[rows, np.minimum(stop, len(columns) - 1)]
    returns = heights[rows, tip] - np.maximum(lowest_after, 0) > minimum
    return np.where(reaches_end & ~returns, -1, tip)


def _lowest(heights: np.ndarray, mask: np.ndarray, minimum: np.ndarray, highest_after: np.ndarray) -> np.ndarray:
    """Return the column of the deepest point in the mask if it is a deflection, else -1."""
    rows, nadir = np.arange(len(heights)), argmax_within(-heights, mask)
    depth = -heights[rows, nadir]
    turns = -heights[rows, np.maximum(nadir - 1, 0)] < depth
    returns = depth + np.minimum(highest_after, 0) > minimum
    return np.where(turns & (depth > minimum) & returns, nadir, -1)
