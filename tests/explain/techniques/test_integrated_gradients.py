from dataclasses import replace

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients

from backend.explain.perturbation.baselines import BASELINES, compute_baseline, compute_baselines
from backend.explain.techniques.integrated_gradients import (
    IntegratedGradientsParameters,
    integrated_gradients,
    integrated_gradients_many,
)
from backend.models.bundle import load_bundle
from backend.models.scores import compute_probabilities, compute_scores
from tests.toys import simulated_beat, summing_bundle, toy_beat, toy_bundle, varying

ASKED = IntegratedGradientsParameters()
LEAST_SEEN = 0.002
"""A fifth of a percent of a probability, which no screen shows; the step rule leaves 0.001 on ecg-beat."""


def slowly(bundle, window, baseline, target, places):
    """The mean slope on the way in many equal parts, each taken at its middle."""
    x, b = (torch.from_numpy(np.array(part)).double() for part in (window, baseline))
    network = toy_double(bundle)
    total = torch.zeros_like(x)
    for place in range(places):
        at = (b + (place + 0.5) / places * (x - b)).requires_grad_()
        (slope,) = torch.autograd.grad(network(at[None])[0, bundle.class_index(target)], at)
        total += slope
    return ((x - b) * total / places).numpy()


def toy_double(bundle):
    import copy

    return copy.deepcopy(bundle.network).double()


def test_the_salience_of_a_weighted_sum_is_the_contribution_of_each_value():
    window = np.array([[1.0, 2.0], [-3.0, 0.0]], dtype=np.float32)
    salience = integrated_gradients(summing_bundle((2.0, -3.0)), window, "normal", IntegratedGradientsParameters(0.5))
    added = (window - 0.5) * (2.0, -3.0)
    assert salience.raw == pytest.approx(added, abs=1e-3)
    assert salience.values == pytest.approx(np.maximum(added, 0.0) / 1.5, abs=1e-3)


@pytest.mark.parametrize("fill", BASELINES)
@pytest.mark.parametrize(("steps_per_read", "pooling", "layers"), [(1, "last", 1), (3, "mean", 2)])
def test_the_parts_sum_to_the_difference_from_the_baseline(steps_per_read, pooling, layers, fill):
    bundle = toy_bundle(2, steps_per_read=steps_per_read, pooling=pooling, layers=layers, sources=("one", "other"))
    means = np.stack([toy_beat(24, 2, seed) for seed in range(5, 9)])
    bundle = replace(bundle, class_means=means)
    window = toy_beat(24, 2)
    salience = integrated_gradients(bundle, window, "RBBB", IntegratedGradientsParameters(fill, steps=200))
    baseline = compute_baseline(bundle, window, fill, "RBBB")
    whole, blank = compute_scores(bundle, np.stack([window, baseline]))[:, bundle.class_index("RBBB")]
    assert salience.raw.sum(dtype=np.float64) == pytest.approx(whole - blank, abs=1e-4)
    assert abs(whole - blank) > 1e-3
    assert salience.raw == pytest.approx(slowly(bundle, window, baseline, "RBBB", 400), abs=1e-3)


def by_captum(bundle, windows, targets, asked):
    """What Captum makes of the network itself, derived by torch."""

    def output(values):
        scores = bundle.network(values)
        return torch.softmax(scores / bundle.temperature, dim=1) if asked.explained == "probability" else scores

    return IntegratedGradients(output).attribute(
        torch.from_numpy(windows),
        baselines=torch.from_numpy(compute_baselines(bundle, windows, asked.fill, targets)),
        target=[bundle.class_index(target) for target in targets],
        n_steps=asked.steps,
    )


@pytest.mark.parametrize("steps", [2, 50, 101])
@pytest.mark.parametrize("explained", ["score", "probability"])
@pytest.mark.parametrize("fill", [0.0, 0.5, "mean"])
@pytest.mark.parametrize(("steps_per_read", "pooling", "layers"), [(1, "last", 1), (3, "mean", 2)])
def test_the_salience_equals_that_of_captum(steps_per_read, pooling, layers, fill, explained, steps):
    bundle = toy_bundle(2, steps_per_read=steps_per_read, pooling=pooling, layers=layers, temperature=1.5)
    windows, targets = np.stack([toy_beat(24, 2, seed) for seed in range(3)]), ("RBBB", "normal", "RBBB")
    asked = IntegratedGradientsParameters(fill, steps, explained)
    raw = np.stack([own.raw for own in integrated_gradients_many(bundle, windows, targets, asked)])
    assert raw == pytest.approx(by_captum(bundle, windows, targets, asked).numpy(), abs=1e-6)


@pytest.mark.parametrize("model", ["ecg-beat", "ecg-beat-2018"])
def test_a_beat_of_a_bundled_model_is_explained_as_by_captum(model):
    bundle = load_bundle(model)
    windows = simulated_beat(bundle)[np.newaxis]
    (salience,) = integrated_gradients_many(bundle, windows, ("normal",), ASKED)
    expected = by_captum(bundle, windows, ("normal",), ASKED).numpy()[0] * varying(bundle)
    assert salience.raw == pytest.approx(expected, abs=1e-6)
    assert np.abs(expected).max() > 0.01


@pytest.mark.parametrize("model", ["ecg-beat", "ecg-beat-2018"])
@pytest.mark.parametrize("explained", ["score", "probability"])
def test_the_default_steps_suffice_for_a_beat_of_a_bundled_model(model, explained):
    bundle = load_bundle(model)
    window = simulated_beat(bundle)
    salience = integrated_gradients(bundle, window, "normal", IntegratedGradientsParameters(explained=explained))
    outputs = compute_scores(bundle, np.stack([window, np.where(varying(bundle), 0.0, window)]))
    if explained == "probability":
        outputs = compute_probabilities(bundle, outputs)
    whole, blank = outputs[:, bundle.class_index("normal")]
    assert salience.raw.sum(dtype=np.float64) == pytest.approx(whole - blank, abs=LEAST_SEEN)


def test_windows_explained_together_are_explained_as_each_alone():
    bundle, windows = toy_bundle(2), np.stack([toy_beat(24, 2, seed) for seed in range(7)])
    targets = ("normal", "RBBB", "LBBB", "APC", "normal", "RBBB", "LBBB")
    asked, heard = IntegratedGradientsParameters("mean", steps=128), []
    together = integrated_gradients_many(bundle, windows, targets, asked, lambda done, of: heard.append((done, of)))
    for salience, window, target in zip(together, windows, targets, strict=True):
        assert salience.target == target
        assert salience.raw == pytest.approx(integrated_gradients(bundle, window, target, asked).raw, abs=1e-6)
    assert heard == [(4, 7), (7, 7)]


def test_a_window_that_is_its_own_baseline_has_nothing_salient():
    salience = integrated_gradients(toy_bundle(), np.zeros((12, 1), np.float32), "normal", ASKED)
    assert not salience.raw.any()
    assert not salience.values.any()
