"""The band in which beats are found and classified, on one common time grid."""

import numpy as np
from scipy import ndimage, signal

__all__ = ["BAND_HZ", "WIDE_BAND_HZ", "WORKING_RATE", "bandpass", "filled", "working_signal"]

WORKING_RATE = 360.0
"""Hz; the rate of MIT-BIH, at which beats are found and windows cut, whatever the record's own rate."""

BAND_HZ = (3.0, 45.0)
"""Pass band of the published pipeline (van der Westhuizen & Lasenby 2018, section 3.1)."""
WIDE_BAND_HZ = (0.5, 45.0)
"""Pass band that leaves P, ST and T their shape."""

_PERIODS = 0.9


def filled(samples: np.ndarray) -> np.ndarray:
    """``samples`` with NaN replaced by a straight line between the neighbours, float64, shape = (n,).

    Filters cannot run over NaN; what lies in a gap is left out of detection afterwards.
    """
    samples = np.asarray(samples, dtype=np.float64)
    missing = np.isnan(samples)
    if not missing.any():
        return samples
    known = np.flatnonzero(~missing)
    if not known.size:
        return np.zeros_like(samples)
    bridged = samples.copy()
    bridged[missing] = np.interp(np.flatnonzero(missing), known, samples[known])
    return bridged


def bandpass(samples: np.ndarray, sampling_rate: float, band_hz: tuple[float, float] = BAND_HZ) -> np.ndarray:
    """Zero-phase FIR band-pass as BioSPPy applies it: a Hamming window, run forwards and backwards.

    The window lasts 0.9 periods of the lower edge: 0.3 s at 3 Hz, as BioSPPy's and the papers'. Where the sampling
    rate is too low for the upper edge, the edge moves to 0.45 of the rate.

    Parameters
    ----------
    samples : array, shape = (n,)
        Without NaN.
    sampling_rate : float
        Hz.
    band_hz : (float, float)
        Lower and upper edge.

    Returns
    -------
    float64 array, shape = (n,)
    """
    if not len(samples):
        return np.zeros(0)
    taps = int(_PERIODS / band_hz[0] * sampling_rate)
    taps += 1 - taps % 2
    upper_hz = min(band_hz[1], 0.45 * sampling_rate)
    kernel = signal.firwin(taps, [band_hz[0], upper_hz], pass_zero=False, fs=sampling_rate)
    # Forwards and backwards in one: convolution with the kernel's autocorrelation, by blocks of FFT. The signal is
    # continued at both ends as filtfilt continues it, turned about its last sample.
    both_ways = signal.convolve(kernel, kernel[::-1])
    padding = min(3 * taps, len(samples) - 1)
    continued = np.pad(samples, padding, mode="reflect", reflect_type="odd")
    return signal.oaconvolve(continued, both_ways, mode="same")[padding : padding + len(samples)]


def working_signal(samples: np.ndarray, sampling_rate: float, band_hz: tuple[float, float] = BAND_HZ) -> np.ndarray:
    """The band-passed signal at ``WORKING_RATE``; step i lies at i / WORKING_RATE seconds.

    Other rates are brought there by cubic splines, which the band limit makes safe in both directions.

    Returns
    -------
    float64 array, shape = (round(n * WORKING_RATE / sampling_rate),)
    """
    passed = bandpass(filled(samples), sampling_rate, band_hz)
    if sampling_rate == WORKING_RATE or not len(passed):
        return passed
    steps = round(len(samples) * WORKING_RATE / sampling_rate)
    positions = np.arange(steps) * (sampling_rate / WORKING_RATE)
    return ndimage.map_coordinates(passed, positions[np.newaxis], order=3, mode="nearest")
