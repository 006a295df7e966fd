"""Long signals cut down to what a screen can show, without losing a peak."""

import numpy as np
from tsdownsample import MinMaxDownsampler

__all__ = ["thinned"]

_SMALLEST = 16


def thinned(signal: np.ndarray, n_out: int) -> np.ndarray:
    """Choose at most ``n_out`` samples so that drawing them looks like drawing all of them.

    The samples are cut into bins of equal length and the lowest and the highest sample of each bin are kept, so
    a peak that stands above its neighbours for a bin's length survives whatever the thinning. Stretches of NaN
    longer than four bins stay gaps (one NaN sample of each is kept, which breaks a drawn line); shorter ones
    could not be seen and are bridged.

    Parameters
    ----------
    signal : array, shape = (n,)
    n_out : int
        At least 16.

    Returns
    -------
    int64 array, shape = (at most n_out,)
        Ascending positions in ``signal``; all positions if there are no more than ``n_out``.

    Raises
    ------
    ValueError
        If ``n_out`` is below 16.
    """
    if n_out < _SMALLEST:
        raise ValueError(f"n_out is {n_out}; thin to {_SMALLEST} samples or more.")
    if len(signal) <= n_out:
        return np.arange(len(signal))
    finite = np.flatnonzero(np.isfinite(signal))
    if finite.size == 0:
        return np.array([0])
    shortest_gap = 8 * len(signal) / n_out
    breaks = np.flatnonzero(np.diff(finite) > shortest_gap) + 1
    n_bins = (n_out - 3 * (len(breaks) + 1)) / 2
    runs = np.split(finite, breaks)
    kept = [_extremes(signal, run, max(1, int(n_bins * len(run) / len(finite)))) for run in runs]
    gaps = finite[breaks - 1] + 1
    return np.unique(np.concatenate([*kept, gaps]))


def _extremes(signal: np.ndarray, run: np.ndarray, n_bins: int) -> np.ndarray:
    """The positions of the lowest and the highest sample in each of ``n_bins`` bins of one run of positions."""
    if len(run) <= 2 * n_bins:
        return run
    values = np.ascontiguousarray(signal[run], dtype=np.float32)
    # The downsampler leaves out the last sample where the bins don't divide the run.
    return np.append(run[MinMaxDownsampler().downsample(values, n_out=2 * n_bins)], run[-1])
