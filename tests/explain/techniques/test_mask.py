import copy
import threading

import numpy as np
import pytest
import torch

from backend.explain import gradients
from backend.explain.progress import Cancelled
from backend.explain.techniques.mask import MaskParameters, learned_mask, learned_mask_many
from backend.models.bundle import load_bundle
from backend.models.network.torch_backend import TorchLSTM
from backend.windows.base import distinct
from tests.toys import (
    default_size_bundle,
    published_size_bundle,
    simulated_beat,
    summing_bundle,
    toy_beat,
    toy_bundle,
    varying,
)


def by_definition(bundle, window, target, parameters):
    """The mask after plain loops over steps and variables, with Adam written out, in double precision."""
    network = copy.deepcopy(bundle.network).double()
    index = bundle.class_index(target)
    x = torch.from_numpy(window).double()
    T, D = x.shape
    k = torch.full((D,), {"mean": 0.0, "not measured": -1.0}.get(parameters.fill, parameters.fill), dtype=torch.float64)
    if parameters.fill == "mean":
        k = x.mean(dim=0)
    own = [
        distinct(bundle.window.sources).index(source) if parameters.variables == "each" else 0
        for source in bundle.window.sources
    ]
    columns = max(own) + 1
    m = torch.ones(T, columns, dtype=torch.float64, requires_grad=True)
    first_moment, second_moment = torch.zeros_like(m), torch.zeros_like(m)
    for step in range(1, parameters.steps + 1):
        rows = [torch.stack([m[t, own[d]] * x[t, d] + k[d] * (1 - m[t, own[d]]) for d in range(D)]) for t in range(T)]
        scores = network(torch.stack(rows)[None])
        s = (torch.softmax(scores / bundle.temperature, 1) if parameters.explained == "probability" else scores)[
            0, index
        ]
        out = sum((1 - m[t, d]).abs() for t in range(T) for d in range(columns))
        changes = sum((m[t + 1, d] - m[t, d]).abs() for t in range(T - 1) for d in range(columns))
        (gradient,) = torch.autograd.grad(parameters.l1 * out + parameters.l2 * changes + s, m)
        first_moment = 0.9 * first_moment + 0.1 * gradient
        second_moment = 0.999 * second_moment + 0.001 * gradient**2
        corrected = first_moment / (1 - 0.9**step), second_moment / (1 - 0.999**step)
        with torch.no_grad():
            m -= parameters.learning_rate * corrected[0] / (corrected[1].sqrt() + 1e-8)
            m.clamp_(0.0, 1.0)
    return m.detach().numpy()[:, own]


def test_the_salience_equals_that_computed_by_hand():
    # The score is the sum of the window. The third step pushes its mask down by its 3 less l1 at each of 100 steps;
    # the fourth, worth less than its price, stays in, and the last lowers the score by being kept.
    window = np.array([[0.0], [0.0], [3.0], [0.05], [-2.0]], dtype=np.float32)
    parameters = MaskParameters(l1=0.1, l2=0.0, steps=100)
    salience = learned_mask(summing_bundle(), window, "normal", parameters)
    assert salience.raw.ravel() == pytest.approx([1.0, 1.0, 0.9, 1.0, 1.0], abs=0.003)
    assert salience.values.ravel() == pytest.approx([0.0, 0.0, 1.0, 0.0, 0.0], abs=0.03)


def test_a_large_smoothness_weight_makes_the_mask_one_block():
    window = np.zeros((9, 1), dtype=np.float32)
    window[3:6:2] = 1.0
    free = learned_mask(summing_bundle(), window, "normal", MaskParameters(l1=0.1, l2=0.0, steps=100))
    dear = learned_mask(summing_bundle(), window, "normal", MaskParameters(l1=0.1, l2=0.4, steps=100))
    assert free.raw[4, 0] > 0.99
    assert dear.raw[4, 0] == pytest.approx(dear.raw[3, 0], abs=0.01)
    assert dear.raw[4, 0] < 0.95


def test_changes_from_one_variable_to_the_next_cost_nothing():
    window = np.ones((8, 2), dtype=np.float32) * (1.0, -1.0)
    parameters = MaskParameters(l1=0.0, l2=10.0, steps=50)
    salience = learned_mask(summing_bundle((1.0, 1.0)), window.astype(np.float32), "normal", parameters)
    assert salience.raw[:, 0] == pytest.approx(0.95, abs=0.001)
    assert (salience.raw[:, 1] == 1.0).all()


@pytest.mark.parametrize("fill", [0.5, "mean", "not measured"])
def test_the_columns_of_a_source_share_a_mask(fill):
    bundle = toy_bundle(4, steps_per_read=2, pooling="mean", sources=("pressure", "pulse", "pressure", "breath"))
    window = toy_beat(6, 4)
    parameters = MaskParameters(l1=0.01, l2=0.0, steps=30, fill=fill)
    salience = learned_mask(bundle, window, "LBBB", parameters)
    assert salience.raw == pytest.approx(by_definition(bundle, window, "LBBB", parameters), abs=1e-4)
    assert np.array_equal(salience.raw[:, 0], salience.raw[:, 2])


@pytest.mark.parametrize("variables", ["each", "together"])
@pytest.mark.parametrize("fill", [0.0, "mean"])
@pytest.mark.parametrize(
    ("steps_per_read", "pooling", "explained", "l1"),
    [(1, "last", "score", 0.01), (3, "mean", "score", 0.01), (3, "mean", "probability", 0.0)],
)
def test_small_networks_give_what_the_definition_gives(steps_per_read, pooling, explained, l1, fill, variables):
    bundle = toy_bundle(2, steps_per_read=steps_per_read, pooling=pooling)
    window = toy_beat(6, 2)
    parameters = MaskParameters(l1, fill=fill, variables=variables, explained=explained, steps=40)
    expected = by_definition(bundle, window, "normal", parameters)
    salience = learned_mask(bundle, window, "normal", parameters)
    assert salience.raw == pytest.approx(np.broadcast_to(expected, (6, 2)), abs=1e-3)
    assert salience.raw.min() < 0.97


@pytest.mark.parametrize("bundle", [published_size_bundle(), default_size_bundle()])
def test_a_whole_beat_gives_what_the_definition_gives(bundle):
    window = simulated_beat(bundle)
    parameters = MaskParameters(steps=3)
    salience = learned_mask(bundle, window, "normal", parameters)
    expected = by_definition(bundle, window, "normal", parameters)
    assert salience.raw == pytest.approx(expected * varying(bundle), abs=2e-3)
    assert salience.values.shape == window.shape
    assert salience.values.dtype == salience.raw.dtype == np.float32
    assert salience.values.min() == 0.0
    assert salience.values.max() == 1.0


# The price of changes has a kink where two steps of the mask are equal, at which the last bit of a slope decides where
# a step of 0.001 goes: over 500 steps with it, one entry in twenty may come to differ by up to 0.003.
@pytest.mark.parametrize("parameters", [MaskParameters(l2=0.0), MaskParameters(steps=100)])
@pytest.mark.parametrize("name", ["ecg-beat", "ecg-beat-2018"])
def test_the_mask_of_a_bundled_model_is_that_of_autograd(name, parameters, monkeypatch):
    bundle = load_bundle(name)
    window = simulated_beat(bundle, "sim_ventricular_premature", 7)
    ours = learned_mask(bundle, window, "normal", parameters).raw
    monkeypatch.setattr(gradients, "freeze", TorchLSTM)
    by_autograd = learned_mask(bundle, window, "normal", parameters).raw
    assert np.abs(ours - by_autograd).max() < 1e-4
    assert by_autograd.min() < 0.97


def test_a_mask_is_kept_between_0_and_1():
    window = np.array([[2.0], [-2.0]], dtype=np.float32)
    salience = learned_mask(summing_bundle(), window, "normal", MaskParameters(learning_rate=0.1, steps=30))
    assert salience.raw.ravel().tolist() == [0.0, 1.0]


def test_the_most_faded_value_is_the_most_salient():
    salience = learned_mask(toy_bundle(), toy_beat(24), "normal", MaskParameters(steps=40))
    assert salience.values.argmax() == salience.raw.argmin()
    assert salience.values[salience.raw.argmax()] == 0.0


def test_a_window_where_fading_gains_nothing_has_no_salience():
    window = np.zeros((12, 1), dtype=np.float32)
    salience = learned_mask(toy_bundle(), window, "normal", MaskParameters(steps=5))
    assert (salience.raw == 1.0).all()
    assert not salience.values.any()


def test_the_result_is_reproducible():
    once, again = (learned_mask(toy_bundle(), toy_beat(24), "normal", MaskParameters(steps=20)) for _ in range(2))
    assert np.array_equal(once.raw, again.raw)


def test_masks_that_are_learned_together_are_as_each_alone():
    bundle, targets = toy_bundle(3, steps_per_read=3, pooling="mean"), ("normal", "RBBB", "APC")
    windows = np.stack([toy_beat(24, 3, seed) for seed in range(3)])
    together = learned_mask_many(bundle, windows, targets, MaskParameters(steps=30))
    for window, target, own in zip(windows, targets, together, strict=True):
        alone = learned_mask(bundle, window, target, MaskParameters(steps=30))
        assert own.target == target
        assert own.raw == pytest.approx(alone.raw, abs=1e-5)


def test_another_seed_starts_below_1_and_useless_fading_is_undone():
    window = np.array([[0.0], [0.0], [3.0], [0.05], [-2.0]], dtype=np.float32)
    seeds = (1, 1, 2)
    masks = [
        learned_mask(summing_bundle(), window, "normal", MaskParameters(l1=0.1, l2=0.0, steps=250, seed=seed)).raw
        for seed in seeds
    ]
    for mask in masks:
        assert mask[[0, 1, 3, 4]] == pytest.approx(1.0, abs=0.003)
        assert 0.55 - 0.003 <= mask[2, 0] <= 0.75
    assert masks[0][2] == masks[1][2] != masks[2][2]


def test_every_step_is_reported():
    heard = []
    learned_mask(
        toy_bundle(), toy_beat(24), "normal", MaskParameters(steps=5), lambda step, steps: heard.append((step, steps))
    )
    assert heard == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_cancelling_ends_at_once_without_a_result():
    bundle, window = toy_bundle(), toy_beat(24)
    before = {name: part.clone() for name, part in bundle.network.state_dict().items()}
    heard, threads = [], threading.active_count()

    def stop_at_third(step, steps):
        heard.append(step)
        return step < 3

    with pytest.raises(Cancelled):
        learned_mask(bundle, window, "normal", MaskParameters(), stop_at_third)
    assert heard == [1, 2, 3]
    assert threading.active_count() == threads
    assert np.array_equal(window, toy_beat(24))
    assert torch.is_grad_enabled()
    assert not bool(torch.full((), 1e-38) * 1e-2 == 0)
    assert_untouched(bundle.network, before)


@pytest.mark.parametrize("trainable", [False, True])
def test_the_weights_do_not_change(trainable):
    bundle = toy_bundle()
    bundle.network.requires_grad_(trainable)
    before = {name: part.clone() for name, part in bundle.network.state_dict().items()}
    learned_mask(bundle, toy_beat(24), "normal", MaskParameters(steps=10))
    assert_untouched(bundle.network, before)


def assert_untouched(network, before):
    assert all(torch.equal(part, before[name]) for name, part in network.state_dict().items())
    assert all(part.grad is None for part in network.parameters())


def test_the_result_records_its_parameters():
    salience = learned_mask(toy_bundle(), toy_beat(24), "LBBB", MaskParameters(l1=0.2, steps=3))
    assert salience.technique == "mask"
    assert salience.target == "LBBB"
    assert salience.parameters == MaskParameters(l1=0.2, steps=3).values()
    assert isinstance(salience.raw, np.ndarray)
    assert isinstance(salience.values, np.ndarray)
    assert salience.seconds > 0
