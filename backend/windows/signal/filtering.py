"""Filtering and resampling of a lead for the detection and classification of beats."""

import numpy as np
from scipy import ndimage, signal

__all__ = ["BAND_HZ", "WIDE_BAND_HZ", "WORKING_RATE", "bandpass", "fill_gaps", "resample_lead"]

WORKING_RATE = 360.0
"""Hz; the rate of the MIT-BIH database, at which windows of beats are cut whatever the sampling rate of the record."""

BAND_HZ = (3.0, 45.0)
"""Pass band of the published pipeline (van der Westhuizen & Lasenby 2018, section 4)."""
WIDE_BAND_HZ = (0.5, 45.0)
"""Pass band that preserves the shape of P, ST and T."""

_WINDOW_PERIODS = 0.9


def fill_gaps(samples: np.ndarray) -> np.ndarray:
    """Return the samples with gaps (NaN) interpolated linearly, float64, shape = (n,).

    Filters cannot process NaN; detections within gaps are discarded afterwards.
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
    """Return a signal after the zero-phase FIR band-pass of BioSPPy: a Hamming window, run forwards and backwards.

    The window lasts 0.9 periods of the lower edge: 0.3 s at 3 Hz, as in BioSPPy and the papers. If the sampling rate is
    too low for the upper edge, the edge moves to 0.45 of the rate.

    Parameters
    ----------
    samples : array, shape = (n,)
        Without NaN.
    sampling_rate : float
        Hz.
    band_hz : (float, float)
        Lower and upper edge of the pass band.

    Returns
    -------
    float64 array, shape = (n,)
    """
    if not len(samples):
        return np.zeros(0)
    taps = int(_WINDOW_PERIODS / band_hz[0] * sampling_rate)
    taps += 1 - taps % 2
    upper_hz = min(band_hz[1], 0.45 * sampling_rate)
    kernel = signal.firwin(taps, [band_hz[0], upper_hz], pass_zero=False, fs=sampling_rate)
    # Convolution with the kernel's autocorrelation is the forward and backward pass in one. Both ends are extended by
    # odd reflection, as in scipy's filtfilt.
    both_ways = signal.convolve(kernel, kernel[::-1])
    padding = min(3 * taps, len(samples) - 1)
    extended = np.pad(samples, padding, mode="reflect", reflect_type="odd")
    return signal.oaconvolve(extended, both_ways, mode="same")[padding : padding + len(samples)]


def resample_lead(samples: np.ndarray, sampling_rate: float, band_hz: tuple[float, float] = BAND_HZ) -> np.ndarray:
    """Return a band-passed lead at `WORKING_RATE`; step i lies at i / WORKING_RATE seconds.

    Signals at other rates are resampled by cubic splines, after the band-pass prevents aliasing.

    Parameters
    ----------
    samples : array, shape = (n,)
        NaN in gaps.
    sampling_rate : float
        Hz.
    band_hz : (float, float)
        Lower and upper edge of the pass band.

    Returns
    -------
    float64 array, shape = (round(n * WORKING_RATE / sampling_rate),)
    """
    passed = bandpass(fill_gaps(samples), sampling_rate, band_hz)
    if sampling_rate == WORKING_RATE or not len(passed):
        return passed
    steps = round(len(samples) * WORKING_RATE / sampling_rate)
    positions = np.arange(steps) * (sampling_rate / WORKING_RATE)
    return ndimage.map_coordinates(passed, positions[np.newaxis], order=3, mode="nearest")
