from collections import Counter

import numpy as np

from backend.models.training.examples import Examples, draw_per_group


def made_groups() -> np.ndarray:
    """Four groups of 5 to 200 members."""
    return np.repeat(["a|N", "a|V", "b|N", "c|V"], [200, 5, 60, 61])


def test_a_draw_takes_the_bound_of_every_group_or_all_of_a_smaller_one():
    groups = made_groups()
    drawn = draw_per_group(groups, 60, np.random.default_rng(0))
    assert len(set(drawn.tolist())) == len(drawn)
    assert Counter(groups[drawn].tolist()) == {"a|N": 60, "a|V": 5, "b|N": 60, "c|V": 60}


def test_each_epoch_draws_other_members_and_many_epochs_draw_all():
    groups, rng = made_groups(), np.random.default_rng(0)
    draws = [set(draw_per_group(groups, 60, rng).tolist()) for _ in range(30)]
    assert draws[0] != draws[1]
    assert set.union(*draws) == set(range(len(groups)))


def test_without_a_bound_all_examples_are_drawn():
    groups = made_groups()
    examples = Examples(np.zeros(326, np.int64), lambda indices, rng: np.zeros((len(indices), 1, 1)), groups)
    assert examples.draw(np.random.default_rng(0)).tolist() == list(range(326))


def test_a_bound_holds_for_the_draw_of_an_epoch():
    groups = made_groups()
    examples = Examples(np.zeros(326, np.int64), lambda indices, rng: np.zeros((len(indices), 1, 1)), groups, 7)
    drawn = examples.draw(np.random.default_rng(3))
    assert drawn.tolist() == draw_per_group(groups, 7, np.random.default_rng(3)).tolist()
    assert Counter(groups[drawn].tolist()) == {"a|N": 7, "a|V": 5, "b|N": 7, "c|V": 7}
