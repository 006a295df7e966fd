"""The beats of a lead in noise, and which of its stretches are unreadable."""

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from backend.records.opening import open_record
from backend.records.understanding import Stated
from backend.simulate.ecg.rhythm import Stretch
from backend.windows.beats import noisy_beats
from backend.windows.beats.hamilton import hamilton_r_peaks
from backend.windows.beats.noisy_beats import find_lead_beats
from backend.windows.beats.reference import match_beats
from tests.benchmarks import detection, noise
from tests.made_records import beat_marks, made_record, simulated_record

DATA = os.environ.get("BEATLIGHT_DATA")
RATE = 360.0
LONG = (Stretch(180, rate_per_min=72, irregularity=0.04, extra={12.0: "V", 100.0: "V"}),)
NOISY_S = (60.0, 120.0)


def jumping_noise(n_samples: int, seed: int) -> np.ndarray:
    """Steps of random height that fade within a second, as when an electrode moves; standard deviation 1."""
    rng = np.random.default_rng(seed)
    kicks = np.zeros(n_samples)
    places = rng.integers(0, n_samples, int(3 * n_samples / RATE))
    kicks[places] = rng.standard_normal(len(places))
    fade = np.exp(-np.arange(round(0.6 * RATE)) / (0.2 * RATE)) - np.exp(-np.arange(round(0.6 * RATE)) / (0.03 * RATE))
    noise = np.convolve(kicks, fade)[:n_samples]
    return noise / noise.std()


def noisy_lead(level_mv: float) -> tuple[np.ndarray, np.ndarray]:
    """A lead with noise in its second minute, and its true R peaks."""
    record, truth = simulated_record(LONG)
    samples = record.signals[:, 0].astype(np.float64)
    first, last = (round(one * RATE) for one in NOISY_S)
    samples[first:last] += level_mv * jumping_noise(last - first, seed=5)
    return samples.astype(np.float32), truth.r_peaks


def errors(found: np.ndarray, true: np.ndarray) -> int:
    matching = match_beats(found, true, RATE)
    return len(matching.missed) + int((matching.reference_index < 0).sum())


def test_a_quiet_lead_has_the_beats_of_hamilton():
    samples, true = noisy_lead(0.0)
    found = find_lead_beats(samples, RATE)
    assert np.array_equal(found.r_peaks, hamilton_r_peaks(samples, RATE))
    assert errors(found.r_peaks, true) == 0
    assert not len(found.unreadable)


def test_noise_in_one_minute_leaves_the_beats_of_the_others_as_they_are():
    samples, _ = noisy_lead(0.4)
    found, alone = find_lead_beats(samples, RATE).r_peaks, hamilton_r_peaks(samples, RATE)
    is_far = (alone < (NOISY_S[0] - 10) * RATE) | (alone > (NOISY_S[1] + 10) * RATE)
    assert set(alone[is_far]) <= set(found)


def test_fewer_beats_are_wrong_in_noise_than_by_hamilton_alone():
    samples, true = noisy_lead(1.5)
    wrong, wrong_alone = (
        errors(find_lead_beats(samples, RATE).r_peaks, true),
        errors(hamilton_r_peaks(samples, RATE), true),
    )
    assert wrong_alone >= 20
    assert wrong <= 0.25 * wrong_alone


@pytest.mark.parametrize("next_s", [None, 4.2])
def test_the_sequence_is_the_best_of_all_subsets(next_s):
    rng = np.random.default_rng(3)
    rhythm = noisy_beats._Rhythm(0.8, 0.06)
    for _ in range(20):
        times_s = np.sort(rng.uniform(0.3, 4.0, 9))
        candidates = noisy_beats._Candidates(times_s, rng.normal(0.0, 2.0, 9), np.zeros(9))

        def total(chosen: tuple[int, ...], times_s=times_s, candidates=candidates) -> float:
            stops = [0.0, *times_s[list(chosen)]]
            if next_s is not None:
                stops.append(next_s)
            end = 0.0 if next_s else 0.5 * noisy_beats.MISSED_COST * (times_s[-1] - stops[-1]) / rhythm.rr_s
            return float(rhythm.score(np.diff(stops)).sum() + candidates.log_odds[list(chosen)].sum() - end)

        subsets = [chosen for size in range(1, 10) for chosen in combinations(range(9), size)]
        best = max(subsets, key=total)
        assert tuple(noisy_beats._most_probable(candidates, rhythm, 0.0, next_s)) == best


def test_the_density_of_an_interval_over_the_usual_one_integrates_to_one():
    logs = np.linspace(-4, 4, 400001)
    rhythm = noisy_beats._Rhythm(0.8, 0.06)
    density = np.exp(rhythm._log_density(np.exp(logs)))
    assert np.trapezoid(density, logs) == pytest.approx(1.0, abs=1e-3)


def test_an_interval_of_a_missed_beat_costs_what_a_missed_beat_costs():
    rhythm = noisy_beats._Rhythm(0.8, 0.06)
    one, two = rhythm.log_density(np.array([0.8, 1.6]))
    assert two == pytest.approx(one - noisy_beats.MISSED_COST)


def test_intervals_shorter_than_a_refractory_period_are_impossible():
    assert noisy_beats._Rhythm(0.8, 0.06).score(np.array([0.1]))[0] == -np.inf


def test_a_record_too_short_to_know_its_qrs_has_the_beats_of_hamilton():
    samples, _ = noisy_lead(0.5)
    short = samples[round(65 * RATE) : round(75 * RATE)]
    assert np.array_equal(find_lead_beats(short, RATE).r_peaks, hamilton_r_peaks(short, RATE))


def test_noise_is_mixed_at_the_stated_ratio_in_every_other_stretch_of_two_minutes():
    n_samples, rng = round(560 * RATE), np.random.default_rng(0)
    r_peaks = np.arange(180, n_samples - 180, 300)
    samples = np.zeros(n_samples)
    samples[r_peaks] = 2.0  # peak to peak 2 mV: the power of a sine of that height is 0.5
    clean = made_record(samples[:, np.newaxis], ("MLII",), RATE, {"atr": beat_marks(r_peaks, "N" * len(r_peaks))})
    white = made_record(rng.normal(0.0, 7.0, (n_samples, 1)), ("noise1",), RATE)
    added = noise.mixed(clean, white, 6.0)[:, 0] - samples
    first, last, again = (round(one * RATE) for one in (300.0, 420.0, 540.0))
    assert np.all(added[:first] == 0)
    assert np.ptp(added[last:again]) < 1e-6
    for stretch in (added[first:last], added[again:]):
        assert 0.5 / stretch.var() == pytest.approx(10**0.6, rel=0.02)


def test_qrs_height_is_the_mean_without_the_extremes_and_ventricular_beats():
    heights = [1.0] * 18 + [9.0, 0.1] + [5.0] * 10
    r_peaks = 360 * np.arange(1, 31)
    samples = np.zeros(32 * 360)
    samples[r_peaks] = heights
    assert noise.qrs_height(samples, r_peaks, "N" * 20 + "V" * 10, RATE) == pytest.approx(1.0)


@pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder of databases")
@pytest.mark.parametrize(("level", "sensitivity", "ppv"), [(12, 98.9, 98.4), (6, 97.5, 95.0), (0, 90.0, 88.0)])
def test_sensitivity_and_ppv_stay_above_their_limits_in_real_noise(level, sensitivity, ppv):
    motion = open_record(Path(DATA) / "nstdb" / "em", Stated(leads=("noise1", "noise2")))
    records = [open_record(Path(DATA) / "mitdb" / name) for name in ("100", "116", "203", "221")]
    scores = [
        detection.noisy_score(record, noise.mixed(record, motion, level)[:, 0], "hamilton").beats for record in records
    ]
    assert 100 * sum(one.matched for one in scores) / sum(one.reference for one in scores) >= sensitivity
    assert 100 * sum(one.matched for one in scores) / sum(one.found for one in scores) >= ppv
