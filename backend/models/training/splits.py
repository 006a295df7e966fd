"""Random splits of patients into training, validation and test sets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

__all__ = ["MITDB_SIZES", "Split", "admissible_splits", "grouped_folds", "mitdb_patient"]

MITDB_SIZES = (33, 5, 9)
"""Patients of MIT-BIH in training, validation and test (van der Westhuizen & Lasenby 2018, section 4)."""

_SHARE_OF_SMALLEST_CLASS = 0.9


@dataclass(frozen=True)
class Split:
    """Names of the patients of each set; no patient is in two."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


def mitdb_patient(record: str) -> str:
    """Return the patient of a MIT-BIH record: records 201 and 202 are from one man."""
    return "201" if record == "202" else record


def admissible_splits(
    beats_of_patient: Mapping[str, np.ndarray],
    seed: int,
    sizes: tuple[int, int, int] = MITDB_SIZES,
) -> Iterator[Split]:
    """Yield random splits in which each set has enough beats of every class, without end.

    A set of n of N patients needs, of every class, at least 0.9 n / N times the number of beats in the smallest class
    (van der Westhuizen & Lasenby 2018, section 4).

    Parameters
    ----------
    beats_of_patient : mapping of patient to int array, shape = (n_classes,)
        Number of beats in each class.
    seed : int
    sizes : (int, int, int)
        Number of patients in training, validation and test.

    Raises
    ------
    ValueError
        If the sizes do not add up to the number of patients.
    """
    patients = sorted(beats_of_patient)
    if sum(sizes) != len(patients):
        raise ValueError(f"The sizes {sizes} do not add up to {len(patients)} patients.")
    counts = np.array([beats_of_patient[patient] for patient in patients])
    smallest = counts.sum(axis=0).min()
    minimum = [_SHARE_OF_SMALLEST_CLASS * size / len(patients) * smallest for size in sizes]
    bounds = np.cumsum(sizes)[:2]
    rng = np.random.default_rng(seed)
    while True:
        parts = np.split(rng.permutation(len(patients)), bounds)
        if all((counts[part].sum(axis=0) >= n_min).all() for part, n_min in zip(parts, minimum, strict=True)):
            train, validation, test = (tuple(sorted(patients[index] for index in part)) for part in parts)
            yield Split(train, validation, test)


def grouped_folds(label_of_patient: Mapping[str, str], folds: int, seed: int) -> list[tuple[str, ...]]:
    """Return the patients in folds that are stratified by label.

    Parameters
    ----------
    label_of_patient : mapping of patient to label
    folds : int
        How many.
    seed : int
    """
    rng = np.random.default_rng(seed)
    groups: list[list[str]] = [[] for _ in range(folds)]
    for label in sorted(set(label_of_patient.values())):
        members = sorted(patient for patient, name in label_of_patient.items() if name == label)
        for position, member in enumerate(rng.permutation(members)):
            groups[position % folds].append(str(member))
    return [tuple(sorted(group)) for group in groups]
