"""The Hamilton detector of BioSPPy, as in the pipeline of van der Westhuizen & Lasenby (2018)."""

import numpy as np

from backend.windows.signal.filtering import WORKING_RATE, resample_lead

__all__ = ["always_up", "biosppy_r_peaks", "find_r_steps"]

_ALIGNMENT_S = 0.05
"""The R peak is the highest point within this distance of a detection (BioSPPy's default)."""

_MIN_RANGE_MV = 1e-6
"""A signal with a smaller range is constant up to rounding."""

_MIN_STEPS = round(0.1 * WORKING_RATE)
"""A signal shorter than a QRS complex has no beat, and is too short for the filters of the detector."""


def biosppy_r_peaks(samples: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return the R peaks of one lead after a band-pass of 3 to 45 Hz, by BioSPPy's detector and alignment.

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
    steps = find_r_steps(resample_lead(samples, sampling_rate))
    r_peaks = np.unique(np.round(steps * (sampling_rate / WORKING_RATE)).astype(np.int64))
    return r_peaks[r_peaks < len(samples)]


def always_up(height: float, depth: float, polarity: float) -> bool:
    """Return True: the R peak is the highest point around a beat, whatever the shape of QRS."""
    return True


def find_r_steps(filtered: np.ndarray) -> np.ndarray:
    """Return the steps of the R peaks in a band-filtered signal at `WORKING_RATE`, int64, ascending.

    Notes
    -----
    Departures from BioSPPy:

    - Its alignment drops a detection within 0.05 s of either end and everything after it; here the window of the
      alignment is shortened at the ends instead.
    """
    from biosppy.signals.ecg import hamilton_segmenter

    if len(filtered) < _MIN_STEPS or np.ptp(filtered) < _MIN_RANGE_MV:
        return np.zeros(0, dtype=np.int64)
    detections = hamilton_segmenter(signal=filtered, sampling_rate=WORKING_RATE)["rpeaks"]
    reach = int(_ALIGNMENT_S * WORKING_RATE)
    starts = [max(0, int(step) - reach) for step in detections]
    peaks = [
        start + int(np.argmax(filtered[start : int(step) + reach]))
        for start, step in zip(starts, detections, strict=True)
    ]
    return np.unique(np.asarray(peaks, dtype=np.int64))
