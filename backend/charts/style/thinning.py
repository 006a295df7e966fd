"""Min-max thinning of long signals to what a screen can show."""

import numpy as np
from tsdownsample import MinMaxDownsampler

__all__ = ["thin"]

_SMALLEST = 16


def thin(signal: np.ndarray, n_out: int) -> np.ndarray:
    """Return at most ``n_out`` positions of a signal whose line looks like that of all samples.

    The signal is divided into bins of equal length, and the lowest and the highest sample of each bin are kept: no
    peak is lost. A run of NaN longer than four bins remains a gap (one NaN is kept, which breaks the line); shorter
    runs would be invisible and are bridged.

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
        raise ValueError(f"n_out is {n_out}. Choose {_SMALLEST} or more.")
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
    """Return the positions of the lowest and the highest sample in each of ``n_bins`` bins of one run."""
    if len(run) <= 2 * n_bins:
        return run
    values = np.ascontiguousarray(signal[run], dtype=np.float32)
    # The downsampler omits the last sample where the bins do not divide the run.
    return np.append(run[MinMaxDownsampler().downsample(values, n_out=2 * n_bins)], run[-1])
