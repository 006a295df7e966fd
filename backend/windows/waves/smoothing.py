"""Gaussian smoothing of a long signal and its derivatives."""

import math

import numpy as np
from scipy import ndimage

__all__ = ["smooth"]

_PIECE_STEPS = 2**20
"""Steps that are filtered at a time; the filter holds a copy of them."""


def smooth(signal: np.ndarray, width_s: float, sampling_rate: float, derivative: int = 0) -> np.ndarray:
    """Return a signal, or its derivative with respect to seconds, after Gaussian smoothing.

    Parameters
    ----------
    signal : float array, shape = (n_steps,)
    width_s : float
        Standard deviation of the Gaussian, s.
    sampling_rate : float
        Hz.
    derivative : int
        Order of the derivative.

    Returns
    -------
    float array, shape = (n_steps,)
        Of the dtype of ``signal``.
    """
    width = width_s * sampling_rate
    reach = math.ceil(5 * width)
    result = np.empty_like(signal)
    for start in range(0, len(signal), _PIECE_STEPS):
        first = max(start - reach, 0)
        around = signal[first : start + _PIECE_STEPS + reach]
        piece = ndimage.gaussian_filter1d(around, width, order=derivative, mode="nearest")
        result[start : start + _PIECE_STEPS] = piece[start - first : start - first + _PIECE_STEPS]
    result *= sampling_rate**derivative
    return result
