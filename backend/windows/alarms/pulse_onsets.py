"""Where the pulses of an arterial pressure or of a finger's plethysmogram begin to rise."""

import numpy as np
from scipy import ndimage, signal

from backend.windows.signal.filtering import fill_gaps

__all__ = ["PULSE_RATE", "pulse_feet", "smoothed"]

PULSE_RATE = 100.0
"""Hz; pulses are slow waves, whatever rate they were recorded at."""

_UPPER_HZ = 12.0
_RISE_S = 0.16
_REFRACTORY_S = 0.27
_NEIGHBOURHOOD_S = 6.0
_SHARE_OF_NEARBY = 0.4
_SHARE_OF_USUAL = 0.3
_BEGUN = 0.1
_STRETCH_S = 2.0
_KERNEL_S = 0.2


def smoothed(samples: np.ndarray, sampling_rate: float, rate: float, upper_hz: float) -> np.ndarray:
    """The samples without what is faster than ``upper_hz``, at ``rate``; the last step lies on the last sample.

    Parameters
    ----------
    samples : array, shape = (n,)
        NaN in gaps, which are bridged.
    sampling_rate, rate : float
        Hz, of the samples and of the result.
    upper_hz : float
        Edge of the low-pass, a Hamming window of 0.2 s or of two periods without delay.

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


def pulse_feet(samples: np.ndarray) -> np.ndarray:
    """The foot of each pulse: where its steep rise begins.

    As in the paper: a slope sum function, the sum of all rises in the last 160 ms, peaks at each upstroke; a peak is a
    pulse if it exceeds a threshold. Where it departs from the paper: the threshold follows the median peak of the
    6 s on either side and that of the whole stretch, so that noise in a standstill is no pulse, and nothing has to be
    learnt first.

    Parameters
    ----------
    samples : array, shape = (n,)
        At `PULSE_RATE`, without NaN.

    Returns
    -------
    int64 array, shape = (n_pulses,)
        Steps, ascending.

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
    usual = _usual_height(peaks, heights)
    nearby = _nearby_heights(peaks, heights)
    kept = heights > np.maximum(_SHARE_OF_NEARBY * nearby, _SHARE_OF_USUAL * usual)
    return _feet(slope_sum, peaks[kept], heights[kept], 2 * width)


def _feet(slope_sum: np.ndarray, peaks: np.ndarray, heights: np.ndarray, reach: int) -> np.ndarray:
    """For each peak the last step before it at which hardly anything has risen yet, int64."""
    before = np.maximum(peaks[:, np.newaxis] - np.arange(reach), 0)
    has_begun = slope_sum[before] > _BEGUN * heights[:, np.newaxis]
    steps_back = np.where(has_begun.all(axis=1), reach // 2, has_begun.argmin(axis=1))
    return np.unique(np.maximum(peaks - steps_back, 0))


def _usual_height(peaks: np.ndarray, heights: np.ndarray) -> float:
    """The median of the greatest heights of each two seconds: of a heart that beats for more than half of the time."""
    stretch = (peaks / (_STRETCH_S * PULSE_RATE)).astype(np.int64)
    greatest = np.zeros(stretch[-1] + 1)
    np.maximum.at(greatest, stretch, heights)
    return float(np.median(greatest))


def _nearby_heights(peaks: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """For each peak the upper quartile of the heights around."""
    reach = round(_NEIGHBOURHOOD_S * PULSE_RATE)
    first = np.searchsorted(peaks, peaks - reach)
    stop = np.searchsorted(peaks, peaks + reach, side="right")
    return np.array([np.percentile(heights[one:other], 75) for one, other in zip(first, stop, strict=True)])
