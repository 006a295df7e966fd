from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from backend.models.bundle import load_bundle, save_bundle
from backend.models.outlier_network import OutlierFeatures, OutlierNetwork
from tests.toys import default_size_bundle

N, STEPS, LEADS, MEASUREMENTS = 40, 30, 2, 3


def windows(seed: int = 0, has_differences: bool = True) -> np.ndarray:
    """Windows of sines in two leads, their differences from a slower one, and three measurements."""
    rng = np.random.default_rng(seed)
    phase = np.linspace(0, 2 * np.pi, STEPS)[np.newaxis, :, np.newaxis]
    cycles, heights = rng.integers(1, 4, (N, 1, LEADS)), rng.normal(1, 0.3, (N, 1, LEADS))
    leads = heights * np.sin(phase * cycles + rng.random((N, 1, 1))) + rng.normal(0, 0.05, (N, STEPS, LEADS))
    usual = np.sin(phase) * np.ones((N, 1, LEADS))
    measured = np.repeat(rng.normal(size=(N, 1, MEASUREMENTS)), STEPS, axis=1)
    parts = [leads, leads - usual, measured] if has_differences else [leads, measured]
    return np.concatenate(parts, axis=2).astype(np.float32)


def some_network(has_differences: bool = True) -> OutlierNetwork:
    values, rng = windows(has_differences=has_differences), np.random.default_rng(1)
    features = OutlierFeatures.fit(values, LEADS, has_differences)
    n_features = features.compute(values).shape[1]
    sizes = (n_features, 6, 3, 1)
    return OutlierNetwork(
        features,
        rng.normal(size=n_features).astype(np.float32),
        rng.uniform(0.5, 2.0, n_features).astype(np.float32),
        tuple(rng.normal(size=pair).astype(np.float32) for pair in pairwise(sizes)),
        tuple(rng.normal(size=size).astype(np.float32) for size in sizes[1:]),
        0.25,
    )


def described_plainly(network: OutlierNetwork, trace: np.ndarray, block: int) -> list[float]:
    if not trace.any():
        return [0.0] * (len(network.features.shapes[block]) + 4)
    centred = trace.astype(float) - trace.astype(float).mean()
    projections = [float(centred @ shape) for shape in network.features.shapes[block].astype(float)]
    energy = sum(value**2 for value in centred)
    rest = max(energy - sum(own**2 for own in projections), 0.0)
    deviations = network.features.deviations[block]
    saturated = [np.tanh(own / scale / 3) for own, scale in zip(projections, deviations, strict=True)]
    logs = [np.log(rest + 0.01), np.log(energy + 0.1), np.log((rest + 0.001) / (energy + 0.01))]
    return [*saturated, *logs, 1.0]


def log_odds_plainly(network: OutlierNetwork, window: np.ndarray) -> float:
    """The definition for one window, in loops."""
    inputs, blocks = [], len(network.features.shapes)
    for lead in range(LEADS):
        inputs += described_plainly(network, window[:, lead], 0)
        if blocks == 2:
            difference = window[:, LEADS + lead]
            inputs += described_plainly(network, difference, 1)
            inputs += described_plainly(network, (window[:, lead] - difference) * difference.any(), 0)
    inputs += window[-1, blocks * LEADS :].tolist()
    layer = [
        min(max((own - mean) / scale, -6.0), 6.0)
        for own, mean, scale in zip(inputs, network.mean, network.deviation, strict=True)
    ]
    for depth, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        sums = [sum(own * row for own, row in zip(layer, column, strict=True)) for column in weights.T]
        layer = [own + bias for own, bias in zip(sums, biases, strict=True)]
        layer = [max(own, 0.0) for own in layer] if depth < 2 else layer
    return float(layer[0])


@pytest.mark.parametrize("has_differences", [False, True])
def test_the_log_odds_are_those_of_the_definition(has_differences):
    network, values = some_network(has_differences), windows(2, has_differences)
    values[3, :, 0] = 0.0
    values[4, :, 1] = 0.0
    values[4, :, LEADS : LEADS + has_differences] = 0.0
    plain = [log_odds_plainly(network, window) for window in values[:8]]
    np.testing.assert_allclose(network.log_odds(values)[:8], plain, rtol=1e-3, atol=2e-3)


def test_windows_above_the_limit_are_out_of_distribution():
    network, values = some_network(), windows(2)
    limit = float(np.median(network.log_odds(values)))
    found = replace(network, max_score=limit).detect(values, np.zeros((N, 0)))
    assert np.array_equal(found, network.log_odds(values) > limit)
    assert found.sum() == N // 2


def test_a_lead_that_the_record_lacks_has_no_features():
    network, values = some_network(), windows(2)
    values[:, :, 1] = values[:, :, LEADS + 1] = 0.0
    per_lead = (network.features.compute(values).shape[1] - MEASUREMENTS) // LEADS
    assert not network.features.compute(values)[:, per_lead : 2 * per_lead].any()


def test_the_shapes_are_those_of_the_greatest_energy():
    values = windows()
    shapes = OutlierFeatures.fit(values, LEADS, True).shapes[0]
    np.testing.assert_allclose(shapes @ shapes.T, np.eye(len(shapes)), atol=1e-4)
    traces = np.concatenate([values[:, :, lead] for lead in range(LEADS)])
    _, singular, vectors = np.linalg.svd(traces - traces.mean(axis=1, keepdims=True))
    assert singular[2] > 1.01 * singular[3]
    np.testing.assert_allclose(np.abs(shapes[:3] @ vectors[:3].T).max(axis=0), 1.0, atol=0.02)


def test_no_windows_give_no_log_odds():
    assert some_network().log_odds(windows()[:0]).shape == (0,)


def test_the_network_comes_back_from_a_bundle_bit_for_bit(tmp_path):
    network, toy = some_network(), default_size_bundle()
    card = {"classes": list("abcdef"), "temperature": 1.0, "certain_from": 0.8}
    # Arrays in the order of columns, as those of merged networks are.
    by_column = replace(network, weights=tuple(np.asfortranarray(own) for own in network.weights))
    save_bundle("toy", toy.network, by_column, toy.window, card, tmp_path)
    loaded = load_bundle("toy", tmp_path)
    values = windows(3)
    assert np.array_equal(loaded.ood_detector.log_odds(values), network.log_odds(values))
    assert loaded.ood_detector.max_score == network.max_score
    other = replace(network, max_score=0.26)
    save_bundle("toy", toy.network, other, toy.window, card, tmp_path)
    assert load_bundle("toy", tmp_path).digest != loaded.digest
