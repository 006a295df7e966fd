"""How far two saliences put the same steps in the same order."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

__all__ = ["rank_correlation", "rank_correlations"]


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rank correlation of two arrays of one shape, -1 to 1; ties share the mean of their ranks.

    NaN where one of the two is constant: it puts nothing in an order.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    return float(rank_correlations([one, other])[0, 1])


def rank_correlations(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Spearman's rank correlation of each of k arrays of one shape with each, float64, shape = (k, k).

    NaN in the row and the column of an array that is constant.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if len({array.shape for array in arrays}) > 1:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ValueError(f"arrays of different shapes have no rank correlation: {shapes}")
    ranks = rankdata(np.stack(arrays).reshape(len(arrays), -1), axis=1)
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    directions = np.divide(centred, length, out=np.full_like(centred, np.nan), where=length > 0)
    return np.clip(directions @ directions.T, -1.0, 1.0)
