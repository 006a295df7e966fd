"""The rhythm of simulated atrial fibrillation, for training."""

from functools import cache

import numpy as np

from backend.windows.beats.rhythm import measure_rhythm

__all__ = ["fibrillation_rhythms"]

_SERIES, _BEATS, _BEFORE = 300, 90, 30
_SAMPLING_RATE = 360.0
_MEDIAN_RR_S, _RR_LOG_DEVIATION = 0.72, 0.22
_VARIATION = (0.10, 0.32)
_REFRACTORY_S = 0.28


@cache
def fibrillation_rhythms() -> np.ndarray:
    """Return the rhythm of beats in atrial fibrillation, float32, shape = (n, len(RHYTHM_VARIABLES)), read-only.

    In each of 300 series the RR intervals are independent of one another, log-normal around the mean of the series,
    with a coefficient of variation of 10 to 32%, and not below 0.28 s. The first 30 beats of a series are left out,
    since their references are not settled.

    References
    ----------
    Bootsma et al. 1970, "Analysis of R-R intervals in patients with atrial fibrillation at rest and during exercise":
    the intervals at rest are independent. Tateno & Glass 2001, "Automatic detection of atrial fibrillation using the
    coefficient of variation and density histograms of RR and delta RR intervals": coefficients of variation.
    """
    rng = np.random.default_rng(5)
    rows = []
    for _ in range(_SERIES):
        mean_s = _MEDIAN_RR_S * np.exp(_RR_LOG_DEVIATION * rng.standard_normal())
        rr_s = mean_s * np.exp(rng.uniform(*_VARIATION) * rng.standard_normal(_BEATS))
        r_peaks = np.round(np.cumsum(np.maximum(rr_s, _REFRACTORY_S)) * _SAMPLING_RATE).astype(np.int64)
        rows.append(measure_rhythm(r_peaks, _SAMPLING_RATE)[_BEFORE:-1])
    rhythms = np.concatenate(rows)
    rhythms.flags.writeable = False
    return rhythms
