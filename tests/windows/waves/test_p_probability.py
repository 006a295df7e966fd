"""The probability of P: beats with and without P at known noise, and what decides it."""

import os
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from backend.windows.waves.p_probability import MIN_PROBABILITY
from tests.windows.waves.test_delineation import beat_train, waves_of

DATA = os.environ.get("BEATLIGHT_DATA")


def waves_in_noise(rr_s: float, noise_mv: float, with_p: bool, seed: int):
    rng = np.random.default_rng(seed)
    r_times = 1.0 + np.cumsum(rr_s * (1 + 0.03 * rng.standard_normal(int(56 / rr_s))))
    r_times = r_times[r_times < 58.5]
    lead = beat_train(r_times, 360.0, 60.0, with_p) + rng.normal(0, noise_mv, 360 * 60)
    return waves_of(lead, np.round(r_times * 360))


@pytest.mark.parametrize("noise_mv", [0.005, 0.01, 0.02, 0.05])
def test_at_most_5_percent_of_beats_without_p_get_one_and_98_percent_keep_theirs(noise_mv):
    shares = {
        with_p: np.mean(
            [
                np.mean(~np.isnan(waves_in_noise(rr_s, noise_mv, with_p, seed).p_peak))
                for seed, rr_s in product((1, 2), (0.7, 0.8, 0.9, 1.0, 1.1))
            ]
        )
        for with_p in (True, False)
    }
    assert shares[False] <= 0.05
    assert shares[True] >= 0.98


def test_every_marked_p_has_a_probability_and_no_other_beat_has_one():
    waves = waves_in_noise(0.85, 0.03, True, seed=4)
    is_marked = ~np.isnan(waves.p_peak)
    assert is_marked.any()
    assert np.array_equal(is_marked, ~np.isnan(waves.p_probability))
    assert np.all((waves.p_probability[is_marked] >= MIN_PROBABILITY) & (waves.p_probability[is_marked] <= 1))
    assert waves.probability_of_p(int(np.flatnonzero(is_marked)[0])) == waves.p_probability[is_marked][0]


def test_a_lower_p_is_less_probable():
    r_times = np.arange(1.0, 58.0, 0.85)
    with_p, without = (beat_train(r_times, 360.0, 60.0, with_p) for with_p in (True, False))
    noise = np.random.default_rng(8).normal(0, 0.03, len(with_p))
    medians = [
        np.median(
            np.nan_to_num(
                waves_of(without + height * (with_p - without) + noise, np.round(r_times * 360)).p_probability
            )
        )
        for height in (0.1, 0.3, 1.0)
    ]
    assert medians[0] < medians[1] < medians[2]
    assert medians[2] > 0.95


@pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder of databases")
def test_the_probability_of_p_is_calibrated_on_patients_that_fitted_nothing():
    from tests.benchmarks.waves import p_calibration

    for row in p_calibration(Path(DATA) / "mitdb"):
        assert abs(row.mean_probability - row.with_p) <= 0.12, row
