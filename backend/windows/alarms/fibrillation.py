"""Features of ventricular fibrillation in a lead: the leakage of the VF filter and spectral concentration."""

from dataclasses import dataclass

import numpy as np

__all__ = ["FibrillationFeatures", "measure_fibrillation"]

_SEGMENT_S = 4.0
_INTERVAL_S = 0.4
_BAND_HZ = (1.0, 20.0)
_NEAR_DOMINANT = (0.6, 1.4)
_FFT_POINTS = 1024
_NO_POWER = 1e-12


@dataclass(frozen=True, eq=False)
class FibrillationFeatures:
    """Features of four-second segments of a lead, float64 arrays, shape = (n,).

    Attributes
    ----------
    ends_s : array
        The end of each segment, in seconds from the first sample.
    leakage : array
        The sum of the lead and itself half a mean period later, relative to the lead: near 0 for a sine, near 1 for a
        rhythm of narrow complexes.
    dominant_hz : array
        The frequency with the highest power between 1 and 20 Hz; 0 for a flat lead.
    concentration : array
        The proportion of the power in that band within 40% of the dominant frequency.
    """

    ends_s: np.ndarray
    leakage: np.ndarray
    dominant_hz: np.ndarray
    concentration: np.ndarray


def measure_fibrillation(samples: np.ndarray, sampling_rate: float) -> FibrillationFeatures:
    """Return the fibrillation features of a lead every 0.4 s.

    Parameters
    ----------
    samples : array, shape = (n,)
        Band-passed, without NaN.
    sampling_rate : float
        Hz; 50 or more.

    Returns
    -------
    FibrillationFeatures
        Empty for a lead shorter than 4 s.

    References
    ----------
    S. Kuo, R. Dillman, "Computer detection of ventricular fibrillation", Computers in Cardiology, 347-349, 1978;
    for the concentration: S. Barro, R. Ruiz, D. Cabello, J. Mira, "Algorithmic sequential decision-making in the
    frequency domain for life threatening ventricular arrhythmias and imitative artefacts", J Biomed Eng 11, 1989.
    """
    width = int(_SEGMENT_S * sampling_rate)
    ends = np.arange(width, len(samples) + 1, int(_INTERVAL_S * sampling_rate))
    if not len(ends):
        return FibrillationFeatures(*(np.zeros(0) for _ in range(4)))
    segments = samples[ends[:, np.newaxis] - width + np.arange(width)]
    segments = segments - segments.mean(axis=1, keepdims=True)
    dominant_hz, concentration = _dominant_frequency(segments, sampling_rate)
    leakage = np.array([_leakage(segment) for segment in segments])
    return FibrillationFeatures(ends / sampling_rate, leakage, dominant_hz, concentration)


def _leakage(segment: np.ndarray) -> float:
    magnitude = np.abs(segment)
    half_period = int(np.pi * magnitude.sum() / max(np.abs(np.diff(segment)).sum(), 1e-9) + 0.5)
    half_period = min(max(half_period, 1), len(segment) // 2)
    residual = np.abs(segment[half_period:] + segment[:-half_period]).sum()
    return float(residual / max(magnitude[half_period:].sum() + magnitude[:-half_period].sum(), 1e-9))


def _dominant_frequency(segments: np.ndarray, sampling_rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the dominant frequency of each segment (Hz) and the concentration of its power around it."""
    """Return the dominant frequency of each segment (Hz) and the concentration of its power around it."""
    power = np.abs(np.fft.rfft(segments * np.hanning(segments.shape[1]), _FFT_POINTS)) ** 2
    hz = np.fft.rfftfreq(_FFT_POINTS, 1 / sampling_rate)
    power[:, (hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0.0
    # A flat lead leaves only rounding errors after the band-pass, whose dominant frequency depends on the processor.
    power[power.sum(axis=1) < _NO_POWER] = 0.0
    dominant_hz = hz[power.argmax(axis=1)]
    is_near = (hz >= _NEAR_DOMINANT[0] * dominant_hz[:, np.newaxis]) & (
        hz <= _NEAR_DOMINANT[1] * dominant_hz[:, np.newaxis]
    )
    return dominant_hz, (power * is_near).sum(axis=1) / np.maximum(power.sum(axis=1), _NO_POWER)
