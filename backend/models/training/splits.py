"""Patients dealt to training, validation and test."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

__all__ = ["MITDB_SIZES", "Split", "admissible_splits", "grouped_folds", "mitdb_patient"]

MITDB_SIZES = (33, 5, 9)
"""Patients of MIT-BIH in training, validation and test (van der Westhuizen & Lasenby 2018, section 3.1)."""

_SHARE_OF_SMALLEST_CLASS = 0.9


@dataclass(frozen=True)
class Split:
    """Patients by their names, each in one set only."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


def mitdb_patient(record: str) -> str:
    """The patient of a MIT-BIH record: records 201 and 202 are one man."""
    return "201" if record == "202" else record


def admissible_splits(
    beats_of_patient: Mapping[str, np.ndarray],
    seed: int,
    sizes: tuple[int, int, int] = MITDB_SIZES,
) -> Iterator[Split]:
    """Random splits in which each set holds enough beats of every class, without end.

    Enough is 0.9 times the set's share of the patients times the smallest class of all
    (van der Westhuizen & Lasenby 2018, section 3.1).

    Parameters
    ----------
    beats_of_patient : mapping of patient to int array, shape = (n_classes,)
        Beats of each class.
    seed : int
    sizes : (int, int, int)
        Patients for training, validation and test.

    Raises
    ------
    ValueError
        If the sizes are not those of the patients given.
    """
    patients = sorted(beats_of_patient)
    if sum(sizes) != len(patients):
        raise ValueError(f"{len(patients)} patients cannot be dealt as {sizes}")
    counts = np.array([beats_of_patient[patient] for patient in patients])
    smallest = counts.sum(axis=0).min()
    enough = [_SHARE_OF_SMALLEST_CLASS * size / len(patients) * smallest for size in sizes]
    bounds = np.cumsum(sizes)[:2]
    rng = np.random.default_rng(seed)
    while True:
        dealt = np.split(rng.permutation(len(patients)), bounds)
        if all((counts[part].sum(axis=0) >= least).all() for part, least in zip(dealt, enough, strict=True)):
            train, validation, test = (tuple(sorted(patients[index] for index in part)) for part in dealt)
            yield Split(train, validation, test)


def grouped_folds(label_of_patient: Mapping[str, str], folds: int, seed: int) -> list[tuple[str, ...]]:
    """Patients in ``folds`` groups in which every label is spread as evenly as it goes.

    Parameters
    ----------
    label_of_patient : mapping of patient to label
    folds : int
    seed : int
    """
    rng = np.random.default_rng(seed)
    groups: list[list[str]] = [[] for _ in range(folds)]
    for label in sorted(set(label_of_patient.values())):
        members = sorted(patient for patient, own in label_of_patient.items() if own == label)
        for position, member in enumerate(rng.permutation(members)):
            groups[position % folds].append(str(member))
    return [tuple(sorted(group)) for group in groups]
