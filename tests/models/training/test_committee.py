import numpy as np

from backend.models.network.lstm import Architecture, score_with_features
from backend.models.training.committee import Member, train_committee
from backend.models.training.examples import Examples
from backend.models.training.loop import Plan

ARCHITECTURE = Architecture(variables=2, classes=2, hidden=4, dropout=0.0)
PLAN = Plan(epochs=2, batch=8, seed=0)
FOLDS = np.arange(24) % 3
VALUES = np.random.default_rng(0).standard_normal((24, 5, 2)).astype(np.float32)
TARGETS = (VALUES.mean(axis=(1, 2)) > 0).astype(np.int64)


def committee(runs, seen=None):
    def make_examples(kept):
        if seen is not None:
            seen.append(np.flatnonzero(kept).tolist())
        return Examples.of_targets(TARGETS[kept], 2, lambda indices, rng: VALUES[kept][indices])

    members = [
        Member(fold, 10 * fold + seed, runs / f"fold{fold}-seed{seed}.pt") for fold in range(3) for seed in (0, 1)
    ]
    return train_committee(
        members,
        FOLDS,
        VALUES,
        TARGETS,
        make_examples,
        ARCHITECTURE,
        PLAN,
        lambda network, values: score_with_features(network, values)[0],
    )


def test_each_member_is_trained_on_all_folds_but_its_own(tmp_path):
    seen: list[list[int]] = []
    trained = committee(tmp_path, seen)
    for training, out in zip(seen, trained.held_out, strict=True):
        assert sorted([*training, *out.tolist()]) == list(range(24))
        assert len(out) == 8


def test_held_out_scores_are_the_mean_of_the_members_that_were_not_trained_on_the_example(tmp_path):
    trained = committee(tmp_path)
    for fold in range(3):
        out = fold == FOLDS
        pair = [score_with_features(member, VALUES[out])[0] for member in trained.members[2 * fold : 2 * fold + 2]]
        np.testing.assert_allclose(trained.held_out_scores[out], np.mean(pair, axis=0), atol=1e-6)


def test_an_interrupted_committee_resumes_to_the_same_members(tmp_path):
    first, again = committee(tmp_path), committee(tmp_path)
    np.testing.assert_array_equal(first.held_out_scores, again.held_out_scores)
    assert first.best_epochs == again.best_epochs
    assert len(list(tmp_path.glob("*.pt"))) == 6
