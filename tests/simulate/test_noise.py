"""The recorder's own part of the signal."""

import numpy as np
import pytest
from scipy import signal

from backend.simulate.noise import Gap, Noise, fibrillatory_waves, recorder_noise, with_gaps


def test_mains_stand_at_their_own_frequency():
    noise = Noise(breathing_mv=0, wander_mv=0, muscle_mv=0, mains_mv=0.1, mains_hz=50)
    frequencies, power = signal.periodogram(recorder_noise(noise, np.zeros(3600), 360, np.random.default_rng(0)), 360)
    assert frequencies[np.argmax(power)] == pytest.approx(50)


def test_muscle_noise_leaves_the_waves_of_the_ecg_below_20_hz_alone():
    noise = Noise(breathing_mv=0, wander_mv=0, mains_mv=0, muscle_mv=0.05)
    frequencies, power = signal.periodogram(recorder_noise(noise, np.zeros(36000), 360, np.random.default_rng(0)), 360)
    assert power[frequencies < 18].sum() < 0.01 * power.sum()


def test_fibrillating_atria_make_four_to_nine_waves_a_second_largest_in_v1():
    waves = fibrillatory_waves(np.ones(36000), 360, np.random.default_rng(0))
    frequencies, power = signal.welch(waves[:, 1], 360, nperseg=3600)
    assert 4 < frequencies[np.argmax(power)] < 9
    assert waves[:, 1].std() > waves[:, 0].std()


def test_gaps_spoil_their_own_leads_and_time_alone():
    signals = np.random.default_rng(0).normal(size=(1000, 2))
    spoiled = with_gaps(signals, (Gap(2, 1, "missing", leads=(1,)), Gap(5, 1, "flat"), Gap(7, 1, "clipped")), 100)
    assert np.isnan(spoiled[200:300, 1]).all()
    assert np.ptp(spoiled[500:600], axis=0).max() == 0
    assert np.abs(spoiled[700:800]).max() == 0.4
    np.testing.assert_array_equal(spoiled[:200], signals[:200])
    np.testing.assert_array_equal(spoiled[:500, 0], signals[:500, 0])


def test_a_gap_of_no_known_kind_is_refused():
    with pytest.raises(ValueError, match="missing, flat or clipped"):
        with_gaps(np.zeros((100, 2)), (Gap(0, 1, "noisy"),), 100)
