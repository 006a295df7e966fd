"""Noise with a given spectrum, and the two slow components of heart rate variability."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Modulation", "shaped_noise", "simulate_modulation"]

MODULATION_RATE_HZ = 10.0


def shaped_noise(
    spectrum: Callable[[np.ndarray], np.ndarray], n_samples: int, sampling_rate: float, rng: np.random.Generator
) -> np.ndarray:
    """Return a signal of zero mean and unit deviation with a given power spectrum and random phases.

    Parameters
    ----------
    spectrum : function
        Function of frequencies (Hz) that returns their relative power.
    n_samples : int
    sampling_rate : float
        Hz.
    rng : numpy Generator

    Returns
    -------
    float64 array, shape = (n_samples,)

    References
    ----------
    McSharry et al. 2003, section III: amplitudes from the square root of the power, phases uniform over the circle,
    inverse Fourier transform, scaled to the given deviation.
    """
    frequencies = np.fft.rfftfreq(n_samples, 1 / sampling_rate)
    amplitudes = np.sqrt(spectrum(frequencies))
    amplitudes[0] = 0
    phases = rng.uniform(0, 2 * np.pi, len(frequencies))
    signal = np.fft.irfft(amplitudes * np.exp(1j * phases), n_samples)
    return signal / signal.std()


@dataclass(frozen=True, eq=False)
class Modulation:
    """Modulation of the heart by respiration and blood pressure, with unit deviation, at `MODULATION_RATE_HZ`.

    Attributes
    ----------
    breathing : float64 array, shape = (n,)
        At about 0.25 Hz.
    pressure : float64 array, shape = (n,)
        Mayer waves, at about 0.1 Hz.
    """

    breathing: np.ndarray
    pressure: np.ndarray

    def rate_at(self, time_s: float) -> float:
        """Return the modulation of the rate at a time (s), with zero mean and unit deviation.

        A third of the power comes from the pressure, as McSharry et al. 2003 set LF/HF to 0.5 (section III).
        """
        position = time_s * MODULATION_RATE_HZ
        grid = np.arange(len(self.breathing))
        breathing = np.interp(position, grid, self.breathing)
        pressure = np.interp(position, grid, self.pressure)
        return float(np.sqrt(2 / 3) * breathing + np.sqrt(1 / 3) * pressure)

    def breathing_at(self, times_s: np.ndarray) -> np.ndarray:
        """Return respiration at some times (s), with unit deviation."""
        grid = np.arange(len(self.breathing)) / MODULATION_RATE_HZ
        return np.interp(times_s, grid, self.breathing)


def simulate_modulation(duration_s: float, breaths_per_min: float, rng: np.random.Generator) -> Modulation:
    """Return respiration at its rate and Mayer waves at 0.1 Hz, each a Gaussian of power 0.01 Hz wide.

    Source: McSharry et al. 2003, section III and figure 3 (f1 = 0.1 Hz, f2 = 0.25 Hz, c1 = c2 = 0.01 Hz).
    """
    n_samples = int(np.ceil(duration_s * MODULATION_RATE_HZ)) + 1

    def narrow(centre_hz: float) -> np.ndarray:
        def power(frequencies: np.ndarray) -> np.ndarray:
            return np.exp(-((frequencies - centre_hz) ** 2) / (2 * 0.01**2))

        return shaped_noise(power, n_samples, MODULATION_RATE_HZ, rng)

    return Modulation(breathing=narrow(breaths_per_min / 60), pressure=narrow(0.1))
