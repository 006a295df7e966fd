from dataclasses import replace

import numpy as np
import pytest
import scipy.special
import torch

from backend.models.bundle import Bundle
from backend.models.network.lstm import Architecture, ScoringLSTM
from backend.models.out_of_distribution import OODDetector
from backend.models.scores import StepScores, compute_scores, score_over_time, score_windows, softmax
from backend.windows.base import Windows
from tests.toys import summing_bundle, toy_beat, toy_bundle


def windows_of(values: np.ndarray) -> Windows:
    variables = tuple(f"variable {number}" for number in range(values.shape[2]))
    return Windows(values, variables, 360.0, np.arange(len(values)) * 300, 72)


def some_windows(n: int, variables: int = 1) -> Windows:
    return windows_of(np.stack([toy_beat(variables=variables, seed=seed) for seed in range(n)]))


def step_scores(*most_likely: int) -> StepScores:
    scores = np.eye(3, dtype=np.float32)[list(most_likely)]
    return StepScores(("a", "b", "c"), scores, softmax(scores), scores.argmax(axis=1))


def test_softmax_is_scipys_and_sums_to_one():
    scores = np.random.default_rng(0).normal(0, 5, (20, 6))
    np.testing.assert_allclose(softmax(scores), scipy.special.softmax(scores, axis=-1), atol=1e-6)
    np.testing.assert_allclose(softmax(scores).sum(axis=-1), 1.0, atol=1e-6)


def test_a_temperature_divides_the_scores():
    scores = np.array([[2.0, 0.0, -1.0]])
    np.testing.assert_allclose(softmax(scores, 4.0), scipy.special.softmax(scores / 4.0, axis=-1), atol=1e-6)
    assert softmax(scores, 4.0).max() < softmax(scores).max()


def test_huge_scores_do_not_overflow():
    assert softmax(np.array([[1e4, 0.0, -1e4]])).tolist() == [[1.0, 0.0, 0.0]]


def test_two_equal_scores_share_the_probability():
    assert softmax(np.zeros((1, 4))).tolist() == [[0.25] * 4]


@pytest.mark.parametrize("pooling", ["last", "mean"])
@pytest.mark.parametrize("steps_per_read", [1, 3])
def test_scores_over_time_are_those_of_each_truncated_window(pooling, steps_per_read):
    bundle = toy_bundle(variables=3, pooling=pooling, steps_per_read=steps_per_read, temperature=1.7)
    window = toy_beat(variables=3)
    over_time = score_over_time(bundle, window)
    assert over_time.scores.shape == over_time.probabilities.shape == (216, 4)
    for end in (steps_per_read, 6, 30, 99, 216):
        alone = compute_scores(bundle, window[np.newaxis, :end])
        np.testing.assert_allclose(over_time.scores[end - 1], alone[0], atol=1e-4)
        np.testing.assert_allclose(over_time.probabilities[end - 1], softmax(alone, 1.7)[0], atol=1e-4)


def test_a_read_of_several_steps_is_known_at_its_last_step_and_not_before():
    bundle, window = toy_bundle(steps_per_read=3), toy_beat()
    scores = score_over_time(bundle, window).scores
    assert np.array_equal(scores[2:-1:3], scores[3::3])
    assert np.array_equal(scores[2:-1:3], scores[4::3])
    changed = window.copy()
    changed[101] += 1.0
    later = score_over_time(bundle, changed).scores
    assert np.array_equal(later[:101], scores[:101])
    assert not np.allclose(later[101], scores[101])


def test_before_the_first_read_all_classes_are_equally_probable():
    over_time = score_over_time(toy_bundle(steps_per_read=3), toy_beat())
    np.testing.assert_allclose(over_time.probabilities[:2], 0.25)
    assert not np.allclose(over_time.probabilities[2], 0.25)


@pytest.mark.parametrize(("jump", "settled"), [(0, 3), (2, 3), (3, 6), (5, 6), (9, 12), (11, 12)])
def test_a_prediction_is_stable_from_the_last_step_of_the_read_that_decides_it(jump, settled):
    bundle = reading_by_threes(summing_bundle())
    window = np.full((12, 1), -0.1, dtype=np.float32)
    window[jump] = 10.0
    over_time = score_over_time(bundle, window)
    assert over_time.stable_step == settled
    assert over_time.predicted[settled - 1 :].tolist() == [0] * (13 - settled)


def reading_by_threes(plain: Bundle) -> Bundle:
    """A network of the same answer for a whole window, which reads three steps at once."""
    network = ScoringLSTM(Architecture(variables=1, classes=2, hidden=1, steps_per_read=3))
    weights = plain.network.state_dict()
    network.load_state_dict({**weights, "lstm.weight_ih_l0": weights["lstm.weight_ih_l0"].repeat(1, 3)})
    return replace(plain, network=network.eval().requires_grad_(False))


@pytest.mark.parametrize(
    ("most_likely", "settled"),
    [((1, 1, 1, 1), 1), ((0, 1, 1, 1), 2), ((0, 1, 0, 2), 4), ((2, 2, 0, 0, 0), 3), ((1,), 1)],
)
def test_the_stable_step_is_the_length_of_the_shortest_prefix_with_a_stable_prediction(most_likely, settled):
    assert step_scores(*most_likely).stable_step == settled


def test_the_number_of_windows_in_a_batch_does_not_change_a_score():
    bundle = toy_bundle(variables=3)
    windows = some_windows(30, variables=3)
    many = windows_of(np.tile(windows.values, (20, 1, 1)))
    together = score_windows(bundle, many)
    assert len(many.values) > 512
    for number in (0, 29, 511, 512, 599):
        alone = score_windows(bundle, windows_of(many.values[number : number + 1]))
        np.testing.assert_allclose(alone.scores[0], together.scores[number], atol=1e-5)
        np.testing.assert_allclose(alone.probabilities[0], together.probabilities[number], atol=1e-5)


def test_both_ways_to_score_windows_agree_with_the_network():
    bundle, windows = toy_bundle(), some_windows(5)
    with torch.inference_mode():
        plain = bundle.network(torch.from_numpy(windows.values)).numpy()
    np.testing.assert_allclose(score_windows(bundle, windows).scores, plain, atol=1e-5)
    np.testing.assert_allclose(compute_scores(bundle, windows.values), plain, atol=1e-5)


def test_the_predicted_class_has_the_greatest_probability():
    scores = score_windows(toy_bundle(), some_windows(8))
    assert scores.labels == tuple(scores.classes[index] for index in scores.probabilities.argmax(axis=1))


def test_a_prediction_is_uncertain_if_its_probability_is_below_the_models_limit():
    windows = some_windows(12)
    probabilities = score_windows(toy_bundle(), windows).probabilities.max(axis=1)
    limit = float(np.median(probabilities))
    scores = score_windows(replace(toy_bundle(), certain_from=np.full(4, limit)), windows)
    assert np.array_equal(scores.is_uncertain, probabilities < limit)
    assert 0 < scores.is_uncertain.sum() < 12


def test_each_class_has_a_threshold_of_its_own_which_may_be_out_of_reach():
    windows = windows_of(np.array([-3.0, -0.5, 0.5, 3.0], dtype=np.float32)[:, np.newaxis, np.newaxis])
    never, later = (replace(summing_bundle(), certain_from=np.array(own)) for own in ((np.inf, 0.6), (0.6, 0.9)))
    assert score_windows(never, windows).is_uncertain.tolist() == [False, False, True, True]
    assert score_windows(later, windows).is_uncertain.tolist() == [False, True, False, False]


def test_a_higher_temperature_makes_more_predictions_uncertain_and_changes_none():
    windows = some_windows(12)
    sharp, mild = (score_windows(toy_bundle(temperature=own), windows) for own in (0.2, 10.0))
    assert sharp.labels == mild.labels
    assert mild.is_uncertain.sum() > sharp.is_uncertain.sum()


def weighed_by_hand(probabilities, weights):
    costs = [
        [sum(w * p for other, (w, p) in enumerate(zip(weights, row, strict=True)) if other != own) for own in range(4)]
        for row in probabilities
    ]
    return np.argmin(costs, axis=1)


def test_the_predicted_class_has_the_least_expected_cost_if_missing_a_class_costs_its_weight():
    weights = (1.0, 5.0, 1.0, 0.2)
    windows, plain = some_windows(40), toy_bundle(temperature=1.3)
    scores = score_windows(replace(plain, weights=np.array(weights, dtype=np.float32)), windows)
    assert np.array_equal(scores.predicted, weighed_by_hand(scores.probabilities, weights))
    assert scores.labels != score_windows(plain, windows).labels
    assert np.array_equal(scores.probabilities, score_windows(plain, windows).probabilities)


def test_a_prediction_is_uncertain_by_its_weighted_probability():
    windows, weights = some_windows(12), np.array([1.0, 5.0, 1.0, 0.2], dtype=np.float32)
    weighed = score_windows(toy_bundle(), windows).probabilities * weights
    share = weighed.max(axis=1) / weighed.sum(axis=1)
    limit = float(np.median(share))
    scores = score_windows(replace(toy_bundle(), weights=weights, certain_from=np.full(4, limit)), windows)
    assert np.array_equal(scores.is_uncertain, share < limit)
    assert 0 < scores.is_uncertain.sum() < 12


def test_predictions_over_time_have_the_least_expected_cost():
    bundle = replace(toy_bundle(temperature=1.3), weights=np.array([1.0, 5.0, 1.0, 0.2], dtype=np.float32))
    over_time = score_over_time(bundle, toy_beat())
    assert np.array_equal(over_time.predicted, weighed_by_hand(over_time.probabilities, (1.0, 5.0, 1.0, 0.2)))


def test_windows_beyond_either_limit_are_out_of_distribution():
    windows = some_windows(6)
    bundle = toy_bundle()
    detector = OODDetector(
        means=np.zeros((1, 8), dtype=np.float32),
        whitening=np.eye(8, dtype=np.float32),
        shapes=np.zeros((1, 0, 216), dtype=np.float32),
    )
    with torch.inference_mode():
        distances = np.linalg.norm(bundle.network.features(torch.from_numpy(windows.values)).numpy(), axis=1)
    limit = float(np.median(distances))
    far = score_windows(replace(bundle, ood_detector=replace(detector, max_distance=limit)), windows)
    assert np.array_equal(far.is_ood, distances > limit)
    noisy = score_windows(replace(bundle, ood_detector=replace(detector, max_residual=0.5)), windows)
    assert noisy.is_ood.all()
    assert not score_windows(replace(bundle, ood_detector=detector), windows).is_ood.any()


def test_a_model_without_limits_has_no_window_out_of_distribution():
    assert not score_windows(toy_bundle(), some_windows(3)).is_ood.any()


def test_no_windows_give_no_scores():
    scores = score_windows(toy_bundle(), windows_of(np.zeros((0, 216, 1), dtype=np.float32)))
    assert scores.scores.shape == (0, 4)
    assert scores.labels == ()
    assert not len(scores.is_uncertain)
