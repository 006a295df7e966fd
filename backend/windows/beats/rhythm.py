"""The rhythm around a beat, as measurements that are known by the time a model reads them."""

import numpy as np
from scipy import ndimage

__all__ = ["KNOWN_AFTER", "RHYTHM_SOURCES", "RHYTHM_VARIABLES", "measure_rhythm"]

RHYTHM_VARIABLES = (
    "RR before",
    "RR before / typical",
    "RR before / longest",
    "RR before / long-term",
    "RR one earlier / typical",
    "RR two earlier / typical",
    "RR spread, 20 beats",
    "RR spread, 6 beats",
    "RR after / typical",
    "RR after / before",
    "RR after known",
)
"""The columns of `measure_rhythm`."""

RHYTHM_SOURCES = (
    *("RR before",) * 4,
    *("earlier RR",) * 2,
    *("RR irregularity",) * 2,
    *("RR after",) * 3,
)
"""The measurement to which each of RHYTHM_VARIABLES belongs; its columns are known, and withheld, together."""

KNOWN_AFTER = np.array([source == "RR after" for source in RHYTHM_SOURCES])
"""Which of RHYTHM_VARIABLES are known only when the next beat has come."""

_TYPICAL_OF, _TYPICAL_QUANTILE = 60, 0.65
_LONGEST_OF, _LONGEST_QUANTILE = 40, 0.8
_LONG_TERM_OF, _LONG_TERM_QUANTILE = 300, 0.75
_USUAL_RR_S = 0.8
_SPREAD_SCALE = 5.0
_LIMIT = 2.0


def measure_rhythm(r_peaks: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return RHYTHM_VARIABLES of each beat, float32, shape = (n, 11).

    Intervals are log2 of their ratio to 0.8 s or to another interval, within -2..2: -1 is half of it. All but the last
    three columns depend on this beat and those before it alone. When most beats are premature, the median of the
    intervals is a premature one; so the references are quantiles: typical is the 65% quantile of the last 60 intervals,
    longest the 80% quantile of the last 40, long-term the 75% quantile of the last 300. The spread is five times the
    standard deviation of the last 20 or 6 intervals divided by the typical one, at most 2. An interval that does not
    exist, before the first beat or after the last, is 0, and its ``known`` column too.

    Parameters
    ----------
    r_peaks : int64 array, shape = (n,)
        Samples, ascending.
    sampling_rate : float
        Hz.
    """
    n = len(r_peaks)
    measured = np.zeros((n, len(RHYTHM_VARIABLES)), dtype=np.float32)
    if n < 2:
        return measured
    intervals = np.diff(r_peaks) / sampling_rate
    typical = _recent_quantile(intervals, _TYPICAL_OF, _TYPICAL_QUANTILE)
    references = (
        _USUAL_RR_S,
        typical,
        _recent_quantile(intervals, _LONGEST_OF, _LONGEST_QUANTILE),
        _recent_quantile(intervals, _LONG_TERM_OF, _LONG_TERM_QUANTILE),
    )
    measured[1:, :4] = np.column_stack([_log_ratio(intervals, reference) for reference in references])
    measured[2:, 4] = _log_ratio(intervals[:-1], typical[1:])
    measured[3:, 5] = _log_ratio(intervals[:-2], typical[2:])
    measured[1:, 6] = _recent_spread(intervals, 20) / typical
    measured[1:, 7] = _recent_spread(intervals, 6) / typical
    np.minimum(measured[:, 6:8] * _SPREAD_SCALE, _LIMIT, out=measured[:, 6:8])
    measured[1:-1, 8] = _log_ratio(intervals[1:], typical[:-1])
    measured[1:-1, 9] = _log_ratio(intervals[1:], intervals[:-1])
    measured[1:-1, 10] = 1.0
    return measured


def _log_ratio(intervals: np.ndarray, reference: np.ndarray | float) -> np.ndarray:
    return np.clip(np.log2(intervals / reference), -_LIMIT, _LIMIT)


def _recent_quantile(intervals: np.ndarray, count: int, quantile: float) -> np.ndarray:
    """Return a quantile of each interval and those before it, at most ``count``; the first one is repeated before it.

    Returns
    -------
    float64 array, shape = (n,)
    """
    padded = np.concatenate([np.full(count - 1, intervals[0]), intervals])
    filtered = ndimage.percentile_filter(padded, 100 * quantile, size=count, mode="nearest", origin=(count - 1) // 2)
    return np.asarray(filtered[count - 1 :])


def _recent_spread(intervals: np.ndarray, count: int) -> np.ndarray:
    """Return the standard deviation of each interval and those before it, at most ``count``, shape = (n,)."""
    first = np.maximum(np.arange(len(intervals)) - count + 1, 0)
    n_recent = np.arange(len(intervals)) - first + 1
    # Less rounding in the sums of squares, and not by the mean, which depends on later intervals.
    centred = intervals - intervals[0]
    sums = np.concatenate([[0.0], np.cumsum(centred)])
    squares = np.concatenate([[0.0], np.cumsum(centred**2)])
    mean = (sums[1:] - sums[first]) / n_recent
    return np.sqrt(np.maximum((squares[1:] - squares[first]) / n_recent - mean**2, 0.0))
