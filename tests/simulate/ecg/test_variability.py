"""The heart's rate sways at two frequencies, as the paper has it."""

import numpy as np
import pytest
from scipy import signal

from backend.simulate.ecg.heart import simulate
from backend.simulate.ecg.rhythm import Stretch
from backend.simulate.ecg.variability import shaped_noise, simulate_modulation


def test_noise_has_the_given_spectrum():
    rng = np.random.default_rng(0)
    noise = shaped_noise(lambda f: ((f > 10) & (f < 20)).astype(float), 10_000, 100, rng)
    frequencies, power = signal.periodogram(noise, 100)
    assert noise.std() == pytest.approx(1)
    assert power[(frequencies > 10) & (frequencies < 20)].sum() > 0.999 * power.sum()


def test_rr_intervals_vary_with_blood_pressure_and_respiration():
    record = simulate((Stretch(300, rate_per_min=75, irregularity=0.05),), seed=4)
    rr_s = np.diff(record.r_peaks) / record.sampling_rate
    times_s = record.r_peaks[1:] / record.sampling_rate
    even = np.interp(np.arange(times_s[0], times_s[-1], 0.25), times_s, rr_s)
    frequencies, power = signal.welch(even, 4, nperseg=512)

    def share(low_hz, high_hz):
        return power[(frequencies >= low_hz) & (frequencies < high_hz)].sum() / power.sum()

    assert share(0.07, 0.13) > 0.2
    assert share(0.19, 0.32) > 0.35
    assert share(0.14, 0.18) < 0.1


def test_respiration_has_twice_the_power_of_the_blood_pressure():
    swing = simulate_modulation(600, 15, np.random.default_rng(1))
    rate = np.array([swing.rate_at(at) for at in np.arange(0, 600, 0.1)])
    frequencies, power = signal.periodogram(rate, 10)
    low, high = power[frequencies < 0.17].sum(), power[frequencies > 0.17].sum()
    assert low / high == pytest.approx(0.5, abs=0.02)
