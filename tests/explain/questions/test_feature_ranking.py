import numpy as np
import pytest

from backend.explain.api import explain
from backend.explain.perturbation.baselines import delete_sources
from backend.explain.questions.feature_ranking import measure_pairs, rank_explained_features, rank_features
from backend.explain.techniques.occlusion import OcclusionParameters
from backend.models.scores import compute_scores, softmax
from backend.windows.base import distinct
from tests.toys import remembering_bundle, summing_bundle, toy_beat, toy_bundle

SOURCES = ("pressure", "pulse", "pressure", "breath")


def of_window(bundle, window, names, fill):
    """The drop of the first class's score with whole sources deleted, from whole windows read one by one."""
    hidden = np.zeros((1, len(window), len(distinct(bundle.window.sources))), dtype=bool)
    for name in names:
        hidden[0, :, distinct(bundle.window.sources).index(name)] = True
    both = np.stack([window, delete_sources(bundle, window, hidden, fill, bundle.classes[0])[0]])
    scores = compute_scores(bundle, both)[:, 0]
    return scores[0] - scores[1]


def test_a_variable_that_decides_alone_ranks_first():
    window = np.full((20, 3), 0.5, dtype=np.float32)
    found = rank_features(summing_bundle((0.0, 2.0, 0.0), ("ABP", "PLETH", "RESP")), window, "normal", baseline=0.0)
    assert found[0].variable == "PLETH"
    assert found[0].drop == pytest.approx(20.0, abs=1e-3)
    assert (found[0].rank_low, found[0].rank_high) == (1, 1)
    assert [own.drop for own in found[1:]] == pytest.approx([0.0, 0.0], abs=1e-3)


def test_the_range_of_a_drop_comes_from_keeping_each_tenth():
    window = np.zeros((20, 1), dtype=np.float32)
    window[:2] = 3.0  # the first tenth holds 6 of 24
    window[2:] = 1.0
    (found,) = rank_features(summing_bundle((1.0,)), window, "normal", baseline=0.0)
    assert found.drop == pytest.approx(24.0, abs=1e-3)
    assert found.low == pytest.approx(18.0, abs=1e-3)
    assert found.high == pytest.approx(24.0, abs=1e-3)


def test_a_source_that_matters_in_one_stretch_has_a_range_of_ranks():
    window = np.ones((20, 2), dtype=np.float32)
    window[:, 1] = 0.0
    window[4:6, 1] = 12.0  # 24 in all, but none of it once the third tenth is spared
    first, second = rank_features(summing_bundle((1.0, 1.0)), window, "normal", baseline=0.0)
    assert (first.variable, first.rank_low, first.rank_high) == ("source 1", 1, 2)
    assert (second.variable, second.rank_low, second.rank_high) == ("source 0", 1, 2)


def test_a_variable_that_opposes_the_class_has_a_negative_drop_and_ranks_last():
    found = rank_features(summing_bundle((1.0, -1.0)), np.ones((20, 2), np.float32), "normal", baseline=0.0)
    assert [round(own.drop) for own in found] == [20, -20]


def test_a_source_that_deletion_does_not_change_has_no_rank():
    window = np.ones((20, 3), np.float32)
    window[:, 1] = 0.0
    found = rank_features(summing_bundle((2.0, 5.0, 1.0), ("ABP", "PLETH", "RESP")), window, "normal", baseline=0.0)
    assert [(own.variable, own.rank_high) for own in found] == [("ABP", 1), ("RESP", 2)]
    assert rank_features(summing_bundle((1.0,)), np.zeros((20, 1), np.float32), "normal", baseline=0.0) == ()


@pytest.mark.parametrize("fill", [0.0, 0.5, "mean", "not measured"])
def test_the_drops_are_those_of_windows_read_whole(fill):
    bundle, window = toy_bundle(4, pooling="mean", steps_per_read=2, sources=SOURCES), toy_beat(40, 4)
    for own in rank_features(bundle, window, "normal", fill):
        assert own.drop == pytest.approx(of_window(bundle, window, [own.variable], fill), abs=1e-4)
    among = [own.variable for own in rank_features(bundle, window, "normal", fill)]
    for pair in measure_pairs(bundle, window, "normal", among, fill):
        both = of_window(bundle, window, [pair.first, pair.second], fill)
        alone = [of_window(bundle, window, [name], fill) for name in (pair.first, pair.second)]
        assert pair.together == pytest.approx(both, abs=1e-4)
        assert pair.separate == pytest.approx(sum(alone), abs=1e-4)


def test_removing_either_of_a_synergistic_pair_costs_as_much_as_both():
    window = np.zeros((20, 2), dtype=np.float32)
    window[:, 0] = 4.0
    window[7, 1] = 1.0
    bundle = remembering_bundle()
    found = rank_features(bundle, window, "normal", baseline=0.0)
    assert [own.drop for own in found] == pytest.approx([4.0, 4.0], abs=1e-3)
    (pair,) = measure_pairs(bundle, window, "normal", [own.variable for own in found], baseline=0.0)
    assert pair.together == pytest.approx(4.0, abs=1e-3)
    assert pair.separate == pytest.approx(8.0, abs=1e-3)


def test_the_drops_of_additive_variables_add_up():
    window = np.full((20, 7), 0.1, dtype=np.float32)
    bundle = summing_bundle(tuple(float(weight) for weight in range(1, 8)))
    among = [own.variable for own in rank_features(bundle, window, "normal", baseline=0.0)]
    found = measure_pairs(bundle, window, "normal", among, baseline=0.0)
    assert len(found) == 10
    assert {pair.first for pair in found} | {pair.second for pair in found} == {f"source {n}" for n in range(2, 7)}
    assert all(pair.together == pytest.approx(pair.separate, abs=1e-2) for pair in found)


def test_the_probability_can_be_ranked_by_instead_of_the_score():
    bundle, window = toy_bundle(2, temperature=1.5), toy_beat(24, 2)
    found = rank_features(bundle, window, "RBBB", explained="probability")
    before = softmax(compute_scores(bundle, window[np.newaxis]), 1.5)[0, 2]
    assert all(before - 1.0 <= own.drop <= before for own in found)


def test_the_ranking_of_an_explanation_has_its_target_baseline_and_output():
    bundle, window = toy_bundle(4, sources=SOURCES), toy_beat(24, 4)
    parameters = OcclusionParameters(5, "mean", "each", "probability")
    salience = explain(bundle, window, "occlusion", "LBBB", parameters)
    assert rank_explained_features(bundle, window, salience) == rank_features(
        bundle, window, "LBBB", "mean", "probability"
    )
    slope = explain(bundle, window, "derivative", "LBBB")
    assert rank_explained_features(bundle, window, slope) == rank_features(bundle, window, "LBBB")
