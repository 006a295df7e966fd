"""The rhythm around a beat, as measurements that are known by the time a model reads them."""

import numpy as np
from scipy import ndimage

__all__ = ["KNOWN_AFTER", "RHYTHM_SOURCES", "RHYTHM_VARIABLES", "measure_rhythm"]

RHYTHM_VARIABLES = (
    "RR before",
    "RR before / typical",
    "RR before / longest",
    "RR before / long-term",
    "RR before / recent, by RR change",
    "RR one earlier / typical",
    "RR two earlier / typical",
    "RR spread, 20 beats",
    "RR spread, 6 beats",
    "RR change, 40 beats",
    "RR after / typical",
    "RR after / before",
    "RR after known",
)
"""The columns of `measure_rhythm`."""

RHYTHM_SOURCES = (
    *("RR before",) * 5,
    *("earlier RR",) * 2,
    *("RR irregularity",) * 3,
    *("RR after",) * 3,
)
"""The measurement to which each of RHYTHM_VARIABLES belongs; its columns are known, and withheld, together."""

KNOWN_AFTER = np.array([source == "RR after" for source in RHYTHM_SOURCES])
"""Which of RHYTHM_VARIABLES are known only when the next beat has come."""

_TYPICAL_OF, _TYPICAL_QUANTILE = 60, 0.65
_LONGEST_OF, _LONGEST_QUANTILE = 40, 0.8
_LONG_TERM_OF, _LONG_TERM_QUANTILE = 300, 0.75
_USUAL_RR_S = 0.8
_RECENT_OF, _CHANGE_OF = 20, 40
_LEAST_CHANGE = 0.02
_LOG_SCALE, _SPREAD_SCALE, _UNEXPECTED_SCALE = 2.5, 12.5, 0.25
_LIMIT = 5.0


def measure_rhythm(r_peaks: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return RHYTHM_VARIABLES of each beat, float32, shape = (n, 13).

    Intervals are 2.5 times the log2 of their ratio to 0.8 s or to another interval, within -5..5: -2.5 is half of it.
    All but the last three columns depend on this beat and those before it alone. When most beats are premature, the
    median of the intervals is a premature one; so the references are quantiles: typical is the 65% quantile of the last
    60 intervals, longest the 80% quantile of the last 40, long-term the 75% quantile of the last 300.

    The spread is 12.5 times the standard deviation of the last 20 or 6 intervals divided by the typical one, the RR
    change 12.5 times the median difference in log2 between each of the last 40 intervals and the one before it, both at
    most 5. Premature beats raise the spread, atrial fibrillation raises the change. The interval before the beat by the
    RR change is that to the median of the 20 before it, divided by the change: how unexpected it is in this rhythm. An
    interval that does not exist, before the first beat or after the last, is 0, and its ``known`` column too.

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
    columns = {name: measured[:, column] for column, name in enumerate(RHYTHM_VARIABLES)}
    intervals = np.diff(r_peaks) / sampling_rate
    typical = _recent_quantile(intervals, _TYPICAL_OF, _TYPICAL_QUANTILE)
    longest = _recent_quantile(intervals, _LONGEST_OF, _LONGEST_QUANTILE)
    long_term = _recent_quantile(intervals, _LONG_TERM_OF, _LONG_TERM_QUANTILE)
    columns["RR before"][1:] = _log_ratio(intervals, _USUAL_RR_S)
    columns["RR before / typical"][1:] = _log_ratio(intervals, typical)
    columns["RR before / longest"][1:] = _log_ratio(intervals, longest)
    columns["RR before / long-term"][1:] = _log_ratio(intervals, long_term)
    columns["RR one earlier / typical"][2:] = _log_ratio(intervals[:-1], typical[1:])
    columns["RR two earlier / typical"][3:] = _log_ratio(intervals[:-2], typical[2:])
    columns["RR spread, 20 beats"][1:] = _limit(_SPREAD_SCALE * _recent_spread(intervals, 20) / typical)
    columns["RR spread, 6 beats"][1:] = _limit(_SPREAD_SCALE * _recent_spread(intervals, 6) / typical)
    if n > 2:
        change = _recent_quantile(np.abs(np.diff(np.log2(intervals))), _CHANGE_OF, 0.5)
        columns["RR change, 40 beats"][2:] = _limit(_SPREAD_SCALE * change)
        recent = _recent_quantile(intervals, _RECENT_OF, 0.5)[:-1]
        earlier_change = np.concatenate([change[:1], change[:-1]])
        unexpected = np.log2(intervals[1:] / recent) / (earlier_change + _LEAST_CHANGE)
        columns["RR before / recent, by RR change"][2:] = _limit(_UNEXPECTED_SCALE * unexpected)
    columns["RR after / typical"][1:-1] = _log_ratio(intervals[1:], typical[:-1])
    columns["RR after / before"][1:-1] = _log_ratio(intervals[1:], intervals[:-1])
    columns["RR after known"][1:-1] = 1.0
    return measured


def _limit(values: np.ndarray) -> np.ndarray:
    return np.clip(values, -_LIMIT, _LIMIT)


def _log_ratio(intervals: np.ndarray, reference: np.ndarray | float) -> np.ndarray:
    return _limit(_LOG_SCALE * np.log2(intervals / reference))


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
