import copy

import numpy as np
import pytest
import torch

from backend.explain.progress import Cancelled
from backend.explain.techniques.derivative import DerivativeParameters, derivative
from tests.toys import (
    default_size_bundle,
    published_size_bundle,
    remembering_bundle,
    simulated_beat,
    summing_bundle,
    toy_beat,
    toy_bundle,
    varying,
)


def by_finite_differences(bundle, window, target, explained, steps, size=1e-5):
    """|d s_c / d x| at some steps, from two runs a value, in double precision."""
    network = copy.deepcopy(bundle.network).double()
    index = bundle.class_index(target)
    x = torch.from_numpy(window).double()

    def s(values):
        scores = network(values[None])
        return (torch.softmax(scores / bundle.temperature, 1) if explained == "probability" else scores)[
            0, index
        ].item()

    slope = np.zeros((len(steps), x.shape[1]))
    for row, t in enumerate(steps):
        for d in range(x.shape[1]):
            up, down = x.clone(), x.clone()
            up[t, d] += size
            down[t, d] -= size
            slope[row, d] = abs(s(up) - s(down)) / (2 * size)
    return slope


def test_the_derivative_of_a_weighted_sum_is_its_weights():
    salience = derivative(summing_bundle((2.0, -3.0)), toy_beat(12, 2), "normal", DerivativeParameters())
    assert salience.raw == pytest.approx(np.tile([2.0, 3.0], (12, 1)), rel=1e-3)
    assert salience.values == pytest.approx(np.tile([0.0, 1.0], (12, 1)), abs=1e-3)


def test_only_the_step_that_decides_is_salient():
    window = np.zeros((12, 2), dtype=np.float32)
    window[:, 0] = 1.0
    window[7, 1] = 1.0
    salience = derivative(remembering_bundle(), window, "normal", DerivativeParameters())
    expected = np.zeros(12)
    expected[7] = 1.0
    assert salience.raw[:, 0] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("explained", ["score", "probability"])
@pytest.mark.parametrize(("steps_per_read", "pooling", "layers"), [(1, "last", 1), (3, "mean", 2)])
def test_small_networks_give_the_finite_differences(steps_per_read, pooling, layers, explained):
    bundle = toy_bundle(2, steps_per_read=steps_per_read, pooling=pooling, layers=layers, temperature=1.5)
    window = toy_beat(24, 2)
    salience = derivative(bundle, window, "RBBB", DerivativeParameters(explained))
    expected = by_finite_differences(bundle, window, "RBBB", explained, range(24))
    assert salience.raw == pytest.approx(expected, abs=1e-5)
    assert salience.values == pytest.approx((expected - expected.min()) / np.ptp(expected), abs=1e-4)


@pytest.mark.parametrize("bundle", [published_size_bundle(), default_size_bundle()])
def test_a_whole_beat_gives_the_finite_differences(bundle):
    window = simulated_beat(bundle)
    salience = derivative(bundle, window, "normal", DerivativeParameters())
    steps = [0, len(window) // 3, len(window) // 3 + 1, 2 * len(window) // 3, len(window) - 1]
    expected = by_finite_differences(bundle, window, "normal", "score", steps)
    assert salience.raw[steps] == pytest.approx(expected * varying(bundle), abs=1e-5)
    assert salience.values.shape == window.shape
    assert (salience.values.min(), salience.values.max()) == (0.0, 1.0)


def test_the_window_and_the_weights_are_left_as_they_were():
    bundle, window = toy_bundle(), toy_beat(24)
    bundle.network.requires_grad_(True)
    derivative(bundle, window, "normal", DerivativeParameters())
    assert np.array_equal(window, toy_beat(24))
    assert all(part.grad is None for part in bundle.network.parameters())


def test_the_technique_can_be_cancelled():
    with pytest.raises(Cancelled):
        derivative(toy_bundle(), toy_beat(24), "normal", DerivativeParameters(), lambda step, steps: False)


def test_the_result_records_its_parameters():
    salience = derivative(toy_bundle(), toy_beat(24), "LBBB", DerivativeParameters())
    assert (salience.technique, salience.target, salience.parameters) == ("derivative", "LBBB", {"explained": "score"})
    assert isinstance(salience.raw, np.ndarray)
    assert salience.raw.dtype == salience.values.dtype == np.float32
    assert salience.seconds > 0
