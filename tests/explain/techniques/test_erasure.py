import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.explain.perturbation.baselines import compute_baseline
from backend.explain.techniques.erasure import ErasureParameters, erasure
from backend.windows.base import columns_of
from tests.toys import remembering_bundle, summing_bundle, toy_beat, toy_bundle


def by_definition(bundle, window, target, parameters):
    """The published (LL - LL')/LL with its sign turned, one run a step and source, in double precision."""
    network = copy.deepcopy(bundle.network).double()
    columns = columns_of(bundle.window.sources)
    if parameters.variables == "together":
        columns = np.ones((1, window.shape[1]), dtype=bool)
    instead = compute_baseline(bundle, window, parameters.fill, target)

    def log_likelihood(values):
        scores = network(torch.from_numpy(values).double()[None]) / bundle.temperature
        return torch.log_softmax(scores, dim=1)[0, bundle.class_index(target)].item()

    whole = log_likelihood(window)
    found = np.zeros(window.shape)
    for t in range(len(window)):
        for own in columns:
            without = window.copy()
            without[t, own] = instead[t, own]
            found[t, own] = -(whole - log_likelihood(without)) / whole
    return found


@pytest.mark.parametrize("variables", ["together", "each"])
@pytest.mark.parametrize("fill", [0.0, "mean", "local mean", "class mean"])
@pytest.mark.parametrize(("steps_per_read", "pooling", "layers"), [(1, "last", 1), (3, "mean", 2)])
def test_small_networks_give_what_the_definition_gives(steps_per_read, pooling, layers, fill, variables):
    sources = ("lead", "pulse", "lead")
    shape = {"steps_per_read": steps_per_read, "pooling": pooling, "layers": layers}
    bundle = toy_bundle(3, **shape, temperature=1.5, sources=sources)
    bundle = replace(bundle, class_means=np.stack([toy_beat(24, 3, seed) for seed in range(4)]))
    window, asked = toy_beat(24, 3), ErasureParameters(fill, variables)
    salience = erasure(bundle, window, "RBBB", asked)
    expected = by_definition(bundle, window, "RBBB", asked)
    assert salience.raw == pytest.approx(expected, abs=1e-4)
    assert abs(expected).max() > 0.005
    assert salience.values == pytest.approx(np.maximum(expected, 0.0) / expected.max(), abs=0.01)


def test_the_salience_equals_that_computed_by_hand():
    # The score is 2 + 1 - 1 = 2 against 0, so that LL = -log(1 + e^-2) = -0.1269. Without the first step it is
    # -log(1 + e^0) = -0.6931, without the second -log(1 + e^-1) = -0.3133, without the last -log(1 + e^-3) = -0.0486.
    window = np.array([[2.0], [1.0], [-1.0]], dtype=np.float32)
    salience = erasure(summing_bundle(), window, "normal", ErasureParameters())
    assert salience.raw.ravel() == pytest.approx([4.4609, 1.4680, -0.6171], abs=1e-3)
    assert salience.values.ravel() == pytest.approx([1.0, 0.3291, 0.0], abs=1e-3)


def test_only_the_step_that_decides_is_salient():
    window = np.zeros((12, 2), dtype=np.float32)
    window[:, 0] = 1.0
    window[7, 1] = 1.0
    salience = erasure(remembering_bundle(), window, "normal", ErasureParameters())
    assert np.flatnonzero(salience.values[:, 0]).tolist() == [7]


def test_precision_is_kept_where_the_model_is_nearly_certain():
    # LL is -e^-30 here, which a float could not tell from -0 had it been taken from the probability.
    window = np.array([[29.0], [1.0]], dtype=np.float32)
    salience = erasure(summing_bundle(), window, "normal", ErasureParameters())
    assert salience.raw.ravel() == pytest.approx([np.exp(30.0) * np.log1p(np.exp(-1.0)), np.e - 1.0], rel=0.01)


def test_a_window_equal_to_the_baseline_has_no_salience():
    salience = erasure(toy_bundle(), np.zeros((24, 1), dtype=np.float32), "normal", ErasureParameters())
    assert not salience.values.any()


def test_completion_is_reported():
    heard = []
    erasure(toy_bundle(), toy_beat(24), "normal", ErasureParameters(), lambda done, of: heard.append((done, of)))
    assert heard == [(1, 1)]
