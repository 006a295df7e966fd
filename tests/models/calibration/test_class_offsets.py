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


def test_with_the_offsets_the_mean_probabilities_are_the_shares():
    shares = np.array([0.7, 0.25, 0.05])
    scores, targets = drawn(shares, 40_000)
    offsets = fit_class_offsets(scores, np.eye(3)[targets], (np.arange(len(targets)) % 400).astype(str))
    # Without a penalty they would be equal, and the offsets the logarithms of the ratios of the shares, by Bayes' rule.
    np.testing.assert_allclose(softmax(scores + offsets, axis=1).mean(axis=0), shares, atol=0.02)
    assert abs(softmax(scores, axis=1).mean(axis=0) - shares).max() > 0.05
    np.testing.assert_allclose(offsets, np.log(shares / shares[0]), rtol=0.25)


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
