"""BioSPPy's Hamilton detector, on which the published recipe of 2018 is built."""

import numpy as np

from backend.windows.signal.filtering import WORKING_RATE, resample_lead

__all__ = ["always_up", "biosppy_r_peaks", "found_at"]

_ALIGNMENT_S = 0.05
"""The R peak is the highest point this far on either side of the detector's find (BioSPPy's default)."""

_LEAST_SWING_MV = 1e-6
"""A signal that moves less is constant but for rounding, whatever the filter made of it."""

_LEAST_STEPS = round(0.1 * WORKING_RATE)
"""A signal shorter than a QRS complex holds no beat, and the detector's own filters cannot run over it."""


def biosppy_r_peaks(samples: np.ndarray, sampling_rate: float) -> np.ndarray:
    """R peaks of one lead as the papers find them: band-pass 3 to 45 Hz, then BioSPPy's detector and alignment.

    Parameters
    ----------
    samples : array, shape = (n,)
        mV; NaN in gaps.
    sampling_rate : float
        Hz.

    Returns
    -------
    int64 array, shape = (n_beats,)
        Samples, ascending.

    References
    ----------
    J. van der Westhuizen, J. Lasenby, "Techniques for visualizing LSTMs applied to electrocardiograms", 2018.
    """
    steps = found_at(resample_lead(samples, sampling_rate))
    r_peaks = np.unique(np.round(steps * (sampling_rate / WORKING_RATE)).astype(np.int64))
    return r_peaks[r_peaks < len(samples)]


def always_up(height: float, depth: float, usual: float) -> bool:
    """The R peak is the highest point around a beat, whatever QRS looks like."""
    return True


def found_at(passed: np.ndarray) -> np.ndarray:
    """Steps of the R peaks in a band-passed signal at ``WORKING_RATE``, int64, ascending.

    BioSPPy's own alignment drops a find within 0.05 s of either end and everything after it; here the window of
    the alignment is shortened at the ends instead.
    """
    from biosppy.signals.ecg import hamilton_segmenter

    if len(passed) < _LEAST_STEPS or np.ptp(passed) < _LEAST_SWING_MV:
        return np.zeros(0, dtype=np.int64)
    finds = hamilton_segmenter(signal=passed, sampling_rate=WORKING_RATE)["rpeaks"]
    reach = int(_ALIGNMENT_S * WORKING_RATE)
    starts = [max(0, int(find) - reach) for find in finds]
    peaks = [
        start + int(np.argmax(passed[start : int(find) + reach])) for start, find in zip(starts, finds, strict=True)
    ]
    return np.unique(np.asarray(peaks, dtype=np.int64))
