import numpy as np
import pytest

from backend.windows.alarms.pulse_onsets import PULSE_RATE, find_pulse_onsets, low_pass
from tests.windows.made_alarms import RATE, beat_times, bedside_signals

ABP = 2


def _pressure(beats_s: np.ndarray, duration_s: float = 60.0) -> np.ndarray:
    return low_pass(bedside_signals(beats_s, duration_s)[:, ABP], RATE, PULSE_RATE, 12.0)


@pytest.mark.parametrize("rate_per_min", [35, 75, 150])
def test_the_onset_of_every_pulse_is_where_it_begins_to_rise(rate_per_min):
    beats_s = beat_times(59, rate_per_min)
    feet_s = find_pulse_onsets(_pressure(beats_s)) / PULSE_RATE
    assert len(feet_s) == len(beats_s)
    np.testing.assert_allclose(feet_s, beats_s + 0.2, atol=0.08)


def test_noise_in_an_asystole_is_not_a_pulse():
    beats_s = beat_times(60, stops_s=45)
    wave = _pressure(beats_s) + np.random.default_rng(0).normal(0, 0.5, 6000)
    assert (find_pulse_onsets(wave) / PULSE_RATE).max() < beats_s[-1] + 0.5


def test_a_pulse_of_half_the_amplitude_is_found():
    beats_s = beat_times(59)
    feet = find_pulse_onsets(_pressure(beats_s))
    weak = _pressure(beats_s)
    weak[3000:3080] = 75 + 0.5 * (weak[3000:3080] - 75)
    assert len(find_pulse_onsets(weak)) == len(feet)


def test_a_flat_line_has_no_pulse():
    assert not len(find_pulse_onsets(np.full(1000, 80.0)))
    assert not len(find_pulse_onsets(np.linspace(100, 50, 1000)))


@pytest.mark.parametrize("rate", [50.0, 125.0, 360.0, 1000.0])
def test_the_last_step_lies_on_the_last_sample(rate):
    n = round(10 * rate)
    ramp = np.arange(n) / rate
    told = low_pass(ramp, rate, 100.0, 12.0)
    np.testing.assert_allclose(told[50:-50], (ramp[-1] - np.arange(len(told))[::-1] / 100.0)[50:-50], atol=1e-3)


def test_high_frequencies_are_removed_and_gaps_interpolated():
    time_s = np.arange(2500) / 250.0
    slow = np.sin(2 * np.pi * time_s)
    with_mains = low_pass(slow + 0.5 * np.sin(2 * np.pi * 50 * time_s), 250.0, 250.0, 12.0)
    np.testing.assert_allclose(with_mains[100:-100], slow[100:-100], atol=0.01)
    with_gap = np.where((time_s > 4.1) & (time_s < 4.15), np.nan, slow)
    np.testing.assert_allclose(low_pass(with_gap, 250.0, 250.0, 12.0)[100:-100], slow[100:-100], atol=0.03)
