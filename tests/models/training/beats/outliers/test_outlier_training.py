from dataclasses import replace

import numpy as np
import pytest

from backend.models.training.beats.outliers.outlier_evaluation import detection_rates
from backend.models.training.beats.outliers.outlier_training import augment_windows, fit_outlier_network
from backend.models.training.beats.outliers.outlier_windows import ELECTRODE_MOTION, OutlierWindows
from tests.toys import toy_beat, toy_bundle

STEPS = 108


def beats(n: int, seed: int) -> np.ndarray:
    """Windows of one lead of beats of varied height with a little noise."""
    rng = np.random.default_rng(seed)
    values = np.stack([toy_beat(STEPS, seed=own) for own in rng.integers(0, 10_000, n)])
    return (values * rng.uniform(0.7, 1.3, (n, 1, 1))).astype(np.float32)


def white(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, STEPS, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def network():
    values = np.concatenate([white(150, 1), -beats(150, 2), beats(50, 9)])
    kinds = np.repeat(["white noise", "inverted", ELECTRODE_MOTION], [150, 150, 50])
    outliers = OutlierWindows(values, kinds, np.full(350, "a"))
    return fit_outlier_network(np.tile(beats(600, 0), (4, 1, 1)), outliers, beats(400, 3), 1, False, 0)


def shares(network, values) -> float:
    return network.detect(values, np.zeros((len(values), 0))).mean()


def test_other_outliers_of_the_same_kinds_are_detected_and_other_beats_are_not(network):
    assert shares(network, white(200, 5)) > 0.95
    assert shares(network, -beats(200, 6)) > 0.95
    assert shares(network, beats(400, 7)) < 0.05


def test_the_limit_lets_96_of_100_held_out_beats_pass(network):
    assert shares(network, beats(400, 3)) == pytest.approx(0.04, abs=0.003)


def test_recorded_electrode_motion_is_not_trained_on(network):
    # Beats under that name, of which a network that was trained on them would detect many.
    assert shares(network, beats(200, 9)) < 0.1


def test_the_merged_network_gives_the_mean_of_the_log_odds_of_its_starts(network):
    n_starts, values = 3, np.concatenate([beats(20, 11), white(20, 12)])
    sizes = [own.shape[1] // n_starts for own in network.weights[:2]]
    parts = []
    for start in range(n_starts):
        first, second = (slice(start * size, (start + 1) * size) for size in sizes)
        weights = (
            network.weights[0][:, first],
            network.weights[1][first, second],
            n_starts * network.weights[2][second],
        )
        biases = (network.biases[0][first], network.biases[1][second], network.biases[2])
        parts.append(replace(network, weights=weights, biases=biases).log_odds(values))
    np.testing.assert_allclose(np.mean(parts, axis=0), network.log_odds(values), rtol=1e-4, atol=1e-4)
    assert np.std(parts, axis=0).mean() > 0.05


def test_an_unknown_outlier_is_detected(network):
    rng = np.random.default_rng(8)
    squares = np.sign(np.sin(rng.uniform(4, 12, (200, 1)) * np.linspace(0, 6, STEPS) + rng.uniform(0, 6, (200, 1))))
    assert shares(network, squares[:, :, np.newaxis].astype(np.float32)) > 0.8


def test_the_shares_of_a_card_are_those_of_each_kind(network):
    values = np.concatenate([beats(30, 7), white(20, 5)])
    windows = OutlierWindows(values, np.repeat(["clean", "white noise"], [30, 20]), np.full(50, "a"))
    found = detection_rates(toy_bundle().network, network, windows)
    assert list(found) == ["clean", "white noise"]
    assert found["clean"] == {"windows": 30, "unlike_share": pytest.approx(shares(network, values[:30]), abs=1e-4)}
    assert found["white noise"]["unlike_share"] == pytest.approx(shares(network, values[30:]), abs=1e-4)


def test_augmented_windows_keep_absent_leads_absent_and_at_least_one_lead():
    rng = np.random.default_rng(0)
    leads = np.stack([toy_beat(STEPS, 3, seed) for seed in range(200)])
    leads[:, :, 1] = 0.0
    values = np.concatenate([leads, 0.1 * leads, np.ones((200, STEPS, 4), np.float32)], axis=2)
    changed = augment_windows(values, 3, True, rng)
    assert changed.shape == values.shape
    is_kept = changed[:, :, :3].any(axis=1)
    assert not is_kept[:, 1].any()
    assert is_kept.any(axis=1).all()
    assert 0.1 < (~is_kept[:, 0]).mean() < 0.6
    assert not (changed[:, :, 3:6].any(axis=1) & ~is_kept).any()
    assert 0.05 < (~changed[:, :, 6:].any(axis=(1, 2))).mean() < 0.3
    both = is_kept[:, 0] & changed[:, :, 3].any(axis=1)
    alike = [np.corrcoef(leads[own, :, 0], changed[own, :, 0])[0, 1] for own in np.flatnonzero(both)]
    assert np.median(alike) > 0.6
    assert not np.allclose(changed[0], values[0])


def test_a_lead_and_its_difference_keep_their_usual_beat():
    """Noise and stretch change both alike, so that the usual beat is that of the stretched lead, without the noise."""
    values = np.concatenate([np.stack([toy_beat(STEPS, 1)] * 50)] * 2, axis=2)
    changed = augment_windows(values, 1, True, np.random.default_rng(0))
    has_usual = changed[:, :, 1].any(axis=1)
    assert has_usual.any()
    np.testing.assert_allclose(changed[has_usual, :, 0], changed[has_usual, :, 1], atol=1e-5)
