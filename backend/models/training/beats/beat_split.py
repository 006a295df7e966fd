"""The beats of a recipe's databases, split by patient."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.splits import Split, admissible_splits, grouped_folds

__all__ = [
    "SPLIT_CLASSES",
    "SPLIT_DETECTOR",
    "SPLIT_SEED",
    "TRAINING_DATABASES",
    "BeatSplit",
    "mitdb_splits",
    "published_split",
    "split_beats",
]

SPLIT_SEED = 2018

SPLIT_DETECTOR = "biosppy"
"""Splits are admissible by the beats of this detector, as in the published recipe.

So all bundles have the same test patients, whatever detector they use. Counted on the beats of a better detector, which
misses fewer PVC, no draw in ten minutes was admissible: the smallest class would be paced beats, of four patients.
"""

SPLIT_CLASSES = ("normal", "RBBB", "PVC", "paced")
"""The classes of the published recipe, whose beats decide whether a split is admissible."""

_TEST_CLASSES = (*SPLIT_CLASSES, "LBBB", "atrial premature")
_MIN_TEST_RECORDS = 10
_FOLDS = 5
"""The patients of the other databases are in five folds: one is the test set, the next one the validation set."""

TRAINING_DATABASES = frozenset({"svdb"})
"""Databases without test patients: protocols of their own keep them out of training as a whole."""


@dataclass(frozen=True, eq=False)
class BeatSplit:
    """Beats of the training, validation and test patients of all databases of a recipe."""

    training: LabelledBeats
    validation: LabelledBeats
    test: LabelledBeats


def published_split(mitdb: LabelledBeats) -> Split:
    """Return the split of MIT-BIH's patients that all bundles share.

    It is the first admissible draw whose test set has all six classes and at least ten records, so that the catalogue
    of real samples can show every class on patients that no bundle was trained on.

    Parameters
    ----------
    mitdb : LabelledBeats
        As SPLIT_DETECTOR finds them.
    """
    for split in mitdb_splits(mitdb):
        test = mitdb.select(np.isin(mitdb.patients, split.test))
        if len(set(test.records)) >= _MIN_TEST_RECORDS and set(_TEST_CLASSES) <= set(test.labels):
            return split
    raise AssertionError("the draws never end")


def mitdb_splits(mitdb: LabelledBeats) -> Iterator[Split]:
    """Yield the admissible splits of MIT-BIH's patients, without end, always in the same order."""
    counts = {
        str(patient): np.array([np.sum(mitdb.labels[mitdb.patients == patient] == name) for name in SPLIT_CLASSES])
        for patient in sorted(set(mitdb.patients))
    }
    return admissible_splits(counts, SPLIT_SEED)


def split_beats(databases: Mapping[str, LabelledBeats], split: Split, fold: int, classes: Sequence[str]) -> BeatSplit:
    """Return the beats of some classes, and CONDUCTED ones, split by patient.

    Parameters
    ----------
    databases : mapping of folder to beats
    split : Split
        Of MIT-BIH's patients.
    fold : int
        Which fifth of the patients of the other databases is the test set; the next one is the validation set. The test
        patients of TRAINING_DATABASES are trained on.
    classes : sequence of str
    """
    parts: dict[str, list[LabelledBeats]] = {"training": [], "validation": [], "test": []}
    for name, beats in databases.items():
        beats = beats.select(np.isin(beats.labels, [*classes, CONDUCTED]))
        patients = split if name == "mitdb" else _split_by_fold(beats, fold)
        if name in TRAINING_DATABASES:
            patients = Split((*patients.train, *patients.test), patients.validation, ())
        for part, members in (
            ("training", patients.train),
            ("validation", patients.validation),
            ("test", patients.test),
        ):
            parts[part].append(beats.select(np.isin(beats.patients, members)))
    return BeatSplit(**{part: LabelledBeats.concatenate(beats) for part, beats in parts.items()})


def _split_by_fold(beats: LabelledBeats, fold: int) -> Split:
    label_of = {str(patient): str(label) for patient, label in zip(beats.patients, beats.labels, strict=True)}
    folds = grouped_folds(label_of, _FOLDS, SPLIT_SEED)
    test, validation = folds[fold % _FOLDS], folds[(fold + 1) % _FOLDS]
    train = tuple(sorted(set(label_of) - set(test) - set(validation)))
    return Split(train, validation, test)
