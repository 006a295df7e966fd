import numpy as np
import pytest

from backend.explain.perturbation import ranked_deletion
from backend.explain.perturbation.ranked_deletion import rank_entries, score_deletions
from tests.toys import summing_bundle, toy_beat, toy_bundle

RISING = np.array([[1.0], [2.0], [3.0], [4.0]], dtype=np.float32)


def test_the_most_salient_entry_is_the_first_and_a_source_is_as_salient_as_its_greatest_column():
    bundle = toy_bundle(3, sources=("pressure", "pulse", "pressure"))
    salience = np.array([[0.1, 0.5, 0.9], [0.7, 0.3, 0.2]])
    order = rank_entries(bundle, np.zeros((2, 3), np.float32), salience)
    assert order.ranks.tolist() == [[0, 2], [1, 3]]
    assert order.count_above((0.0, 0.3, 0.6, 0.9)).tolist() == [4, 3, 2, 0]
    assert order.count_shares((0.02, 0.5)).tolist() == [1, 2]


def test_ties_are_broken_at_random_by_the_window_alone():
    bundle, level = summing_bundle(), np.ones((216, 1))
    once, again, other = (rank_entries(bundle, toy_beat(seed=seed), level).ranks.ravel() for seed in (0, 0, 1))
    assert sorted(once) == list(range(216))
    assert (np.diff(once) != 1).sum() > 200
    assert once.tolist() == again.tolist() != other.tolist()


def test_equal_deletions_have_the_score_of_the_remaining_ranks():
    order = rank_entries(summing_bundle(), RISING, RISING)
    wanted = np.array([[0, 0], [0, 1], [0, 4], [1, 4], [0, 1]])
    (scores,) = score_deletions(summing_bundle(), RISING[np.newaxis], [order], [wanted], ["normal"], 0.0)
    assert scores == pytest.approx([10.0, 6.0, 0.0, 4.0, 6.0], abs=1e-3)


def test_scores_do_not_depend_on_the_batch(monkeypatch):
    bundle = toy_bundle(2)
    windows = np.stack([toy_beat(24, 2, seed) for seed in range(5)])
    saliences = np.round(np.random.default_rng(2).random(windows.shape), 1)  # with ties
    targets = ["normal", "LBBB", "RBBB", "APC", "normal"]
    orders = [rank_entries(bundle, *own) for own in zip(windows, saliences, strict=True)]
    wanted = [np.array([[0, count], [count, 48]]).reshape(-1, 2)[: 1 + count % 2] for count in (3, 8, 0, 11, 48)]
    together = score_deletions(bundle, windows, orders, wanted, targets, 0.0)
    monkeypatch.setattr(ranked_deletion, "_BYTES_AT_ONCE", windows[0].nbytes * 3)
    in_parts = score_deletions(bundle, windows, orders, wanted, targets, 0.0)
    for own, rows in enumerate(wanted):
        one = slice(own, own + 1)
        (alone,) = score_deletions(bundle, windows[one], orders[one], [rows], targets[one], 0.0)
        assert together[own] == pytest.approx(alone, abs=1e-5)
        assert in_parts[own] == pytest.approx(alone, abs=1e-5)
