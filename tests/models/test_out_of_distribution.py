from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis

from backend.models.out_of_distribution import OODDetector, fit_ood_detector

STEPS, HIDDEN, LEADS = 60, 5, 2


def some_training(seed: int = 0, n: int = 300):
    rng = np.random.default_rng(seed)
    labels = np.array(["N", "V", "A"])[rng.integers(0, 3, n)]
    mixing = rng.normal(size=(HIDDEN, HIDDEN))
    centres = {"N": 0.0, "V": 4.0, "A": -3.0}
    features = rng.normal(size=(n, HIDDEN)) @ mixing + np.array([[centres[label]] for label in labels])
    phases = np.arange(STEPS) / STEPS
    sines = np.stack([np.sin(2 * np.pi * k * phases) for k in range(1, 11)])
    leads = np.stack([rng.normal(size=(n, 10)) @ sines for _ in range(LEADS)], axis=2)
    rr = rng.normal(size=(n, STEPS, 1))
    return np.concatenate([leads, rr], axis=2).astype(np.float32), features.astype(np.float32), labels


def fitted() -> OODDetector:
    values, features, labels = some_training()
    held_out = some_training(seed=1)
    return fit_ood_detector(values, features, labels, LEADS, (held_out[0], held_out[1]))


def test_distances_are_scipys_mahalanobis_to_the_nearest_class():
    values, features, labels = some_training()
    centres = {name: features[labels == name].astype(np.float64).mean(axis=0) for name in set(labels)}
    within = features - np.stack([centres[label] for label in labels])
    covariance = within.T @ within / len(within)
    covariance += 0.1 * np.trace(covariance) / HIDDEN * np.eye(HIDDEN)
    inverse = np.linalg.inv(covariance)
    rows = np.random.default_rng(5).normal(0, 5, (20, HIDDEN)).astype(np.float32)
    slow = [min(mahalanobis(row, centre, inverse) for centre in centres.values()) for row in rows]
    np.testing.assert_allclose(fitted().distances(rows), slow, rtol=1e-3)
    assert values.shape[0] == len(labels)


def test_the_centre_of_a_class_has_distance_zero():
    _, features, labels = some_training()
    centre = features[labels == "V"].mean(axis=0, keepdims=True)
    assert fitted().distances(centre)[0] == pytest.approx(0.0, abs=1e-3)


def test_a_combination_of_the_shapes_has_no_residual_whatever_its_scale_and_offset():
    shapes = fitted().shapes
    values = np.zeros((1, STEPS, LEADS + 1), dtype=np.float32)
    values[0, :, 0] = 3.0 * shapes[0, 0] - 40.0 * shapes[0, 7] + 0.7
    assert fitted().residuals(values)[0] == pytest.approx(0.0, abs=1e-4)


def test_the_residual_of_noise_is_the_share_of_directions_outside_the_shapes():
    values = np.random.default_rng(2).normal(size=(400, STEPS, LEADS + 1)).astype(np.float32)
    values[:, :, 1] = 0.0
    # Ten sines were trained on; of the 20 shapes the other ten are arbitrary, so 20 of 59 directions are drawn.
    assert fitted().residuals(values).mean() == pytest.approx(1 - 20 / 59, abs=0.03)


def test_the_worst_lead_decides_and_the_rr_intervals_do_not():
    values = some_training(seed=3, n=5)[0]
    spoilt = values.copy()
    spoilt[2, :, 1] = np.random.default_rng(0).normal(size=STEPS)
    spoilt[:, :, 2] = 1000.0
    before, after = fitted().residuals(values), fitted().residuals(spoilt)
    assert after[2] > 0.3
    np.testing.assert_allclose(np.delete(after, 2), np.delete(before, 2), atol=1e-6)


def test_a_missing_lead_has_no_residual():
    assert fitted().residuals(np.zeros((3, STEPS, LEADS + 1), dtype=np.float32)).tolist() == [0.0, 0.0, 0.0]


def test_shapes_are_orthonormal_and_without_a_mean():
    for shapes in fitted().shapes:
        np.testing.assert_allclose(shapes @ shapes.T, np.eye(len(shapes)), atol=1e-4)
    assert np.abs(fitted().shapes[:, :10].mean(axis=2)).max() < 1e-3


def test_each_limit_holds_for_995_of_1000_held_out_windows():
    values, features, _ = some_training(seed=1)
    own = fitted()
    assert (own.distances(features) > own.max_distance).mean() == pytest.approx(0.005, abs=0.004)
    assert (own.residuals(values) > own.max_residual).mean() == pytest.approx(0.005, abs=0.004)


def test_a_window_beyond_either_limit_is_out_of_distribution():
    values, features, _ = some_training(seed=4, n=3)
    own = fitted()
    features[1] += 100.0
    values[2, :, 0] = np.random.default_rng(0).normal(size=STEPS)
    assert own.detect(values, features).tolist() == [False, True, True]


def test_without_leads_the_distance_alone_decides():
    values, features, labels = some_training()
    by_distance = fit_ood_detector(values, features, labels, 0, some_training(seed=1)[:2])
    assert by_distance.shapes.shape == (0, 20, STEPS)
    assert not by_distance.residuals(values).any()
    assert by_distance.detect(values, features + 100.0).all()
    assert by_distance.detect(values, features).mean() < 0.05


def test_a_column_above_its_limit_makes_a_window_out_of_distribution():
    values, features, labels = some_training()
    by_distance = fit_ood_detector(values, features, labels, 0, some_training(seed=1)[:2])
    by_column = replace(by_distance, irregularity_columns=(LEADS,), max_irregularity=2.0)
    is_above = values[:, -1, LEADS] > 2.0
    np.testing.assert_array_equal(by_column.detect(values, features), by_distance.detect(values, features) | is_above)
    assert is_above.any()


def test_the_outlier_score_is_the_greatest_ratio_of_a_measure_to_its_limit():
    values, features, _ = some_training(seed=4, n=20)
    own = fitted()
    ratios = [own.distances(features) / own.max_distance, own.residuals(values) / own.max_residual]
    np.testing.assert_allclose(own.scores(values, features), np.max(ratios, axis=0))
    assert ((own.scores(values, features) > 1) == own.detect(values, features)).all()
