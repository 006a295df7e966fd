import numpy as np
import pytest

from backend.windows.alarms.rhythm_features import (
    cut_shapes,
    hold_until_next_beat,
    measure_amplitudes,
    measure_dissimilarity,
    rate_over,
    seconds_since,
    trim_lags,
)

STEPS_S = np.arange(0, 20, 0.125)
BEATS_S = np.array([1.0, 2.0, 3.0, 4.0, 6.0])


def _at(told: np.ndarray, second: float) -> float:
    return float(told[np.flatnonzero(second == STEPS_S)[0]])


def test_the_seconds_since_a_beat_are_capped_at_eight():
    since = seconds_since(BEATS_S, STEPS_S)
    assert [_at(since, second) for second in (0.5, 1.0, 1.5, 5.5, 7.0, 19.0)] == [0.5, 0.0, 0.5, 1.5, 1.0, 8.0]
    assert set(seconds_since(np.zeros(0), STEPS_S)) == {8.0}


def test_the_rate_is_that_of_the_last_intervals():
    assert _at(rate_over(BEATS_S, STEPS_S, 1), 4.0) == pytest.approx(60)
    assert _at(rate_over(BEATS_S, STEPS_S, 1), 6.0) == pytest.approx(30)
    assert _at(rate_over(BEATS_S, STEPS_S, 4), 6.0) == pytest.approx(60 * 4 / 5)
    assert _at(rate_over(BEATS_S, STEPS_S, 12), 6.0) == pytest.approx(60 * 4 / 5)


def test_a_pause_lowers_the_rate_once_it_exceeds_the_mean_interval():
    assert _at(rate_over(BEATS_S, STEPS_S, 1), 5.0) == pytest.approx(60)
    assert _at(rate_over(BEATS_S, STEPS_S, 1), 5.5) == pytest.approx(40)
    assert _at(rate_over(BEATS_S, STEPS_S, 4), 5.5) == pytest.approx(60 * 4 / 4.5)
    assert _at(rate_over(BEATS_S, STEPS_S, 4), 4.5) == pytest.approx(60)


def test_rates_stay_within_their_limits():
    assert set(rate_over(np.zeros(0), STEPS_S, 4)) == {7.5}
    assert rate_over(np.array([1.0, 1.01, 1.02]), STEPS_S, 1).max() == 300


def test_a_value_is_held_until_the_next_beat():
    held = hold_until_next_beat(np.arange(1.0, 6.0), BEATS_S, STEPS_S, before=-1.0)
    assert [_at(held, second) for second in (0.5, 1.0, 5.5, 6.0, 19.0)] == [-1, 1, 4, 5, 5]
    assert set(hold_until_next_beat(np.zeros(0), np.zeros(0), STEPS_S, before=-1.0)) == {-1.0}


def _shapes(odd_at: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Ten beats of one shape, one of them turned over."""
    samples = np.random.default_rng(1).normal(0, 0.02, 2200)
    beats = np.arange(100, 2100, 200)
    wave = np.exp(-0.5 * (np.arange(-14, 14) / 3) ** 2) - 0.4 * np.exp(-0.5 * (np.arange(-14, 14) - 6) ** 2 / 9)
    for number, beat in enumerate(beats):
        samples[beat - 14 : beat + 14] += wave * (-1 if number == odd_at else 1)
    return cut_shapes(samples, beats + np.tile([0, 2], 5), 14, 14), beats


def test_a_dissimilar_beat_is_recognised_wherever_its_mark_lies():
    shapes, beats = _shapes(odd_at=7)
    unlike = measure_dissimilarity(shapes, np.ones(len(beats), dtype=bool))
    assert unlike[7] > 0.5
    assert np.delete(unlike, 7).max() < 0.05


def test_the_typical_beat_comes_from_the_reference_beats():
    shapes, _ = _shapes()
    shapes[6:] = -shapes[6:]
    assert measure_dissimilarity(shapes, np.arange(10) < 6)[6:].min() > 0.5


def test_a_single_beat_is_not_dissimilar():
    shapes, _ = _shapes()
    assert measure_dissimilarity(shapes[:1], np.ones(1, dtype=bool)).tolist() == [0.0]
    assert measure_dissimilarity(shapes[:0], np.ones(0, dtype=bool)).tolist() == []


def test_shapes_at_the_edges_are_padded_with_the_last_value():
    shapes = trim_lags(cut_shapes(np.arange(100.0), np.array([0, 99]), 5, 5))
    assert shapes.shape == (2, 10)
    assert shapes[0].tolist() == [0, 0, 0, 0, 0, 0, 1, 2, 3, 4]
    assert measure_amplitudes(shapes).tolist() == [4, 5]
