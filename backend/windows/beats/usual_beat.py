"""The patient's usual beat in a lead, and its size, from the beats before each beat."""

import numpy as np

__all__ = ["MIN_AMPLITUDE_MV", "preceding_blocks", "usual_amplitudes", "usual_beats"]

_MEMORY_BEATS = 60
"""Beats of the past that count."""

_EVERY_BEAT, _BLOCK_BEATS = 16, 8
"""The usual beat is renewed at each of the first 16 beats, then at every eighth: a median of 60 windows takes time."""

_ON_TIME_QUANTILE, _ON_TIME_SHARE = 0.65, 0.85
"""A beat is on time if the interval before it is at least 85% of the 65% quantile of the intervals."""

_MIN_PRECEDING = 3
"""With fewer beats before it, a beat has no usual one."""

MIN_AMPLITUDE_MV = 0.05
"""A smaller QRS complex is not scaled up further, since noise would be."""

_FIRST_AMPLITUDE_MV = 1.0
"""The size of the first beat of a record, before which there is none."""


def preceding_blocks(r_s: np.ndarray, until_s: float) -> list[tuple[slice, np.ndarray]]:
    """Return runs of beats that share a usual beat, each with the beats before them that make it.

    Those among the last 60 beats that came on time make it, so that premature beats do not, even where every other beat
    is premature; with fewer than three on time, all make it.

    Parameters
    ----------
    r_s : float array, shape = (n,)
        Seconds of the R peaks, ascending.
    until_s : float
        A beat counts if its R peak lies at least so long before that of the first beat of the run.

    Returns
    -------
    list of (slice of beats, int64 array of preceding beats)
    """
    n_beats = len(r_s)
    if not n_beats:
        return []
    starts = [*range(min(_EVERY_BEAT, n_beats)), *range(_EVERY_BEAT, n_beats, _BLOCK_BEATS)]
    ends = [*starts[1:], n_beats]
    known = np.searchsorted(r_s, r_s[starts] - until_s, side="right")
    before_s = np.diff(r_s, prepend=-np.inf)
    return [
        (slice(start, end), _on_time(before_s, max(int(stop) - _MEMORY_BEATS, 0), int(stop)))
        for start, end, stop in zip(starts, ends, known, strict=True)
    ]


def _on_time(before_s: np.ndarray, first: int, stop: int) -> np.ndarray:
    """Return the beats from ``first`` to ``stop`` that came on time, or all if these are too few, int64."""
    beats = np.arange(first, stop)
    intervals = before_s[max(first, 1) : stop]
    if len(intervals):
        least = _ON_TIME_SHARE * np.quantile(intervals, _ON_TIME_QUANTILE)
        on_time = beats[before_s[first:stop] >= least]
        if len(on_time) >= _MIN_PRECEDING:
            return on_time
    return beats


def usual_amplitudes(amplitudes_mv: np.ndarray, blocks: list[tuple[slice, np.ndarray]]) -> np.ndarray:
    """Return the median of the QRS amplitudes before each beat, in mV, at least MIN_AMPLITUDE_MV, shape = (n,).

    Parameters
    ----------
    amplitudes_mv : array, shape = (n,)
        Peak to peak; NaN where a beat has none.
    blocks : list of (slice, int64 array)
        From `preceding_blocks`.
    """
    usual = np.full(len(amplitudes_mv), _FIRST_AMPLITUDE_MV)
    for beats, before in blocks:
        known = amplitudes_mv[before]
        known = known[np.isfinite(known)]
        if len(known):
            usual[beats] = np.median(known)
    return np.maximum(usual, MIN_AMPLITUDE_MV)


def usual_beats(windows: np.ndarray, blocks: list[tuple[slice, np.ndarray]]) -> np.ndarray:
    """Return the median, step by step, of the windows before each window, NaN where fewer than three precede.

    Parameters
    ----------
    windows : float32 array, shape = (n, T, leads)
        Windows of consecutive beats.
    blocks : list of (slice, int64 array)
        From `preceding_blocks`.

    Returns
    -------
    float32 array, shape = (n, T, leads)
    """
    usual = np.full(windows.shape, np.nan, dtype=np.float32)
    for beats, before in blocks:
        if len(before) >= _MIN_PRECEDING:
            usual[beats] = np.median(windows[before], axis=0)
    return usual
