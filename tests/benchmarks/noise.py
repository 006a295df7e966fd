"""Three disturbances of an ambulatory recording, made from a seed, and mixed with a record at a stated level.

The level is the signal-to-noise ratio of PhysioNet's ``nst``: the signal's power is an eighth of the square of the
usual height of its QRS (peak to peak, as if QRS were a sine), the noise's power is its variance.
"""

from collections.abc import Callable

import numpy as np
from scipy import signal

__all__ = ["KINDS", "mixed", "qrs_height"]

_QRS_REACH_S = 0.05
_EVENTS_PER_S = 0.5
"""How often an electrode moves."""


def muscle(n_samples: int, sampling_rate: float, rng: np.random.Generator) -> np.ndarray:
    """White noise between 20 Hz and 100 Hz (or what the rate allows) whose strength drifts within some seconds."""
    band = (20.0, min(100.0, 0.45 * sampling_rate))
    fast = _band_passed(rng.standard_normal(n_samples), band, sampling_rate)
    slow = _band_passed(rng.standard_normal(n_samples), (0.02, 0.2), sampling_rate)
    return fast * np.clip(1 + 0.5 * slow / slow.std(), 0.2, None)


def wander(n_samples: int, sampling_rate: float, rng: np.random.Generator) -> np.ndarray:
    """White noise between 0.05 and 0.5 Hz: breath and slow drift."""
    return _band_passed(rng.standard_normal(n_samples), (0.05, 0.5), sampling_rate)


def electrode_motion(n_samples: int, sampling_rate: float, rng: np.random.Generator) -> np.ndarray:
    """Sudden shifts, one every two seconds on average, that rise within 20 to 150 ms and fade within 0.2 to 1.5 s.

    Their heights are normally distributed: a shift may look like a QRS.
    """
    kicks = np.zeros(n_samples)
    made = np.zeros(n_samples)
    n_events = rng.poisson(_EVENTS_PER_S * n_samples / sampling_rate)
    places = rng.integers(0, n_samples, n_events)
    for group in range(8):
        kicks[:] = 0.0
        kicks[places[group::8]] = rng.standard_normal(len(places[group::8]))
        rise, fall = np.exp(-1 / (rng.uniform([0.02, 0.2], [0.15, 1.5]) * sampling_rate))
        smoothed = signal.lfilter([1 - rise], [1, -rise], kicks)
        made += signal.lfilter([1], [1, -fall], smoothed)
    return made


KINDS: dict[str, Callable[[int, float, np.random.Generator], np.ndarray]] = {
    "muscle": muscle,
    "wander": wander,
    "electrode motion": electrode_motion,
}


def _band_passed(white: np.ndarray, band_hz: tuple[float, float], sampling_rate: float) -> np.ndarray:
    sections = signal.butter(2, band_hz, "bandpass", fs=sampling_rate, output="sos")
    return signal.sosfiltfilt(sections, white)


def qrs_height(samples: np.ndarray, r_peaks: np.ndarray, sampling_rate: float) -> float:
    """The median peak-to-peak height of QRS (within 50 ms of the R peak), in the signal's unit."""
    reach = round(_QRS_REACH_S * sampling_rate)
    inner = r_peaks[(r_peaks >= reach) & (r_peaks < len(samples) - reach)]
    around = samples[inner[:, np.newaxis] + np.arange(-reach, reach + 1)]
    return float(np.median(np.ptp(around, axis=1)))


def mixed(
    samples: np.ndarray, r_peaks: np.ndarray, sampling_rate: float, kind: str, snr_db: float, seed: int
) -> np.ndarray:
    """The signal with noise of one kind at one level throughout, float32, shape = (n_samples,)."""
    noise = KINDS[kind](len(samples), sampling_rate, np.random.default_rng(seed))
    power = qrs_height(samples, r_peaks, sampling_rate) ** 2 / 8 / 10 ** (snr_db / 10)
    return (samples + noise * np.sqrt(power / noise.var())).astype(np.float32)
