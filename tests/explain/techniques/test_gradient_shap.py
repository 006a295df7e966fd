import numpy as np
import pytest
import torch
from captum.attr import GradientShap

from backend.explain.gradients import compute_gradients
from backend.explain.techniques.gradient_shap import GradientShapParameters, gradient_shap, gradient_shap_many
from backend.explain.techniques.integrated_gradients import IntegratedGradientsParameters, integrated_gradients
from tests.toys import summing_bundle, toy_beat, toy_bundle


def test_without_noise_the_salience_of_a_weighted_sum_is_the_contribution_of_each_value():
    window = np.array([[1.0, 2.0], [-3.0, 0.0]], dtype=np.float32)
    asked = GradientShapParameters(0.5, noise=0.0, samples=3)
    salience = gradient_shap(summing_bundle((2.0, -3.0)), window, "normal", asked)
    assert salience.raw == pytest.approx((window - 0.5) * (2.0, -3.0), abs=1e-3)


def test_without_noise_many_samples_approach_integrated_gradients():
    bundle, window, samples = toy_bundle(2), toy_beat(24, 2), 2000
    asked = GradientShapParameters("mean", samples=samples, noise=0.0)
    expected = integrated_gradients(bundle, window, "RBBB", IntegratedGradientsParameters("mean")).raw
    difference = window - window.mean(axis=0)
    positions = np.linspace(0, 1, 201, dtype=np.float32)[:, np.newaxis, np.newaxis]
    _, gradients = compute_gradients(bundle, window - (1 - positions) * difference, ["RBBB"] * 201, "score")
    standard_error = (difference * gradients).std(axis=0) / np.sqrt(samples)
    assert 10 * standard_error.max() < np.ptp(expected)
    off = np.abs(gradient_shap(bundle, window, "RBBB", asked).raw - expected)
    assert (off < 4 * standard_error + 1e-4).all()


def test_with_noise_many_samples_approach_captum():
    bundle = toy_bundle(1, steps_per_read=2, pooling="mean")
    window = toy_beat(24)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - the generator that Captum draws from
    theirs = GradientShap(lambda values: bundle.network(values)[:, 2]).attribute(
        torch.from_numpy(window[np.newaxis]),
        baselines=torch.zeros(1, 24, 1),
        n_samples=4000,
        stdevs=0.5 * float(window.std()),
    )
    asked = GradientShapParameters(samples=2000, noise=0.5)
    expected = theirs[0].detach().numpy()
    ours = gradient_shap(bundle, window, "RBBB", asked).raw
    assert ours == pytest.approx(expected, abs=0.05 * float(np.ptp(expected)))
    without = gradient_shap(bundle, window, "RBBB", GradientShapParameters(samples=2000, noise=0.0)).raw
    assert abs(without - expected).max() > 0.05 * np.ptp(expected)


def test_the_seed_determines_the_salience():
    bundle, window = toy_bundle(), toy_beat(24)
    first, again, other = (
        gradient_shap(bundle, window, "normal", GradientShapParameters(seed=seed)).raw for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_variable_that_never_changes_gets_no_noise():
    bundle = summing_bundle((1.0, 1.0))
    window = np.stack([np.full(12, 2.0), np.arange(12.0)], axis=1).astype(np.float32)
    salience = gradient_shap(bundle, window, "normal", GradientShapParameters(noise=1.0, samples=20))
    assert salience.raw[:, 0] == pytest.approx(2.0, abs=1e-3)
    assert abs(salience.raw[:, 1] - window[:, 1]).max() > 0.1


def test_windows_explained_together_are_explained_as_each_alone():
    bundle, windows = toy_bundle(2), np.stack([toy_beat(24, 2, seed) for seed in range(5)])
    targets = ("normal", "RBBB", "LBBB", "APC", "normal")
    asked = GradientShapParameters("mean", samples=200)
    for salience, window, target in zip(
        gradient_shap_many(bundle, windows, targets, asked), windows, targets, strict=True
    ):
        assert salience.target == target
        assert salience.raw == pytest.approx(gradient_shap(bundle, window, target, asked).raw, abs=1e-6)
