import numpy as np
import pytest
from scipy.special import softmax

from backend.models.calibration.class_offsets import fit_class_offsets, weight_by_patient


def drawn(shares: np.ndarray, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Class scores of normal measurements around 0, 2 and 4, by Bayes' rule for equal shares, and targets."""
    rng = np.random.default_rng(seed)
    targets = rng.choice(3, n, p=shares)
    measured = 2.0 * targets + rng.standard_normal(n)
    return -0.5 * (measured[:, np.newaxis] - 2.0 * np.arange(3)) ** 2, targets


def mean_probabilities(scores: np.ndarray) -> np.ndarray:
    return softmax(scores, axis=1).mean(axis=0)


def test_without_a_penalty_the_mean_probabilities_are_the_shares():
    shares = np.array([0.7, 0.25, 0.05])
    scores, targets = drawn(shares, 40_000)
    allowed, patients = np.eye(3)[targets], (np.arange(len(targets)) % 400).astype(str)
    offsets = fit_class_offsets(scores, allowed, patients, penalty=0.0)
    observed = np.bincount(targets) / len(targets)
    np.testing.assert_allclose(mean_probabilities(scores + offsets), observed, atol=1e-3)
    # By Bayes' rule, they are the logarithms of the ratios of the shares.
    np.testing.assert_allclose(offsets, np.log(shares / shares[0]), atol=0.1)


def test_the_penalty_keeps_offsets_between_none_and_those_without_it():
    shares = np.array([0.7, 0.25, 0.05])
    scores, targets = drawn(shares, 40_000)
    allowed, patients = np.eye(3)[targets], (np.arange(len(targets)) % 400).astype(str)
    without, usual, strong = (fit_class_offsets(scores, allowed, patients, own)[2] for own in (0.0, 0.006, 0.1))
    assert without < usual < strong < 0
    assert fit_class_offsets(scores, allowed, patients)[2] == usual


def test_a_class_without_windows_does_not_vanish():
    scores, targets = drawn(np.array([0.6, 0.4, 0.0]), 5_000)
    offsets = fit_class_offsets(scores, np.eye(3)[targets], np.full(len(targets), "one"))
    assert -8.0 < offsets[2] < -0.5


def test_scores_that_tell_nothing_get_offsets_within_bounds():
    targets = np.repeat([0, 1, 2], [600, 300, 100])
    scores = 1e-3 * np.random.default_rng(0).standard_normal((1000, 3))
    offsets = fit_class_offsets(scores, np.eye(3)[targets], np.arange(1000).astype(str))
    assert np.abs(offsets).max() < 20.0


def test_a_patient_weighs_the_square_root_of_the_number_of_windows():
    weights = weight_by_patient(np.array(["a"] * 4 + ["b"] * 16))
    assert weights[:4].sum() == pytest.approx(2 / 6)
    assert weights[4:].sum() == pytest.approx(4 / 6)
    assert weights.sum() == pytest.approx(1.0)
