"""Features of beats or pulses at each time step: rate, time since the last one, amplitude, dissimilarity."""

import numpy as np

__all__ = [
    "FASTEST_PER_MIN",
    "LONGEST_S",
    "SLOWEST_PER_MIN",
    "cut_shapes",
    "hold_until_next_beat",
    "measure_amplitudes",
    "measure_dissimilarity",
    "rate_over",
    "seconds_since",
    "trim_lags",
]

LONGEST_S = 8.0
"""Pauses are capped at this length; a longer one means the same alarm."""

SLOWEST_PER_MIN, FASTEST_PER_MIN = 60 / LONGEST_S, 300.0
"""Rates are limited to this range."""
_LAGS = 4
_SIMILAR = 0.8
_MIN_REFERENCE = 5


def seconds_since(times_s: np.ndarray, steps_s: np.ndarray) -> np.ndarray:
    """Return the seconds since the last beat at each step, at most 8, or since the first step if there was no beat.

    Parameters
    ----------
    times_s : float64 array, shape = (n_beats,)
        Beats, ascending.
    steps_s : float64 array, shape = (T,)

    Returns
    -------
    float64 array, shape = (T,)
    """
    if not len(times_s):
        return np.full(len(steps_s), LONGEST_S)
    last = np.searchsorted(times_s, steps_s, side="right") - 1
    since = np.where(last >= 0, steps_s - times_s[np.maximum(last, 0)], steps_s - steps_s[0])
    return np.minimum(since, LONGEST_S)


def rate_over(times_s: np.ndarray, steps_s: np.ndarray, intervals: int) -> np.ndarray:
    """Return the rate over the last intervals at each step, per minute; a current pause counts once it is longer.

    Parameters
    ----------
    times_s : float64 array, shape = (n_beats,)
    steps_s : float64 array, shape = (T,)
    intervals : int
        Maximum number of intervals; fewer at the beginning.

    Returns
    -------
    float64 array, shape = (T,)
        Between 7.5 and 300.
    """
    if not len(times_s):
        return np.full(len(steps_s), SLOWEST_PER_MIN)
    last = np.searchsorted(times_s, steps_s, side="right") - 1
    first = np.maximum(last - intervals, 0)
    n_intervals = np.maximum(last, 0) - first
    whole_s = times_s[np.maximum(last, 0)] - times_s[first]
    since_s = steps_s - times_s[np.maximum(last, 0)]
    mean_rr_s = np.where(n_intervals > 0, whole_s / np.maximum(n_intervals, 1), 0.0)
    with_pause_s = (whole_s + since_s) / (n_intervals + 1)
    # The pause replaces a single interval, and is one more of several.
    mean_s = np.maximum(np.maximum(mean_rr_s, since_s) if intervals == 1 else np.maximum(mean_rr_s, with_pause_s), 1e-3)
    return np.clip(60.0 / mean_s, SLOWEST_PER_MIN, FASTEST_PER_MIN)


def hold_until_next_beat(per_beat: np.ndarray, times_s: np.ndarray, steps_s: np.ndarray, before: float) -> np.ndarray:
    """Return a value per beat, held until the next beat, and ``before`` until the first; shape = (T,)."""
    if not len(times_s):
        return np.full(len(steps_s), before)
    last = np.searchsorted(times_s, steps_s, side="right") - 1
    return np.where(last >= 0, per_beat[np.maximum(last, 0)], before)


def cut_shapes(samples: np.ndarray, beats: np.ndarray, before: int, after: int) -> np.ndarray:
    """Return the segment around each beat, with margins for lags; shape = (n_beats, before + after + 2 * lags).

    Parameters
    ----------
    samples : array, shape = (n,)
    beats : int64 array, shape = (n_beats,)
    before, after : int
        Samples; beyond the ends of the signal, its first or last value.
    """
    reach = np.arange(-before - _LAGS, after + _LAGS)
    return samples[np.clip(beats[:, np.newaxis] + reach, 0, len(samples) - 1)]


def trim_lags(shapes: np.ndarray) -> np.ndarray:
    """Return the shapes without the margins for lags, shape = (n_beats, before + after)."""
    return shapes[:, _LAGS:-_LAGS]


def measure_amplitudes(shapes: np.ndarray) -> np.ndarray:
    """Return the peak-to-peak amplitude of each shape."""
    return shapes.max(axis=1) - shapes.min(axis=1)


def measure_dissimilarity(shapes: np.ndarray, is_reference: np.ndarray) -> np.ndarray:
    """Return the dissimilarity of each beat to the typical one: 0 if identical, 1 if uncorrelated, 2 if inverted.

    The typical beat is the mean of the beats similar to the one with the highest median correlation.

    Parameters
    ----------
    shapes : array, shape = (n_beats, width)
        From `cut_shapes`.
    is_reference : bool array, shape = (n_beats,)
        The beats that define the typical one; all, if they are fewer than five.

    Returns
    -------
    float64 array, shape = (n_beats,)
    """
    if len(shapes) < 2:
        return np.zeros(len(shapes))
    if is_reference.sum() < _MIN_REFERENCE:
        is_reference = np.ones(len(shapes), dtype=bool)
    core = _normalise(trim_lags(shapes))
    reference = core[is_reference]
    correlations = reference @ reference.T
    median = np.median(correlations, axis=1)
    is_similar = correlations[median.argmax()] >= _SIMILAR
    typical = _normalise(reference[is_similar].mean(axis=0)[np.newaxis])[0]
    width = core.shape[1]
    lagged = [_normalise(shapes[:, lag : lag + width]) @ typical for lag in range(2 * _LAGS + 1)]
    return 1.0 - np.max(lagged, axis=0)


def _normalise(shapes: np.ndarray) -> np.ndarray:
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
