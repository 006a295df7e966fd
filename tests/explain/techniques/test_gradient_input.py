import numpy as np
import pytest
import torch
from captum.attr import InputXGradient

from backend.explain.techniques.gradient_input import GradientInputParameters, gradient_input, gradient_input_many
from tests.toys import summing_bundle, toy_beat, toy_bundle

ASKED = GradientInputParameters()


def test_the_salience_of_a_weighted_sum_is_the_contribution_of_each_value():
    window = np.array([[1.0, 2.0], [-3.0, 0.0], [0.5, -1.0]], dtype=np.float32)
    salience = gradient_input(summing_bundle((2.0, -3.0)), window, "normal", ASKED)
    added = np.array([[2.0, -6.0], [-6.0, 0.0], [1.0, 3.0]])
    assert salience.raw == pytest.approx(added, abs=1e-3)
    assert salience.values == pytest.approx(np.maximum(added, 0.0) / 3.0, abs=1e-3)


@pytest.mark.parametrize("explained", ["score", "probability"])
@pytest.mark.parametrize(("steps_per_read", "pooling", "layers"), [(1, "last", 1), (3, "mean", 2)])
def test_the_salience_equals_that_of_captum(steps_per_read, pooling, layers, explained):
    bundle = toy_bundle(2, steps_per_read=steps_per_read, pooling=pooling, layers=layers, temperature=1.5)
    window = toy_beat(24, 2)

    def output(values):
        scores = bundle.network(values)
        return (torch.softmax(scores / 1.5, dim=1) if explained == "probability" else scores)[:, 2]

    expected = InputXGradient(output).attribute(torch.from_numpy(window[np.newaxis]).requires_grad_())
    salience = gradient_input(bundle, window, "RBBB", GradientInputParameters(explained))
    assert salience.raw == pytest.approx(expected[0].detach().numpy(), abs=1e-6)
    assert salience.raw.any()


def test_windows_explained_together_are_explained_as_each_alone():
    bundle, windows = toy_bundle(2), np.stack([toy_beat(24, 2, seed) for seed in range(3)])
    targets = ("normal", "RBBB", "normal")
    together = gradient_input_many(bundle, windows, targets, ASKED)
    for salience, window, target in zip(together, windows, targets, strict=True):
        assert salience.target == target
        assert salience.raw == pytest.approx(gradient_input(bundle, window, target, ASKED).raw, abs=1e-6)
