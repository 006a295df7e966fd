import numpy as np

from backend.windows.alarms.fibrillation import measure_fibrillation
from tests.windows.made_alarms import beat_times, bedside_signals

RATE = 125.0


def test_leakage_is_low_for_a_sine_and_high_for_narrow_complexes():
    time_s = np.arange(round(20 * RATE)) / RATE
    of_sine = measure_fibrillation(np.sin(2 * np.pi * 5 * time_s), RATE)
    of_beats = measure_fibrillation(bedside_signals(beat_times(20), 20, RATE)[:, 0], RATE)
    assert of_sine.leakage.max() < 0.2 < 0.6 < of_beats.leakage.min()
    assert of_sine.concentration.min() > 0.95 > 0.7 > of_beats.concentration.max()
    np.testing.assert_allclose(of_sine.dominant_hz, 5, atol=0.2)


def test_features_refer_to_the_four_seconds_before_each_time():
    time_s = np.arange(round(20 * RATE)) / RATE
    change = np.where(time_s < 10, np.sin(2 * np.pi * 3 * time_s), np.sin(2 * np.pi * 7 * time_s))
    measures = measure_fibrillation(change, RATE)
    assert measures.ends_s[0] == 4
    np.testing.assert_allclose(measures.dominant_hz[measures.ends_s <= 10], 3, atol=0.2)
    np.testing.assert_allclose(measures.dominant_hz[measures.ends_s >= 14], 7, atol=0.2)


def test_a_short_lead_has_no_features_and_a_flat_one_no_power():
    assert not len(measure_fibrillation(np.ones(100), RATE).leakage)
    assert measure_fibrillation(np.zeros(1000), RATE).concentration.max() == 0


def test_rounding_errors_of_a_flat_lead_have_no_dominant_frequency():
    rounding = 1e-15 * np.random.default_rng(1).standard_normal(1000)
    measures = measure_fibrillation(rounding, RATE)
    assert measures.dominant_hz.max() == measures.concentration.max() == 0
