"""Figures with confidence intervals that account for the number of patients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

__all__ = ["Figures", "Means", "bootstrap_figures", "bootstrap_means"]

_DRAWS = 1000
_SEED = 2018
_BELOW = 0.025
"""The probability below the interval, and above it."""

_LEAST_PATIENTS = 5
"""With fewer patients the interval covers the mean far less often than in 95% of cases."""


@dataclass(frozen=True, eq=False)
class Figures:
    """Several figures with their 95% confidence intervals.

    Attributes
    ----------
    values, low, high : float64 arrays, shape = (K,)
        ``low`` and ``high`` are NaN where fewer than five patients contribute to the figure.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class Means(Figures):
    """Means of several quantities with their 95% confidence intervals.

    Attributes
    ----------
    counts : int64 array, shape = (K,)
        Windows that have each quantity.
    """

    counts: np.ndarray


def bootstrap_figures(
    totals: np.ndarray, compute: Callable[[np.ndarray], np.ndarray], n_patients: np.ndarray
) -> Figures:
    """Return figures of the totals over all patients, with a bootstrap over patients.

    Patients, not windows, are drawn with replacement, 1,000 times from a fixed seed, since the windows of one patient
    are similar. The percentiles of the interval are expanded by the ratio of Student's t to the normal distribution,
    since plain percentiles are too narrow with few patients.

    Parameters
    ----------
    totals : float array, shape = (P, M)
        Sums or counts of each patient.
    compute : callable
        ``compute(totals)`` returns K figures of each row, shape = (n, K), from totals of shape = (n, M).
    n_patients : int array, shape = (K,)
        The patients that contribute to each figure.

    References
    ----------
    Hesterberg 2015, "What teachers should know about the bootstrap", section on expanded percentile intervals.
    """
    drawn_times = np.random.default_rng(_SEED).multinomial(
        len(totals), np.full(len(totals), 1 / len(totals)), size=_DRAWS
    )
    values, drawn = compute(totals.sum(axis=0, keepdims=True))[0], compute(drawn_times @ totals)
    low, high = np.full((2, len(values)), np.nan)
    for figure in np.flatnonzero(n_patients >= _LEAST_PATIENTS):
        below = 100.0 * _expanded_percentile(int(n_patients[figure]))
        low[figure], high[figure] = np.nanpercentile(drawn[:, figure], (below, 100.0 - below))
    return Figures(values, low, high)


def bootstrap_means(quantities: np.ndarray, patients: np.ndarray) -> Means:
    """Return the mean of each quantity over windows, with a bootstrap over patients.

    Parameters
    ----------
    quantities : float array, shape = (n, K)
        NaN where a window lacks a quantity.
    patients : array of str, shape = (n,)
    """
    names, owner = np.unique(patients, return_inverse=True)
    is_known = np.isfinite(quantities)
    is_owner = (owner == np.arange(len(names))[:, np.newaxis]).astype(np.float64)
    counts = is_owner @ is_known
    n_quantities = quantities.shape[1]

    def divide(totals: np.ndarray) -> np.ndarray:
        sums, whole = totals[:, :n_quantities], totals[:, n_quantities:]
        return np.divide(sums, whole, out=np.full(sums.shape, np.nan), where=whole > 0)

    totals = np.hstack([is_owner @ np.where(is_known, quantities, 0.0), counts])
    found = bootstrap_figures(totals, divide, (counts > 0).sum(axis=0))
    return Means(found.values, found.low, found.high, counts.sum(axis=0).astype(np.int64))


def _expanded_percentile(patients: int) -> float:
    """Return the share of the draws below the interval, and above it."""
    return float(norm.cdf(np.sqrt(patients / (patients - 1)) * t.ppf(_BELOW, patients - 1)))
