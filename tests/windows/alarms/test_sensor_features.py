import numpy as np
import pytest

from backend.windows.alarms.sensor_features import (
    SensorSegment,
    measure_ecg,
    measure_pressure,
    measure_pulse,
    measure_respiration,
)
from tests.windows.made_alarms import RATE, beat_times, bedside_signals

STEPS_S = 60 - 1 / RATE - np.arange(96)[::-1] / 8
SIGNALS = bedside_signals(beat_times(60))


def _stretch(samples: np.ndarray) -> SensorSegment:
    return SensorSegment(samples, RATE, STEPS_S)


def test_a_wide_beat_has_a_large_width_and_dissimilarity():
    samples = SIGNALS[:, 0].copy()
    time_s = np.arange(len(samples)) / RATE
    near = np.abs(time_s - 55.6) < 0.35
    samples[near] = 1.5 * np.exp(-0.5 * ((time_s[near] - 55.6) / 0.035) ** 2)
    told = measure_ecg(_stretch(samples))
    during = (STEPS_S > 55.8) & (STEPS_S < 56.3)
    before = STEPS_S < 55
    assert told["relative width"][during].min() > 1.5
    assert told["unlikeness"][during].min() > 3 * max(told["unlikeness"][before].max(), 0.02)
    np.testing.assert_allclose(told["relative width"][before], 1, atol=0.15)


def test_muscle_noise_raises_the_noise_but_not_the_qrs_width():
    samples = SIGNALS[:, 0].copy()
    samples[-1500:] += np.random.default_rng(2).normal(0, 0.15, 1500).astype(np.float32)
    told = measure_ecg(_stretch(samples))
    assert told["noise"][-8] > 3 * told["noise"][8]


@pytest.mark.parametrize("series", [measure_ecg, measure_pulse, measure_pressure])
def test_a_flat_segment_is_marked_as_flat(series):
    samples = SIGNALS[:, 0 if series is measure_ecg else 2].copy()
    samples[-1000:] = samples[-1000]
    told = series(_stretch(samples))["flat"]
    assert told[-20:-4].min() == 1
    assert told[:50].max() == 0


def test_pressures_are_measured_from_the_wave():
    told = measure_pressure(_stretch(SIGNALS[:, 2]))
    assert told["systolic"][-1] == pytest.approx(115, abs=2)
    assert told["pulse pressure"][-1] == pytest.approx(40, abs=2)
    assert told["mean"][-8] == pytest.approx(SIGNALS[:, 2].mean(), abs=3)


def test_weak_pulses_have_a_low_height():
    samples = SIGNALS[:, 3].copy()
    samples[-2000:] *= 0.6
    told = measure_pulse(_stretch(samples))
    assert told["height"][-1] == pytest.approx(0.6, abs=0.05)
    assert told["height"][5] == pytest.approx(1, abs=0.05)


def test_the_unit_of_the_photoplethysmogram_makes_no_difference():
    once, often = (measure_pulse(_stretch(SIGNALS[:, 3] * factor)) for factor in (1.0, 1000.0))
    for quantity, told in once.items():
        np.testing.assert_allclose(told, often[quantity], atol=1e-3)


def test_respiration_is_scaled_to_its_own_range():
    told = measure_respiration(_stretch(5 + 3 * SIGNALS[:, 4]))["wave"]
    assert 0.4 < told.max() < 0.6


def test_gaps_and_steps_before_the_first_sample_are_missing():
    samples = SIGNALS[-2500:, 0].copy()
    samples[1000:1500] = np.nan
    steps_s = (len(samples) - 1) / RATE - np.arange(96)[::-1] / 8
    is_missing = SensorSegment(samples, RATE, steps_s).is_missing()
    np.testing.assert_array_equal(is_missing, (steps_s < 0) | ((steps_s >= 4) & (steps_s < 6)))
