from collections import Counter
from itertools import islice

import numpy as np
import pytest

from backend.models.training.splits import MITDB_SIZES, admissible_splits, grouped_folds, mitdb_patient


def made_patients(seed: int = 0) -> dict[str, np.ndarray]:
    """47 patients as in MIT-BIH: nearly all have normal beats, few have a block or a pacemaker."""
    rng = np.random.default_rng(seed)
    patients = {}
    for number in range(47):
        counts = np.array([rng.integers(500, 3000), 0, rng.integers(0, 200), 0])
        if number < 9:
            counts[1] = rng.integers(500, 2500)
        if 9 <= number < 16:
            counts[3] = rng.integers(1000, 2000)
        patients[f"mitdb-{number:03}"] = counts
    return patients


@pytest.mark.parametrize("seed", [0, 1, 2018])
def test_every_patient_is_in_one_set_and_the_sets_have_their_sizes(seed):
    for split in islice(admissible_splits(made_patients(), seed), 5):
        assert (len(split.train), len(split.validation), len(split.test)) == MITDB_SIZES == (33, 5, 9)
        patients = split.train + split.validation + split.test
        assert sorted(patients) == sorted(made_patients())


def test_each_set_holds_enough_beats_of_every_class():
    patients = made_patients()
    smallest = sum(patients.values()).min()
    for split in islice(admissible_splits(patients, 7), 10):
        for part in (split.train, split.validation, split.test):
            held = sum(patients[patient] for patient in part)
            assert (held >= 0.9 * len(part) / 47 * smallest).all()


def test_splits_are_the_same_from_the_same_seed_and_differ_from_another():
    first, again, other = (tuple(islice(admissible_splits(made_patients(), seed), 4)) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    assert len(set(first)) == 4


def test_the_order_in_which_patients_are_given_does_not_matter():
    patients = made_patients()
    reordered = dict(reversed(patients.items()))
    assert next(admissible_splits(patients, 5)) == next(admissible_splits(reordered, 5))


def test_sizes_that_are_not_those_of_the_patients_are_refused():
    with pytest.raises(ValueError, match="do not add up to 47 patients"):
        next(admissible_splits(made_patients(), 0, (33, 5, 10)))


def test_records_201_and_202_are_one_patient_and_all_others_their_own():
    assert mitdb_patient("201") == mitdb_patient("202") == "201"
    assert mitdb_patient("203") == "203"


@pytest.mark.parametrize("seed", [0, 9])
def test_folds_hold_every_patient_once_and_spread_every_label(seed):
    labels = {f"p{number}": label for number, label in enumerate(["normal"] * 43 + ["RBBB"] * 11 + ["paced"] * 3)}
    folds = grouped_folds(labels, 5, seed)
    assert sorted(patient for fold in folds for patient in fold) == sorted(labels)
    for label in set(labels.values()):
        sizes = [Counter(labels[patient] for patient in fold)[label] for fold in folds]
        assert max(sizes) - min(sizes) <= 1


def test_folds_are_the_same_from_the_same_seed_whatever_the_patients_order():
    labels = {f"p{number}": "normal" for number in range(20)}
    reordered = dict(reversed(labels.items()))
    assert grouped_folds(labels, 5, 1) == grouped_folds(reordered, 5, 1)
    assert grouped_folds(labels, 5, 1) != grouped_folds(labels, 5, 2)
