from dataclasses import replace

import numpy as np
import pytest

from backend.models.calibration.prefixes import PrefixCalibration, fit_prefixes
from backend.models.scores import compute_scores, score_over_time, softmax
from tests.toys import toy_beat, toy_bundle


def told_too_much(n: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    """Two prefixes of windows whose scores say three times as much as is true, shifted by 1.5 at first, and labels."""
    rng = np.random.default_rng(0)
    log_odds = rng.normal(-1.0, 1.2, n)
    is_first = rng.random(n) < 1.0 / (1.0 + np.exp(-log_odds))
    margins = np.stack([3.0 * log_odds + 1.5, log_odds], axis=1)
    return np.stack([margins / 2, -margins / 2], axis=2).astype(np.float32), is_first


def targets_of(is_first: np.ndarray) -> np.ndarray:
    return np.where(is_first, 0, 1)


def of_several_classes(n: int = 60_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two prefixes of windows of four classes, the first overconfident and biased, with targets and the true odds."""
    rng = np.random.default_rng(2)
    log_odds = rng.normal([1.5, 0.0, -0.5, -1.0], 1.5, (n, 4))
    targets = (softmax(log_odds).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    first = 2.5 * (log_odds - np.array([-1.0, 0.5, 0.0, 0.0])) + rng.normal(0.0, 1.0, (n, 1))
    return np.stack([first, log_odds], axis=1).astype(np.float32), np.minimum(targets, 3), log_odds


def test_the_slope_and_offsets_of_several_classes_are_those_that_the_scores_were_made_with():
    scores, targets, _ = of_several_classes()
    fitted = fit_prefixes(scores, targets, 1.0)
    assert fitted.slopes[0] == pytest.approx(0.4, abs=0.01)
    assert fitted.offsets[0] == pytest.approx((-1.0, 0.5, 0.0, 0.0), abs=0.05)


def test_calibrated_probabilities_of_several_classes_are_the_true_ones():
    scores, targets, log_odds = of_several_classes()
    calibrated = softmax(fit_prefixes(scores, targets, 1.0).apply(scores))[:, 0]
    assert np.abs(calibrated - softmax(log_odds)).mean() < 0.01
    assert np.abs(softmax(scores[:, 0]) - softmax(log_odds)).mean() > 0.1


def test_before_the_first_read_the_probabilities_are_the_shares_of_the_classes():
    scores, targets, _ = of_several_classes(2000)
    prior = np.array(fit_prefixes(scores, targets, 1.7).prior)
    np.testing.assert_allclose(softmax(prior, 1.7), np.bincount(targets) / 2000, atol=1e-4)


def test_over_time_the_shares_of_the_classes_stand_before_the_first_read():
    bundle, window = toy_bundle(classes=2, steps_per_read=3, temperature=1.7), toy_beat(24)
    prefixes = PrefixCalibration((1.0,) * 8, ((0.0, 0.0),) * 8, (1.7 * float(np.log(4.0)), 0.0))
    over_time = score_over_time(replace(bundle, prefixes=prefixes), window)
    np.testing.assert_allclose(over_time.probabilities[:2], [[0.8, 0.2]] * 2, atol=1e-6)


def test_overconfident_scores_are_fitted_by_the_true_line():
    scores, is_first = told_too_much()
    fitted = fit_prefixes(scores, targets_of(is_first), 1.0)
    assert fitted.slopes[0] == pytest.approx(1 / 3, abs=0.01)
    assert fitted.offsets[0] == pytest.approx((-0.5, 0.0), abs=0.03)


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
def test_calibrated_risks_match_the_outcomes_whatever_the_temperature(temperature):
    scores, is_first = told_too_much()
    fitted = fit_prefixes(scores * temperature, targets_of(is_first), temperature)
    risk = softmax(fitted.apply(scores * temperature), temperature)[:, 0, 0]
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 1.0)):
        own = (risk >= low) & (risk < high)
        assert risk[own].mean() == pytest.approx(is_first[own].mean(), abs=0.02)


def test_the_whole_window_keeps_its_scores():
    scores, is_first = told_too_much(500)
    fitted = fit_prefixes(scores, targets_of(is_first), 1.0)
    assert (fitted.slopes[-1], fitted.offsets[-1]) == (1.0, (0.0, 0.0))
    np.testing.assert_array_equal(fitted.apply(scores)[:, -1], scores[:, -1])


def test_an_uninformative_prefix_gives_the_share_of_the_first_class():
    is_first = np.arange(1000) < 140
    noise = np.random.default_rng(1).normal(0, 3, (1000, 2, 2)).astype(np.float32)
    risk = softmax(fit_prefixes(noise, targets_of(is_first), 1.0).apply(noise))[:, 0, 0]
    assert risk.mean() == pytest.approx(0.14, abs=0.01)
    assert risk.std() < 0.05


def test_scores_over_time_are_calibrated_and_end_at_the_score_of_the_whole_window():
    bundle, window = toy_bundle(classes=2), toy_beat(24)
    prefixes = PrefixCalibration((*[0.5] * 23, 1.0), (*[(0.25, 0.0)] * 23, (0.0, 0.0)), (0.0, 0.0))
    plain = score_over_time(bundle, window).scores
    calibrated = score_over_time(replace(bundle, prefixes=prefixes), window)
    np.testing.assert_allclose(calibrated.scores[:-1], 0.5 * plain[:-1] + [0.25, 0.0], atol=1e-6)
    np.testing.assert_allclose(calibrated.scores[-1], compute_scores(bundle, window[np.newaxis])[0], atol=1e-5)
    np.testing.assert_allclose(calibrated.probabilities, softmax(calibrated.scores), atol=1e-6)
