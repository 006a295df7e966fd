import numpy as np
import pytest

from backend.explain.api import explain
from backend.explain.quality.randomisation import STAGES, compare_with_randomised, list_stages, randomise
from backend.explain.quality.rank_correlation import rank_correlation
from backend.explain.techniques.occlusion import OcclusionParameters
from backend.models.scores import compute_scores
from tests.toys import published_size_bundle, toy_beat, toy_bundle

WINDOWS = np.stack([toy_beat(60, seed=seed) for seed in range(3)])


def weights_of(bundle):
    return {name: own.numpy() for name, own in bundle.network.named_parameters()}


def changed(bundle, stage, seed=0):
    before, after = weights_of(bundle), weights_of(randomise(bundle, stage, seed))
    return {name for name in before if not np.array_equal(before[name], after[name])}


def test_stages_randomise_from_the_readout_down_and_keep_earlier_draws():
    bundle = toy_bundle()
    readout = {"readout.weight", "readout.bias"}
    recurrent = {"lstm.weight_hh_l0"}
    assert changed(bundle, 1) == readout
    assert changed(bundle, 2) == readout | recurrent
    assert changed(bundle, 3) == set(weights_of(bundle))
    first, last = (weights_of(randomise(bundle, stage, 0)) for stage in (1, 3))
    assert np.array_equal(first["readout.weight"], last["readout.weight"])
    assert len(list_stages(bundle)) == len(STAGES) == 3


def test_the_upper_layer_is_randomised_first():
    bundle = toy_bundle(layers=2)
    assert list_stages(bundle) == (
        "read-out",
        "and recurrent weights of layer 2",
        "and input weights and biases of layer 2",
        "and recurrent weights of layer 1",
        "and input weights and biases of layer 1",
    )
    assert {name for name in changed(bundle, 3) if name.endswith("l0")} == set()
    assert changed(bundle, 5) == set(weights_of(bundle))


def test_random_weights_keep_mean_and_deviation_of_each_gate():
    bundle = published_size_bundle()
    before, after = weights_of(bundle), weights_of(randomise(bundle, 3, 0))
    for name in ("lstm.weight_hh_l0", "lstm.weight_ih_l0", "lstm.bias_ih_l0"):
        for own, drawn in zip(np.split(before[name], 4), np.split(after[name], 4), strict=True):
            assert drawn.std() == pytest.approx(own.std(), rel=0.25)
            assert drawn.mean() == pytest.approx(own.mean(), abs=0.4 * float(own.std()) + 1e-6)
    assert np.split(after["lstm.bias_ih_l0"], 4)[1].mean() == pytest.approx(1.0, abs=0.1)  # forget gates stay open


def test_the_model_is_unchanged_and_the_random_one_has_another_digest():
    bundle = toy_bundle()
    before = compute_scores(bundle, WINDOWS)
    other = randomise(bundle, 3, 0)
    assert np.array_equal(compute_scores(bundle, WINDOWS), before)
    assert other.digest != bundle.digest
    assert not np.allclose(compute_scores(other, WINDOWS), before, atol=0.1)


def test_the_seed_determines_the_random_weights():
    bundle = toy_bundle()
    once, again, other = (weights_of(randomise(bundle, 2, seed))["lstm.weight_hh_l0"] for seed in (1, 1, 2))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)


def test_an_unknown_stage_is_refused():
    with pytest.raises(ValueError, match="stage 4 does not exist; choose from 1 to 3"):
        randomise(toy_bundle(), 4, 0)


def test_similarity_is_the_rank_correlation_of_the_saliences_of_one_target():
    bundle, parameters, targets = toy_bundle(), OcclusionParameters(10), ["RBBB", "normal", "RBBB"]
    found = compare_with_randomised(bundle, WINDOWS, "occlusion", targets, parameters, seed=4)
    assert found.shape == (3, 3)
    for stage in range(3):
        for window, target, correlation in zip(WINDOWS, targets, found[stage], strict=True):
            real = explain(bundle, window, "occlusion", target, parameters)
            other = explain(randomise(bundle, stage + 1, 4), window, "occlusion", target, parameters)
            assert correlation == pytest.approx(rank_correlation(real.values, other.values), abs=1e-3)
