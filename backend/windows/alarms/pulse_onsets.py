"""The onset of each pulse in an arterial pressure wave or photoplethysmogram."""

import numpy as np
from scipy import ndimage, signal

from backend.windows.signal.filtering import fill_gaps

__all__ = ["PULSE_RATE", "find_pulse_onsets", "low_pass"]

PULSE_RATE = 100.0
"""Hz; pulses are slow waves, whatever the sampling rate of the record."""

_UPPER_HZ = 12.0
_RISE_S = 0.16
_REFRACTORY_S = 0.27
_NEIGHBOURHOOD_S = 6.0
_NEARBY_SHARE = 0.4
_TYPICAL_SHARE = 0.3
_ONSET_SHARE = 0.1
_SEGMENT_S = 2.0
_KERNEL_S = 0.2


def low_pass(samples: np.ndarray, sampling_rate: float, rate: float, upper_hz: float) -> np.ndarray:
    """Return the samples after a low-pass filter, resampled to ``rate``; the last step lies on the last sample.

    Parameters
    ----------
    samples : array, shape = (n,)
        NaN in gaps, which are interpolated.
    sampling_rate, rate : float
        Hz, of the samples and of the result.
    upper_hz : float
        Edge of the zero-phase low-pass filter, a Hamming window of 0.2 s or of two periods.

    Returns
    -------
    float64 array, shape = (floor((n - 1) * rate / sampling_rate) + 1,)
    """
    bridged = fill_gaps(samples)
    taps = int(max(_KERNEL_S, 2 / upper_hz) * sampling_rate) | 1
    kernel = signal.firwin(taps, min(upper_hz, 0.45 * sampling_rate), fs=sampling_rate)
    padded = np.pad(bridged, taps // 2, mode="edge")
    passed = signal.oaconvolve(padded, kernel, mode="valid")
    steps = int((len(samples) - 1) * rate / sampling_rate + 1e-6) + 1
    positions = len(samples) - 1 - np.arange(steps)[::-1] * (sampling_rate / rate)
    return ndimage.map_coordinates(passed, np.maximum(positions, 0)[np.newaxis], order=1, mode="nearest")


def find_pulse_onsets(samples: np.ndarray) -> np.ndarray:
    """Return the onset of each pulse: the beginning of its upstroke.

    The slope sum function of the paper, the sum of all rises in the last 160 ms, peaks at each upstroke; a peak above a
    threshold is a pulse.

    Parameters
    ----------
    samples : array, shape = (n,)
        At `PULSE_RATE`, without NaN.

    Returns
    -------
    int64 array, shape = (n_pulses,)
        Steps, ascending.

    Notes
    -----
    Departures from the paper:

    - The threshold depends on the peaks within 6 s and on the typical peak of the whole signal, rather than on a
      learning period, so that noise in an asystole is not a pulse.

    References
    ----------
    W. Zong, T. Heldt, G. B. Moody, R. G. Mark, "An open-source algorithm to detect onset of arterial blood pressure
    pulses", Computers in Cardiology 30:259-262, 2003.
    """
    width = round(_RISE_S * PULSE_RATE)
    rises = np.maximum(np.diff(samples, prepend=samples[:1]), 0.0)
    slope_sum = np.convolve(rises, np.ones(width))[: len(samples)]
    peaks, _ = signal.find_peaks(slope_sum, distance=round(_REFRACTORY_S * PULSE_RATE))
    heights = slope_sum[peaks]
    peaks = peaks[heights > 0.0]
    heights = heights[heights > 0.0]
    if not len(peaks):
        return np.zeros(0, dtype=np.int64)
    threshold = np.maximum(
        _NEARBY_SHARE * _nearby_height(peaks, heights), _TYPICAL_SHARE * _typical_height(peaks, heights)
    )
    is_pulse = heights > threshold
    return _onsets(slope_sum, peaks[is_pulse], heights[is_pulse], 2 * width)


def _onsets(slope_sum: np.ndarray, peaks: np.ndarray, heights: np.ndarray, reach: int) -> np.ndarray:
    """Return the last step before each peak at which the slope sum is still low, int64."""
    before = np.maximum(peaks[:, np.newaxis] - np.arange(reach), 0)
    is_rising = slope_sum[before] > _ONSET_SHARE * heights[:, np.newaxis]
    steps_back = np.where(is_rising.all(axis=1), reach // 2, is_rising.argmin(axis=1))
    return np.unique(np.maximum(peaks - steps_back, 0))


def _typical_height(peaks: np.ndarray, heights: np.ndarray) -> float:
    """Return the median of the maximum heights of two-second segments."""
    segment = (peaks / (_SEGMENT_S * PULSE_RATE)).astype(np.int64)
    highest = np.zeros(segment[-1] + 1)
    np.maximum.at(highest, segment, heights)
    return float(np.median(highest))


def _nearby_height(peaks: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Return the upper quartile of the heights around each peak."""
    reach = round(_NEIGHBOURHOOD_S * PULSE_RATE)
    first = np.searchsorted(peaks, peaks - reach)
    stop = np.searchsorted(peaks, peaks + reach, side="right")
    return np.array([np.percentile(heights[one:other], 75) for one, other in zip(first, stop, strict=True)])
