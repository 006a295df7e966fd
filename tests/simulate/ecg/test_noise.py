"""The recorder's own part of the signal."""

import numpy as np
import pytest
from scipy import signal

from backend.simulate.ecg.noise import (
    RAIL_MV,
    Gap,
    LeadsOff,
    Noise,
    Shaking,
    fibrillatory_waves,
    recorder_noise,
    with_gaps,
    with_leads_off,
    with_shaking,
)


def test_mains_noise_has_its_frequency():
    noise = Noise(breathing_mv=0, wander_mv=0, muscle_mv=0, mains_mv=0.1, mains_hz=50)
    frequencies, power = signal.periodogram(recorder_noise(noise, np.zeros(3600), 360, np.random.default_rng(0)), 360)
    assert frequencies[np.argmax(power)] == pytest.approx(50)


def test_muscle_noise_lies_above_20_hz():
    noise = Noise(breathing_mv=0, wander_mv=0, mains_mv=0, muscle_mv=0.05)
    frequencies, power = signal.periodogram(recorder_noise(noise, np.zeros(36000), 360, np.random.default_rng(0)), 360)
    assert power[frequencies < 18].sum() < 0.01 * power.sum()


def test_fibrillatory_waves_have_4_to_9_hz_and_are_largest_in_v1():
    waves = fibrillatory_waves(np.ones(36000), 360, np.random.default_rng(0))
    frequencies, power = signal.welch(waves[:, 1], 360, nperseg=3600)
    assert 4 < frequencies[np.argmax(power)] < 9
    assert waves[:, 1].std() > waves[:, 0].std()


def test_gaps_affect_only_their_leads_and_time():
    signals = np.random.default_rng(0).normal(size=(1000, 2))
    spoiled = with_gaps(signals, (Gap(2, 1, "missing", leads=(1,)), Gap(5, 1, "flat"), Gap(7, 1, "clipped")), 100)
    assert np.isnan(spoiled[200:300, 1]).all()
    assert np.ptp(spoiled[500:600], axis=0).max() == 0
    assert np.abs(spoiled[700:800]).max() == 0.4
    np.testing.assert_array_equal(spoiled[:200], signals[:200])
    np.testing.assert_array_equal(spoiled[:500, 0], signals[:500, 0])


def test_an_unknown_kind_of_gap_is_refused():
    with pytest.raises(ValueError, match="missing, flat or clipped"):
        with_gaps(np.zeros((100, 2)), (Gap(0, 1, "noisy"),), 100)


def test_a_disconnected_electrode_jumps_within_the_rails_and_is_then_flat():
    signals = np.random.default_rng(0).normal(0, 0.3, (5000, 2))
    spoiled = with_leads_off(signals, LeadsOff(10.0, tearing_s=1.0, leads=(0,)), 250, np.random.default_rng(1))
    np.testing.assert_array_equal(spoiled[:2500], signals[:2500])
    np.testing.assert_array_equal(spoiled[:, 1], signals[:, 1])
    assert 1 < np.abs(spoiled[2500:2750, 0]).max() <= RAIL_MV
    assert (spoiled[2750:, 0] == 0).all()


def test_movement_makes_waves_of_its_rate_in_its_lead_only():
    shaking = Shaking(4.0, 12.0, rate_hz=4.0, height_mv=2.0, lead=1)
    spoiled = with_shaking(np.zeros((5000, 2)), shaking, 250, np.random.default_rng(1))
    assert (spoiled[:, 0] == 0).all()
    assert (spoiled[:1000] == 0).all()
    assert (spoiled[4000:] == 0).all()
    frequencies, power = signal.welch(spoiled[1000:4000, 1], 250, nperseg=1500)
    assert frequencies[np.argmax(power)] == pytest.approx(4, abs=0.5)
    assert 1 < np.ptp(spoiled[1200:3800, 1]) < 5
