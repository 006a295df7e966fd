import copy

import numpy as np
import pytest
import torch

from backend.explain.perturbation.baselines import compute_baseline
from backend.explain.techniques.dynamask import DynamaskParameters, dynamask, dynamask_many
from backend.models.bundle import load_bundle
from backend.models.scores import compute_scores
from backend.windows.base import columns_of
from tests.toys import remembering_bundle, simulated_beat, toy_beat, toy_bundle


def by_definition(bundle, window, target, parameters):
    """The mask by torch's own SGD and its derivative of the whole sum, in double precision."""
    network = copy.deepcopy(bundle.network).double()
    index = bundle.class_index(target)
    x = torch.from_numpy(window).double()
    b = torch.from_numpy(compute_baseline(bundle, window, "local mean", target)).double()
    columns = columns_of(bundle.window.sources)
    if parameters.variables == "together":
        columns = np.ones((1, window.shape[1]), dtype=bool)
    spread = torch.from_numpy(columns.astype(float))

    def output(values):
        scores = network(values[None])
        return (torch.softmax(scores / bundle.temperature, 1) if parameters.explained == "probability" else scores)[
            0, index
        ]

    at = x.clone().requires_grad_()
    whole, blank = output(at), output(b)
    (slope,) = torch.autograd.grad(whole, at)
    effect = abs((slope * (x - b)) @ spread.T)
    can = torch.tensor([bool((abs(x - b)[:, own] > 1e-4).any()) for own in columns]).expand(effect.shape)
    m = torch.where(can, 0.5, 0.0).double().requires_grad_()
    sgd = torch.optim.SGD([m], lr=parameters.learning_rate, momentum=0.9)
    for step in range(parameters.steps):
        price = parameters.area / 100 ** (1 - step / (parameters.steps - 1))
        order = m.detach() + 1e-4 * effect / effect.max()
        entries = sorted((float(order[t, own]), (t, own)) for t in range(len(m)) for own in range(len(columns)))
        entries = [(size, entry) for size, entry in entries if can[entry]]
        kept = round(parameters.share * len(entries))
        wanted = torch.zeros_like(m)
        for _, entry in entries[len(entries) - kept :]:
            wanted[entry] = 1.0
        whole_mask = m @ spread
        error = (output(whole_mask * x + (1 - whole_mask) * b) - whole.detach()) / max(abs((blank - whole).item()), 0.1)
        loss = error**2 + price * ((m - wanted) ** 2)[can].sum() + parameters.change * m.diff(dim=0).abs().sum()
        sgd.zero_grad()
        loss.backward()
        m.grad[~can] = 0.0
        sgd.step()
        with torch.no_grad():
            m.clamp_(0.0, 1.0)
    return (m.detach() @ spread).numpy()


@pytest.mark.parametrize("variables", ["each", "together"])
@pytest.mark.parametrize(
    ("steps_per_read", "pooling", "explained"), [(1, "last", "score"), (3, "mean", "score"), (3, "mean", "probability")]
)
def test_small_networks_give_what_the_definition_gives(steps_per_read, pooling, explained, variables):
    sources = ("lead", "pulse", "lead")
    bundle = toy_bundle(3, steps_per_read=steps_per_read, pooling=pooling, sources=sources, temperature=1.5)
    window = toy_beat(24, 3)
    asked = DynamaskParameters(0.2, area=1.0, change=0.002, steps=40, variables=variables, explained=explained)
    expected = by_definition(bundle, window, "RBBB", asked)
    salience = dynamask(bundle, window, "RBBB", asked)
    assert salience.raw == pytest.approx(expected, abs=2e-3)
    assert np.ptp(expected) > 0.3


def test_only_the_step_that_decides_is_kept():
    # The score is what the first variable is at step 7, where the second opens the gate. One step in twelve may stay.
    window = np.zeros((12, 2), dtype=np.float32)
    window[7] = (3.0, 1.0)
    salience = dynamask(remembering_bundle(), window, "normal", DynamaskParameters(share=0.08, variables="together"))
    assert salience.raw[7] == pytest.approx(1.0, abs=0.05)
    assert salience.raw[np.arange(12) != 7] == pytest.approx(0.0, abs=0.05)
    assert salience.values[7].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", ["ecg-beat", "ecg-beat-2018"])
def test_the_kept_part_has_the_given_share_and_keeps_the_score(name):
    bundle = load_bundle(name)
    window = simulated_beat(bundle)
    salience = dynamask(bundle, window, "normal", DynamaskParameters(share=0.15))
    blurred = compute_baseline(bundle, window, "local mean", "normal")
    kept = salience.raw * window + (1 - salience.raw) * blurred
    whole, blank, left = compute_scores(bundle, np.stack([window, blurred, kept]))[:, bundle.class_index("normal")]
    assert abs(left - whole) < 0.3 * abs(blank - whole)
    fading = np.abs(window - blurred).max(axis=0) > 1e-4
    assert (salience.raw[:, fading] > 0.5).mean() == pytest.approx(0.15, abs=0.05)


def test_a_constant_source_cannot_fade_and_is_not_salient():
    window = np.concatenate([toy_beat(24, 3), np.tile(np.float32([-0.3, 0.2]), (24, 1))], axis=1)
    salience = dynamask(toy_bundle(5), window, "normal", DynamaskParameters(steps=30))
    changes = np.ptp(window, axis=0) > 0
    assert changes.tolist() == [True, True, True, False, False]
    assert not salience.raw[:, ~changes].any()
    assert salience.raw[:, changes].any()


def test_a_window_that_never_changes_has_nothing_salient():
    salience = dynamask(toy_bundle(), np.ones((24, 1), dtype=np.float32), "normal", DynamaskParameters(steps=3))
    assert not salience.raw.any()
    assert not salience.values.any()


def test_a_large_smoothness_weight_makes_the_mask_smooth():
    bundle, window = toy_bundle(), toy_beat(24)
    rough, even = (
        dynamask(bundle, window, "RBBB", DynamaskParameters(area=0.0, change=change, steps=60)).raw
        for change in (0.0, 0.05)
    )
    assert np.abs(np.diff(even, axis=0)).sum() < 0.5 * np.abs(np.diff(rough, axis=0)).sum()


def test_windows_explained_together_are_explained_as_each_alone():
    bundle, windows = toy_bundle(2), np.stack([toy_beat(24, 2, seed) for seed in range(4)])
    targets, asked = ("normal", "RBBB", "LBBB", "normal"), DynamaskParameters(steps=40)
    for salience, window, target in zip(dynamask_many(bundle, windows, targets, asked), windows, targets, strict=True):
        assert salience.target == target
        assert salience.raw == pytest.approx(dynamask(bundle, window, target, asked).raw, abs=1e-3)


def test_every_step_is_reported():
    heard = []
    dynamask(toy_bundle(), toy_beat(24), "normal", DynamaskParameters(steps=3), lambda *told: heard.append(told))
    assert heard == [(1, 3), (2, 3), (3, 3)]
