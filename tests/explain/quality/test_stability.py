from dataclasses import replace

import numpy as np
import pytest

from backend.explain.api import TECHNIQUES, explain
from backend.explain.progress import Cancelled
from backend.explain.quality.faithfulness import measure_comprehensiveness
from backend.explain.quality.rank_correlation import rank_correlation
from backend.explain.quality.stability import VERDICTS, check_stabilities, check_stability, vary_parameters
from backend.explain.quality.verdict import judge_stability
from backend.explain.techniques.derivative import DerivativeParameters
from backend.explain.techniques.dynamask import DynamaskParameters
from backend.explain.techniques.gradient_shap import GradientShapParameters
from backend.explain.techniques.mask import MaskParameters
from backend.explain.techniques.occlusion import OcclusionParameters
from tests.toys import remembering_bundle, stay_bundle, summing_bundle, toy_beat, toy_bundle

LONG = toy_beat(80)


def test_a_mask_is_varied_by_half_and_twice_each_penalty_and_another_baseline():
    parameters = MaskParameters(l1=0.004, l2=0.0, fill=0.5)
    found = [(kind, changed) for kind, changed in vary_parameters("mask", parameters) if kind != "seed"]
    assert found == [
        ("l1", replace(parameters, l1=0.002)),
        ("l1", replace(parameters, l1=0.008)),
        ("fill", replace(parameters, fill="mean")),
    ]


def test_the_penalties_of_dynamask_are_varied_as_those_of_a_learned_mask():
    found = vary_parameters("fade", DynamaskParameters(area=0.04, change=0.002))
    assert [(kind, own.area, own.change) for kind, own in found] == [
        ("l1", 0.02, 0.002),
        ("l1", 0.08, 0.002),
        ("l2", 0.04, 0.001),
        ("l2", 0.04, 0.004),
    ]


def test_occlusion_is_varied_by_narrower_and_wider_stretches_within_bounds():
    assert [
        own.width_steps for kind, own in vary_parameters("occlusion", OcclusionParameters(25)) if kind == "width"
    ] == [
        15,
        40,
    ]
    assert [
        own.width_steps for kind, own in vary_parameters("occlusion", OcclusionParameters(1)) if kind == "width"
    ] == [2]
    assert [
        own.width_steps for kind, own in vary_parameters("occlusion", OcclusionParameters(1000)) if kind == "width"
    ] == [600]


def test_a_seed_is_varied_twice_and_a_technique_without_choices_is_not_varied():
    seeds = [
        own.seed for kind, own in vary_parameters("gradient_shap", GradientShapParameters(seed=3)) if kind == "seed"
    ]
    assert seeds == [4, 5]
    assert vary_parameters("derivative", DerivativeParameters()) == ()


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_every_variation_of_a_technique_has_words_for_clinicians(technique):
    parameters = TECHNIQUES[technique].parameters()
    changes = vary_parameters(technique, parameters)
    assert all(changed != parameters for _, changed in changes)
    verdict, sentence = judge_stability(
        {"shift": (1.0,), **{kind: (1.0,) for kind, _ in changes}}, 1.0, np.zeros(19), 5
    )
    assert verdict == "stable"
    assert "  " not in sentence


def test_the_salience_of_a_shifted_beat_is_aligned_before_comparison():
    bundle = remembering_bundle()
    signal = np.random.default_rng(0).random((60, 2)).astype(np.float32) * 0.01
    window, shifted = signal[10:50], {shift: signal[10 + shift : 50 + shift] for shift in (-5, 3)}
    found = check_stability(bundle, window, "derivative", "normal", shifted=shifted)
    for shift, correlation in zip(shifted, found.correlations["shift"], strict=True):
        own = explain(bundle, window, "derivative", "normal").values
        other = explain(bundle, shifted[shift], "derivative", "normal").values
        pairs = [(own[step], other[step - shift]) for step in range(40) if 0 <= step - shift < 40]
        one, two = (np.array(part) for part in zip(*pairs, strict=True))
        assert correlation == pytest.approx(rank_correlation(np.round(one * 50), np.round(two * 50)))


@pytest.mark.parametrize(
    ("second", "correlation"),
    [
        # Of six ranks two change by 2: 1 - 6 * 8 / (6 * 35).
        ((1.0, 0.5, 0.16, 0.2, 0.24, 0.1), 1 - 48 / 210),
        # The same order, but each value is within 0.01 of the same multiple of 0.02.
        ((1.0, 0.5, 0.236, 0.2, 0.164, 0.1), 1.0),
        # Two ties: ranks 6, 5, 3, 3, 3, 1 against 6, 5, 4, 3, 2, 1, with Pearson's coefficient of the ranks.
        ((1.0, 0.5, 0.205, 0.2, 0.195, 0.1), 15.5 / np.sqrt(15.5 * 17.5)),
    ],
)
def test_differences_too_small_to_be_seen_do_not_count(second, correlation):
    first = np.array([[1.0], [0.5], [0.24], [0.2], [0.16], [0.1]], dtype=np.float32)
    shifted = {0: np.array(second, dtype=np.float32)[:, np.newaxis]}
    found = check_stability(summing_bundle(), first, "gradient_input", "normal", shifted=shifted)
    assert found.correlations["shift"] == pytest.approx((correlation,))


def test_a_salience_of_which_nothing_is_seen_in_the_overlap_is_as_stable_as_it_looks():
    # The salience is 1 at the first step alone; cut one step later, only steps without visible salience are common.
    signal = np.array([100.0, 0.3, 0.1, 0.2, 0.4], dtype=np.float32)[:, np.newaxis]
    later = np.array([0.3, 0.1, 0.2, 0.4, 100.0], dtype=np.float32)[:, np.newaxis]
    found = check_stability(summing_bundle(), signal, "gradient_input", "normal", shifted={1: later})
    assert found.correlations["shift"] == (1.0,)


def test_the_terms_of_a_sum_stay_salient_when_the_beat_moves():
    signal = np.random.default_rng(1).random((60, 1)).astype(np.float32)
    shifted = {shift: signal[10 + shift : 50 + shift] for shift in (-5, -2, 2, 5)}
    found = check_stability(summing_bundle(), signal[10:50], "gradient_input", "normal", shifted=shifted)
    assert found.correlations["shift"] == pytest.approx((1.0,) * 4)
    assert found.verdict == "stable"
    assert "up to 5 time steps (1.00)" in found.sentence


def test_random_salience_is_never_stable():
    windows = np.stack([toy_beat(80, seed=seed) for seed in range(8)])
    found = check_stabilities(toy_bundle(), windows, "random", ["RBBB"] * 8)
    assert {own.verdict for own in found} == {"do not rely on it"}


def test_a_constant_salience_marks_nothing():
    found = check_stability(summing_bundle(), LONG, "derivative", "LBBB")  # a class that always scores 0
    assert found.correlations == {}
    assert found.sentence == "Not stable: the salience is constant and marks nothing."


def test_several_windows_are_judged_as_each_alone():
    bundle, parameters = toy_bundle(), OcclusionParameters(10)
    windows, targets = np.stack([LONG, toy_beat(80, seed=1)]), ["RBBB", "normal"]
    together = check_stabilities(
        bundle, windows, "occlusion", targets, parameters, [{2: np.roll(LONG, -2, axis=0)}, {}]
    )
    first = check_stability(bundle, LONG, "occlusion", "RBBB", parameters, {2: np.roll(LONG, -2, axis=0)})
    second = check_stability(bundle, windows[1], "occlusion", "normal", parameters)
    for one, other in zip(together, (first, second), strict=True):
        assert one.verdict == other.verdict
        assert one.sentence == other.sentence
        assert one.drops_at_random == pytest.approx(other.drops_at_random, abs=1e-5)
        for kind, correlations in other.correlations.items():
            assert one.correlations[kind] == pytest.approx(correlations, abs=1e-3)
    assert list(first.correlations) == ["width", "fill", "shift", "noise"]
    assert list(second.correlations) == ["width", "fill", "noise"]


def test_random_deletion_uses_the_baseline_of_the_technique():
    bundle, parameters = toy_bundle(), OcclusionParameters(10, fill=0.5)
    found = check_stability(bundle, LONG, "occlusion", "RBBB", parameters)
    salience = explain(bundle, LONG, "occlusion", "RBBB", parameters).values
    drops = measure_comprehensiveness(bundle, LONG[np.newaxis], salience[np.newaxis], ["RBBB"], 0.5)
    assert found.drop == pytest.approx(drops[0], abs=1e-5)
    assert len(set(found.drops_at_random)) == 19


def test_dynamask_is_compared_with_random_fading():
    bundle, parameters = toy_bundle(), DynamaskParameters(steps=5)
    found = check_stability(bundle, LONG, "fade", "RBBB", parameters)
    salience = explain(bundle, LONG, "fade", "RBBB", parameters).values
    drops = measure_comprehensiveness(bundle, LONG[np.newaxis], salience[np.newaxis], ["RBBB"], "local mean")
    assert found.drop == pytest.approx(drops[0], abs=1e-3)


def test_a_stay_is_judged_without_shifts():
    window = np.random.default_rng(6).normal(size=(48, 6)).astype(np.float32)
    found = check_stability(stay_bundle(), window, "derivative", "death")
    assert list(found.correlations) == ["noise"]
    assert found.verdict in VERDICTS


def test_progress_reaches_its_end_and_can_be_cancelled():
    told = []
    check_stability(toy_bundle(), LONG, "occlusion", "RBBB", on_step=lambda step, steps: told.append((step, steps)))
    steps = [step for step, _ in told]
    assert steps == sorted(steps)
    assert told[-1][0] == told[-1][1]
    with pytest.raises(Cancelled):
        check_stability(toy_bundle(), LONG, "mask", "RBBB", on_step=lambda step, steps: step < 1500)
