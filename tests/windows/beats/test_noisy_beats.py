"""The beats of a lead in noise, and which of its stretches are unreadable."""

from itertools import combinations

import numpy as np
import pytest

from backend.simulate.ecg.rhythm import Stretch
from backend.windows.beats import noisy_beats
from backend.windows.beats.hamilton import hamilton_r_peaks
from backend.windows.beats.noisy_beats import find_lead_beats
from backend.windows.beats.reference import match_beats
from tests.made_records import simulated_record

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
