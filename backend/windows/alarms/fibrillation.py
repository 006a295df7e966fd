"""How much a lead looks like ventricular fibrillation: a wave without a rest between its turns."""

from dataclasses import dataclass

import numpy as np

__all__ = ["FibrillationMeasures", "fibrillation_measures"]

_STRETCH_S = 4.0
_EVERY_S = 0.4
_BAND_HZ = (1.0, 20.0)
_NEAR = (0.6, 1.4)
_POINTS = 1024


@dataclass(frozen=True, eq=False)
class FibrillationMeasures:
    """Measures of the four seconds that end at each of some moments; each float64, shape = (n,).

    Attributes
    ----------
    ends_s : array
        Seconds from the first sample.
    leakage : array
        What is left of the lead when it is added to itself half a mean period later, as a share of it: near 0 for a
        sine, near 1 for a rhythm of narrow complexes.
    dominant_hz : array
        The frequency of most power between 1 and 20 Hz.
    concentration : array
        The share of the power in that band that lies within 40 % of it.
    """

    ends_s: np.ndarray
    leakage: np.ndarray
    dominant_hz: np.ndarray
    concentration: np.ndarray


def fibrillation_measures(samples: np.ndarray, sampling_rate: float) -> FibrillationMeasures:
    """Measure a lead every 0.4 s.

    Parameters
    ----------
    samples : array, shape = (n,)
        Band-passed, without NaN.
    sampling_rate : float
        Hz; 50 or more.

    Returns
    -------
    FibrillationMeasures
        Of no moment for a lead shorter than 4 s.

    References
    ----------
    S. Kuo, R. Dillman, "Computer detection of ventricular fibrillation", Computers in Cardiology, 347-349, 1978;
    for the concentration: S. Barro, R. Ruiz, D. Cabello, J. Mira, "Algorithmic sequential decision-making in the
    frequency domain for life threatening ventricular arrhythmias and imitative artefacts", J Biomed Eng 11, 1989.
    """
    width = int(_STRETCH_S * sampling_rate)
    ends = np.arange(width, len(samples) + 1, int(_EVERY_S * sampling_rate))
    if not len(ends):
        return FibrillationMeasures(*(np.zeros(0) for _ in range(4)))
    stretches = samples[ends[:, np.newaxis] - width + np.arange(width)]
    stretches = stretches - stretches.mean(axis=1, keepdims=True)
    dominant_hz, concentration = _spectral(stretches, sampling_rate)
    leakage = np.array([_leakage(stretch) for stretch in stretches])
    return FibrillationMeasures(ends / sampling_rate, leakage, dominant_hz, concentration)


def _leakage(stretch: np.ndarray) -> float:
    size = np.abs(stretch)
    half_period = int(np.pi * size.sum() / max(np.abs(np.diff(stretch)).sum(), 1e-9) + 0.5)
    half_period = min(max(half_period, 1), len(stretch) // 2)
    left = np.abs(stretch[half_period:] + stretch[:-half_period]).sum()
    return float(left / max(size[half_period:].sum() + size[:-half_period].sum(), 1e-9))


def _spectral(stretches: np.ndarray, sampling_rate: float) -> tuple[np.ndarray, np.ndarray]:
    power = np.abs(np.fft.rfft(stretches * np.hanning(stretches.shape[1]), _POINTS)) ** 2
    hz = np.fft.rfftfreq(_POINTS, 1 / sampling_rate)
    power[:, (hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0.0
    dominant_hz = hz[power.argmax(axis=1)]
    is_near = (hz >= _NEAR[0] * dominant_hz[:, np.newaxis]) & (hz <= _NEAR[1] * dominant_hz[:, np.newaxis])
    return dominant_hz, (power * is_near).sum(axis=1) / np.maximum(power.sum(axis=1), 1e-12)
