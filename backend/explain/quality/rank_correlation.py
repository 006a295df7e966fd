"""How far two saliences put the same steps in the same order."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import spearmanr

__all__ = ["rank_correlation", "rank_correlations"]


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rank correlation of two saliences of one shape, -1 to 1; ties share the mean of their ranks.

    A variable along which neither changes from step to step does not count: a lead that the record lacks, of which
    many techniques say 0 for every network there is, or a measurement that cannot fade. Two saliences would be alike
    in it whatever they say of the steps.

    NaN where one of the two is constant in all that counts: it puts nothing in an order.

    Parameters
    ----------
    one, other : arrays, shape = (T,) or (T, D)

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if one.shape != other.shape:
        raise ValueError(f"arrays of different shapes have no rank correlation: {one.shape}, {other.shape}")
    changing = (np.ptp(one, axis=0) > 0) | (np.ptp(other, axis=0) > 0)
    first, second = one[..., changing].ravel(), other[..., changing].ravel()
    if not first.size or not np.ptp(first) or not np.ptp(second):
        return float("nan")
    return float(np.clip(spearmanr(first, second).statistic, -1.0, 1.0))


def rank_correlations(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """`rank_correlation` of each of k arrays of one shape with each, float64, shape = (k, k).

    NaN in the row and the column of an array that is constant.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    table = np.empty((len(arrays), len(arrays)))
    for place, one in enumerate(arrays):
        for other_place, other in enumerate(arrays[: place + 1]):
            table[place, other_place] = table[other_place, place] = rank_correlation(one, other)
    return table
