"""What beats or pulses tell at every moment: how fast they come, since when none has, how unlike the usual they are."""

import numpy as np

__all__ = [
    "FASTEST_PER_MIN",
    "LONGEST_S",
    "SLOWEST_PER_MIN",
    "amplitudes",
    "at_last_beat",
    "rate_over",
    "seconds_since",
    "shapes_around",
    "unlikeness",
    "without_lags",
]

LONGEST_S = 8.0
"""A pause is told up to here; what is longer is no less an alarm."""

SLOWEST_PER_MIN, FASTEST_PER_MIN = 60 / LONGEST_S, 300.0
"""Rates are told between these."""
_LAGS = 4
_ALIKE = 0.8
_FEW = 5


def seconds_since(times_s: np.ndarray, steps_s: np.ndarray) -> np.ndarray:
    """Seconds since the last beat at each step, at most 8; from the first step on where there was none before.

    Parameters
    ----------
    times_s : float64 array, shape = (n_beats,)
        Ascending.
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
    """Beats a minute over the last intervals, at each step; a pause that has begun counts as soon as it is longer.

    Parameters
    ----------
    times_s : float64 array, shape = (n_beats,)
    steps_s : float64 array, shape = (T,)
    intervals : int
        Over how many; over fewer where there are not as many.

    Returns
    -------
    float64 array, shape = (T,)
        Between 7.5 and 300.
    """
    if not len(times_s):
        return np.full(len(steps_s), SLOWEST_PER_MIN)
    last = np.searchsorted(times_s, steps_s, side="right") - 1
    first = np.maximum(last - intervals, 0)
    counted = np.maximum(last, 0) - first
    whole_s = times_s[np.maximum(last, 0)] - times_s[first]
    since_s = steps_s - times_s[np.maximum(last, 0)]
    usual_s = np.where(counted > 0, whole_s / np.maximum(counted, 1), 0.0)
    with_pause_s = (whole_s + since_s) / (counted + 1)
    # One interval alone: the pause replaces it; else it is one more of them.
    mean_s = np.maximum(np.maximum(usual_s, since_s) if intervals == 1 else np.maximum(usual_s, with_pause_s), 1e-3)
    return np.clip(60.0 / mean_s, SLOWEST_PER_MIN, FASTEST_PER_MIN)


def at_last_beat(told: np.ndarray, times_s: np.ndarray, steps_s: np.ndarray, before: float) -> np.ndarray:
    """A figure of each beat, held until the next; ``before`` where there was none yet. Shape = (T,)."""
    if not len(times_s):
        return np.full(len(steps_s), before)
    last = np.searchsorted(times_s, steps_s, side="right") - 1
    return np.where(last >= 0, told[np.maximum(last, 0)], before)


def shapes_around(samples: np.ndarray, beats: np.ndarray, before: int, after: int) -> np.ndarray:
    """The stretch around each beat, continued flat at the edges, with lags: shape = (n_beats, before + after + 2 lags).

    Parameters
    ----------
    samples : array, shape = (n,)
    beats : int64 array, shape = (n_beats,)
    """
    reach = np.arange(-before - _LAGS, after + _LAGS)
    return samples[np.clip(beats[:, np.newaxis] + reach, 0, len(samples) - 1)]


def without_lags(shapes: np.ndarray) -> np.ndarray:
    """The shapes as they lie, shape = (n_beats, before + after)."""
    return shapes[:, _LAGS:-_LAGS]


def amplitudes(shapes: np.ndarray) -> np.ndarray:
    """From the lowest to the highest of each shape."""
    return shapes.max(axis=1) - shapes.min(axis=1)


def unlikeness(shapes: np.ndarray, learnt_from: np.ndarray) -> np.ndarray:
    """How unlike the usual beat each one is: 0 for the same shape, 1 for one that has nothing of it, 2 for its mirror.

    The usual beat is the mean of those that resemble the beat that most others resemble.

    Parameters
    ----------
    shapes : array, shape = (n_beats, width)
        As `shapes_around` gives them.
    learnt_from : bool array, shape = (n_beats,)
        The beats that the usual one is sought among; all, where they are fewer than five.

    Returns
    -------
    float64 array, shape = (n_beats,)
    """
    if len(shapes) < 2:
        return np.zeros(len(shapes))
    if learnt_from.sum() < _FEW:
        learnt_from = np.ones(len(shapes), dtype=bool)
    core = _standardised(without_lags(shapes))
    learnt = core[learnt_from]
    likeness = learnt @ learnt.T
    median = np.median(likeness, axis=1)
    alike = likeness[median.argmax()] >= _ALIKE
    usual = _standardised(learnt[alike].mean(axis=0)[np.newaxis])[0]
    width = core.shape[1]
    lagged = [_standardised(shapes[:, lag : lag + width]) @ usual for lag in range(2 * _LAGS + 1)]
    return 1.0 - np.max(lagged, axis=0)


def _standardised(shapes: np.ndarray) -> np.ndarray:
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
