import numpy as np
import pytest

from backend.cohort.stratified_sampling import draw_evenly


def dealt(*groups: tuple[str, str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Labels and patients of so many windows of each (label, patient, number)."""
    labels = np.concatenate([[label] * number for label, _, number in groups])
    patients = np.concatenate([[patient] * number for _, patient, number in groups])
    return labels, patients


def numbers(values: np.ndarray) -> dict[str, int]:
    names, counts = np.unique(values, return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def test_classes_and_their_patients_are_drawn_equally_often():
    labels, patients = dealt(("normal", "a", 500), ("normal", "b", 40), ("PVC", "a", 30), ("PVC", "c", 90))
    chosen = draw_evenly(labels, patients, 80, seed=1)
    assert numbers(labels[chosen]) == {"normal": 40, "PVC": 40}
    assert numbers(patients[chosen][labels[chosen] == "normal"]) == {"a": 20, "b": 20}
    assert numbers(patients[chosen][labels[chosen] == "PVC"]) == {"a": 20, "c": 20}


def test_the_others_share_what_a_small_class_or_patient_leaves():
    labels, patients = dealt(("normal", "a", 500), ("normal", "b", 3), ("PVC", "c", 10))
    chosen = draw_evenly(labels, patients, 100, seed=1)
    assert numbers(labels[chosen]) == {"normal": 90, "PVC": 10}
    assert numbers(patients[chosen]) == {"a": 87, "b": 3, "c": 10}


@pytest.mark.parametrize("count", [None, 13, 500])
def test_all_windows_are_drawn_when_the_count_is_large_enough(count):
    labels, patients = dealt(("normal", "a", 8), ("PVC", "c", 5))
    assert draw_evenly(labels, patients, count, seed=0).tolist() == list(range(13))


def test_the_seed_determines_the_draw_and_none_is_drawn_twice():
    labels, patients = dealt(("normal", "a", 200), ("PVC", "c", 200))
    chosen = draw_evenly(labels, patients, 50, seed=3)
    assert len(set(chosen.tolist())) == 50
    assert draw_evenly(labels, patients, 50, seed=3).tolist() == chosen.tolist()
    assert draw_evenly(labels, patients, 50, seed=4).tolist() != chosen.tolist()


def test_exactly_the_given_number_is_drawn():
    labels, patients = dealt(*((label, f"{label}{number}", 7) for label in "xyz" for number in range(4)))
    assert all(len(draw_evenly(labels, patients, count, seed=0)) == count for count in range(1, 84))
