"""Means over windows with confidence intervals that account for the number of patients."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

__all__ = ["Means", "bootstrap_means"]

_DRAWS = 1000
_SEED = 2018
_BELOW = 0.025
"""The probability below the interval, and above it."""

_LEAST_PATIENTS = 5
"""With fewer patients the interval covers the mean far less often than in 95% of cases."""


@dataclass(frozen=True, eq=False)
class Means:
    """Means of several quantities with their 95% confidence intervals.

    Attributes
    ----------
    values, low, high : float64 arrays, shape = (K,)
        ``low`` and ``high`` are NaN where fewer than five patients have the quantity.
    counts : int64 array, shape = (K,)
        Windows that have each quantity.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    counts: np.ndarray


def bootstrap_means(quantities: np.ndarray, patients: np.ndarray) -> Means:
    """Return the mean of each quantity over windows, with a bootstrap over patients.

    Patients, not windows, are drawn with replacement, 1,000 times from a fixed seed, since the beats of one patient
    are similar. The percentiles of the interval are expanded by the ratio of Student's t to the normal distribution,
    since plain percentiles are too narrow with few patients.

    Parameters
    ----------
    quantities : float array, shape = (n, K)
        NaN where a window lacks a quantity.
    patients : array of str, shape = (n,)

    References
    ----------
    Hesterberg 2015, "What teachers should know about the bootstrap", section on expanded percentile intervals.
    """
    names, owner = np.unique(patients, return_inverse=True)
    is_known = np.isfinite(quantities)
    is_owner = owner == np.arange(len(names))[:, np.newaxis]
    sums = is_owner.astype(np.float64) @ np.where(is_known, quantities, 0.0)
    counts = is_owner.astype(np.float64) @ is_known
    times_drawn = np.random.default_rng(_SEED).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_DRAWS)
    drawn = _divide(times_drawn @ sums, times_drawn @ counts)
    low, high = np.full((2, quantities.shape[1]), np.nan)
    n_patients = (counts > 0).sum(axis=0)
    for quantity in np.flatnonzero(n_patients >= _LEAST_PATIENTS):
        below = 100.0 * _expanded_percentile(int(n_patients[quantity]))
        low[quantity], high[quantity] = np.nanpercentile(drawn[:, quantity], (below, 100.0 - below))
    whole = counts.sum(axis=0)
    return Means(_divide(sums.sum(axis=0), whole), low, high, whole.astype(np.int64))


def _expanded_percentile(patients: int) -> float:
    """Return the share of the draws below the interval, and above it."""
    return float(norm.cdf(np.sqrt(patients / (patients - 1)) * t.ppf(_BELOW, patients - 1)))


def _divide(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
