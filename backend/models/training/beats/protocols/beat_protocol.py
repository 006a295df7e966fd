"""A protocol: train on the beats of some records, test on those of others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from backend.models.metrics.beat_metrics import Outcomes
from backend.models.training.beats.beat_split import SPLIT_SEED, BeatSplit
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.beats.protocols.outcomes import beat_outcomes
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals
from backend.models.training.splits import grouped_folds

__all__ = ["BeatPredictor", "BeatProtocol", "Fit", "run_protocol"]

_VALIDATION_FOLDS = 5
"""One in so many training patients of each database is a validation patient."""


class BeatPredictor(Protocol):
    """A trained model that classifies labelled beats."""

    def predict(self, beats: LabelledBeats) -> np.ndarray:
        """Return the predicted class of each beat, array of str, shape = (n,)."""
        ...


Fit = Callable[[str, BeatSplit], BeatPredictor]
"""``fit(name, split)`` trains on the split; an interrupted training of the same name resumes."""


@dataclass(frozen=True)
class BeatProtocol:
    """Which records of one database are the test set; the rest and all other databases are for training.

    Attributes
    ----------
    name : str
        Also of its checkpoint.
    database : str
        Folder of the database of the test records.
    tested : frozenset of str, or None
        Names of the test records; None for the whole database.
    unused : frozenset of str
        Records of that database that are neither trained nor tested on.
    figures : callable
        ``figures(outcomes)`` returns the figures for the card.
    """

    name: str
    database: str
    tested: frozenset[str] | None
    unused: frozenset[str]
    figures: Callable[[Outcomes], dict[str, Any]]

    def test_records(self, totals: ReferenceTotals) -> frozenset[str]:
        """Return the names of the test records."""
        own = {name for name, patient in totals.patients.items() if patient.startswith(f"{self.database}-")}
        return frozenset(own - self.unused if self.tested is None else own & self.tested)

    def split(self, databases: Mapping[str, LabelledBeats], classes: Sequence[str]) -> BeatSplit:
        """Return the beats of training, validation and test.

        The test set holds every beat of its records; training and validation hold those of the model's classes and
        the CONDUCTED ones.

        Parameters
        ----------
        databases : mapping of folder to beats
        classes : sequence of str
        """
        training, validation, test = [], [], []
        for name, beats in databases.items():
            is_test = np.zeros(len(beats), dtype=bool)
            is_unused = np.zeros(len(beats), dtype=bool)
            if name == self.database:
                is_unused = np.isin(beats.records, list(self.unused))
                is_test = ~is_unused if self.tested is None else np.isin(beats.records, list(self.tested))
                test.append(beats.select(is_test))
            is_trainable = np.isin(beats.labels, [*classes, CONDUCTED])
            rest = beats.select(is_trainable & ~is_test & ~is_unused)
            if len(rest):
                is_held_out = np.isin(rest.patients, _validation_patients(rest))
                training.append(rest.select(~is_held_out))
                validation.append(rest.select(is_held_out))
        return BeatSplit(*(LabelledBeats.concatenate(part) for part in (training, validation, test)))


def run_protocol(
    protocol: BeatProtocol,
    databases: Mapping[str, LabelledBeats],
    totals: ReferenceTotals,
    classes: Sequence[str],
    fit: Fit,
) -> dict[str, Any]:
    """Train and test under a protocol and return the figures for the card.

    Parameters
    ----------
    protocol : BeatProtocol
    databases : mapping of folder to beats
        With every label, not the model's classes alone.
    totals : ReferenceTotals
        Of at least the protocol's database.
    classes : sequence of str
        Of the model.
    fit : callable
        See Fit.
    """
    split = protocol.split(databases, classes)
    predictor = fit(protocol.name, split)
    outcomes = beat_outcomes(split.test, predictor.predict(split.test), totals, protocol.test_records(totals))
    return {
        "training_patients": len(set(split.training.patients)),
        "validation_patients": len(set(split.validation.patients)),
        **protocol.figures(outcomes),
    }


def _validation_patients(beats: LabelledBeats) -> tuple[str, ...]:
    """Return one in _VALIDATION_FOLDS patients, stratified by the class of theirs that the fewest patients have.

    The last fold has none of the classes of fewer patients than folds, so that these are trained on.
    """
    held = {patient: set(beats.labels[beats.patients == patient]) for patient in sorted(set(beats.patients))}
    n_patients = {label: sum(label in labels for labels in held.values()) for label in set(beats.labels)}
    rarest = {
        str(patient): str(min(labels, key=lambda own: (n_patients[own], own))) for patient, labels in held.items()
    }
    return grouped_folds(rarest, _VALIDATION_FOLDS, SPLIT_SEED)[-1]
