from collections import Counter

import numpy as np

from backend.models.training.examples import Examples, draw_by_class, draw_per_group


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


def test_examples_of_one_class_each_are_all_drawn_and_allow_that_class_alone():
    targets = np.array([2, 0, 1, 1])
    examples = Examples.of_targets(targets, 3, lambda indices, rng: indices[:, np.newaxis, np.newaxis] * 1.0)
    assert examples.draw(np.random.default_rng(0)).tolist() == [0, 1, 2, 3]
    assert examples.allowed.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0]]
    values, allowed = examples.make_batch(np.array([3, 0]), np.random.default_rng(0))
    assert values.ravel().tolist() == [3.0, 0.0]
    assert allowed.tolist() == [[0, 1, 0], [0, 0, 1]]


LABELS = np.repeat(["N", "N", "N", "V", "V", "other"], [400, 900, 16, 25, 4, 50])
PATIENTS = np.repeat(["a", "b", "c", "a", "d", "a"], [400, 900, 16, 25, 4, 50])


def drawn_by_class(counts: dict[str, int], most_beats: int, seed: int = 0) -> np.ndarray:
    mixed = np.random.default_rng(9).permutation(len(LABELS))
    return mixed[draw_by_class(LABELS[mixed], PATIENTS[mixed], counts, most_beats)(np.random.default_rng(seed))]


def test_each_label_is_drawn_as_often_as_the_plan_says_with_replacement_and_no_other():
    drawn = drawn_by_class({"N": 7, "V": 300, "absent": 50}, most_beats=200)
    assert Counter(LABELS[drawn].tolist()) == {"N": 7, "V": 300}
    assert len(set(drawn.tolist())) < len(drawn)


def test_a_patients_share_is_the_fifth_root_of_its_beats_up_to_a_bound():
    drawn = drawn_by_class({"N": 60_000, "V": 21_000}, most_beats=256)
    counts = Counter(zip(LABELS[drawn].tolist(), PATIENTS[drawn].tolist(), strict=True))
    # Fifth roots of 256, 256 and 16 for N, of 25 and 4 for V. Four standard deviations of a binomial are below 500.
    expected = {("N", "a"): 23_307, ("N", "b"): 23_307, ("N", "c"): 13_386, ("V", "a"): 12_403, ("V", "d"): 8_597}
    assert counts.keys() == expected.keys()
    assert all(abs(counts[group] - share) < 500 for group, share in expected.items())


def test_every_beat_of_a_patient_is_as_likely_as_another():
    drawn = drawn_by_class({"V": 21_000}, most_beats=256)
    of_d = drawn[PATIENTS[drawn] == "d"]
    counts = Counter(of_d.tolist())
    assert len(counts) == 4
    assert max(counts.values()) - min(counts.values()) < 8 * (len(of_d) / 4) ** 0.5


def test_the_same_seed_draws_the_same_examples_and_another_seed_others():
    counts = {"N": 20, "V": 20}
    assert drawn_by_class(counts, 200).tolist() == drawn_by_class(counts, 200).tolist()
    assert drawn_by_class(counts, 200).tolist() != drawn_by_class(counts, 200, seed=1).tolist()
