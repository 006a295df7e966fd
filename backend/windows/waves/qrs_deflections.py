"""Q, R and S: the deflections within each QRS, for all beats of a lead at once."""

import numpy as np

from backend.windows.waves.aligned import Aligned, first_true, strongest
from backend.windows.waves.slopes import smoothed

__all__ = ["q_r_s"]

SMOOTHING_S = 0.004
"""Standard deviation of the Gaussian before heights are taken: a narrow Q keeps more than half of its depth."""

LEVEL_S = (-0.036, -0.016)
"""Heights count from the mean of this stretch before QRS: a small Q may begin a little before its onset is marked."""

LEAST_MV = 0.03
LEAST_SHARE = 0.05
"""A deflection is at least as high as either, the second as a share of QRS from its lowest point to its highest."""

TURN_S = 0.02
"""How long after QRS a deflection has to turn back in."""

SNAP_S = 0.012
"""R stands where the detector put the R peak if that is as near to its tip as this."""


def q_r_s(
    steady: np.ndarray, beats: Aligned, sampling_rate: float, qrs_onset: np.ndarray, qrs_end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tips of Q, R and S in columns; NaN where a deflection is absent.

    R is the first deflection above the level before QRS, Q the lowest point below it before R, S the lowest after R
    (before or after an R'). A QRS without R is all Q. Where the detector put the beat plays no part: it may have
    found R, R', the nadir of S or that of QS. A deflection that does not turn back is ST.

    Returns
    -------
    (q, r, s) : float64 arrays, shape = (n_beats,)

    References
    ----------
    CSE Working Party, "Recommendations for measurement standards in quantitative electrocardiography",
    Eur. Heart J. 6:815-825, 1985.
    """
    columns = np.arange(len(beats.times_s))
    first, last = qrs_onset[:, np.newaxis], qrs_end[:, np.newaxis]
    within = (columns >= first) & (columns < last) & beats.inside
    heights = _heights(beats.of(smoothed(steady, SMOOTHING_S, sampling_rate)), columns, qrs_onset, sampling_rate)
    low, high = (reduced.astype(np.float64) for reduced in _range(heights, within))
    least = np.maximum(LEAST_MV, LEAST_SHARE * (high - low))
    turning = (columns >= last) & (columns <= last + TURN_S * sampling_rate)
    lowest_after = np.where(turning, heights, np.inf).min(axis=1)
    highest_after = np.where(turning, heights, -np.inf).max(axis=1)

    r = _first_above(heights, within, least, lowest_after)
    is_upright = r >= 0
    before = within & (columns < np.where(is_upright, r, len(columns))[:, np.newaxis])
    after = within & (columns > r[:, np.newaxis]) & is_upright[:, np.newaxis]
    q = _lowest(heights, before, least, np.where(is_upright, 0.0, highest_after))
    s = _lowest(heights, after, least, highest_after)
    return _absent(q), _absent(_snapped(r, heights, least, beats.r_column, sampling_rate)), _absent(s)


def _heights(rows: np.ndarray, columns: np.ndarray, qrs_onset: np.ndarray, sampling_rate: float) -> np.ndarray:
    onset = qrs_onset[:, np.newaxis]
    before = (columns >= onset + LEVEL_S[0] * sampling_rate) & (columns <= onset + LEVEL_S[1] * sampling_rate)
    level = (rows * before).sum(axis=1) / np.maximum(before.sum(axis=1), 1)
    return rows - level[:, np.newaxis]


def _range(heights: np.ndarray, within: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest point of each QRS, the level before it counted in."""
    return np.where(within, heights, 0.0).min(axis=1), np.where(within, heights, 0.0).max(axis=1)


def _first_above(heights: np.ndarray, within: np.ndarray, least: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Column of the tip of the first deflection upwards; -1 where there is none."""
    above = within & (heights > least[:, np.newaxis])
    start = first_true(above)[:, np.newaxis]
    columns = np.arange(heights.shape[1])
    stop = first_true((columns > start) & ~above)
    tip = strongest(heights, above & (columns < stop[:, np.newaxis]))
    runs_on = ~within[np.arange(len(heights)), np.minimum(stop, len(columns) - 1)]
    turns_back = heights[np.arange(len(heights)), tip] - np.maximum(turned, 0) > least
    return np.where(runs_on & ~turns_back, -1, tip)


def _lowest(heights: np.ndarray, mask: np.ndarray, least: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Column of the deepest point in the mask if it is a deflection; -1 where it is none."""
    rows, nadir = np.arange(len(heights)), strongest(-heights, mask)
    depth = -heights[rows, nadir]
    turns = -heights[rows, np.maximum(nadir - 1, 0)] < depth
    return np.where(turns & (depth > least) & (depth + np.minimum(turned, 0) > least), nadir, -1)


def _snapped(r: np.ndarray, heights: np.ndarray, least: np.ndarray, r_column: int, sampling_rate: float) -> np.ndarray:
    """The R peak's own column where it stands on R, next to its tip."""
    stands_on_r = (np.abs(r - r_column) <= SNAP_S * sampling_rate) & (heights[:, r_column] > least) & (r >= 0)
    return np.where(stands_on_r, r_column, r)


def _absent(columns: np.ndarray) -> np.ndarray:
    return np.where(columns < 0, np.nan, columns)
