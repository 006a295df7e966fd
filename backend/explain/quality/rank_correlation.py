"""Spearman's rank correlation of saliences."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import spearmanr

__all__ = ["rank_correlation", "rank_correlations"]


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return Spearman's rank correlation of two saliences of one shape, -1 to 1; ties share their mean rank.

    A variable along which both are constant does not count, such as a missing lead or a feature that cannot fade: it
    would make any two saliences similar.

    NaN where one of the two is constant in the remaining variables.

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
    """Return the ``rank_correlation`` of each pair of k arrays of one shape, float64, shape = (k, k).

    NaN in the row and the column of a constant array.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    correlations = np.empty((len(arrays), len(arrays)))
    for place, one in enumerate(arrays):
        for other_place, other in enumerate(arrays[: place + 1]):
            correlations[place, other_place] = correlations[other_place, place] = rank_correlation(one, other)
    return correlations
