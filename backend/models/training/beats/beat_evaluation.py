"""A beat model's figures for its card: on the test set and in the cross-validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from backend.models.bundle import Bundle
from backend.models.metrics.multiclass import classification_figures
from backend.models.network.lstm import ScoringLSTM, score_with_features
from backend.models.training.beats.beat_calibration import evaluate_calibration
from backend.models.training.beats.beat_inputs import compose_inputs
from backend.models.training.beats.beat_split import SPLIT_CLASSES
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.windows.beats.beat_windows import BeatWindow

__all__ = [
    "BeatClassifier",
    "evaluate_fold",
    "evaluate_test_set",
    "of_database",
    "predict_by_record",
    "summarise_folds",
]

_MEAN_FIGURES = ("accuracy", "macro_f1", "majority_class_share", "accuracy_one_lead", "macro_f1_one_lead")


@dataclass(frozen=True, eq=False)
class BeatClassifier:
    """A network with what it takes to classify labelled beats."""

    network: ScoringLSTM
    classes: tuple[str, ...]
    window: BeatWindow

    def predict(self, beats: LabelledBeats) -> np.ndarray:
        """Return the predicted class of each beat, array of str, shape = (n,)."""
        scores, _ = score_with_features(self.network, compose_inputs(beats, self.window))
        return np.array(self.classes)[scores.argmax(axis=1)]

    def evaluate(self, beats: LabelledBeats) -> dict[str, Any]:
        """Return the card's figures on one set of beats."""
        return classification_figures(beats.labels, self.predict(beats), beats.patients, self.classes)


def of_database(beats: LabelledBeats, database: str) -> LabelledBeats:
    """Return the beats of one database."""
    return beats.select(np.char.startswith(beats.patients.astype(str), database))


def evaluate_test_set(bundle: Bundle, test: LabelledBeats, databases: Sequence[str]) -> dict[str, Any]:
    """Return the card's figures on the test set: MIT-BIH by beat, the other databases by record.

    Parameters
    ----------
    bundle : Bundle
    test : LabelledBeats
        Of the bundle's classes and of patients that it was not trained on.
    databases : sequence of str
        Folders of the bundle's databases, ``mitdb`` first.
    """
    window = cast(BeatWindow, bundle.window)
    classifier = BeatClassifier(bundle.network, bundle.classes, window)
    mitdb = of_database(test, "mitdb")
    figures = {
        "mitdb": classifier.evaluate(mitdb),
        "calibration": evaluate_calibration(bundle, compose_inputs(mitdb, window), mitdb.labels),
    }
    if window.several_leads:
        figures["mitdb_one_lead"] = classifier.evaluate(_on_one_lead(mitdb))
    for name in databases[1:]:
        figures[f"{name}_dominant_label"] = _accuracy_by_label(predict_by_record(classifier, of_database(test, name)))
    return figures


def evaluate_fold(classifier: BeatClassifier, mitdb: LabelledBeats) -> dict[str, Any]:
    """Return the figures of one fold of the cross-validation over the four classes of the published recipe.

    A prediction may be any class of the model.
    """
    beats = mitdb.select(np.isin(mitdb.labels, SPLIT_CLASSES))
    all_leads, one_lead = classifier.evaluate(beats), classifier.evaluate(_on_one_lead(beats))
    return {
        "test_patients": sorted({str(patient) for patient in beats.patients}),
        **{name: all_leads[name] for name in ("beats", "accuracy", "majority_class_share", "macro_f1")},
        "accuracy_one_lead": one_lead["accuracy"],
        "macro_f1_one_lead": one_lead["macro_f1"],
        "sensitivity": {
            name: row["sensitivity"] for name, row in all_leads["classes"].items() if name in SPLIT_CLASSES
        },
    }


def predict_by_record(classifier: BeatClassifier, beats: LabelledBeats) -> list[tuple[str, str]]:
    """Return (label, most frequent prediction) of each record."""
    predicted = classifier.predict(beats) if len(beats) else np.zeros(0, dtype=str)
    pairs = []
    for record in sorted(set(beats.records)):
        is_of_record = beats.records == record
        names, counts = np.unique(predicted[is_of_record], return_counts=True)
        pairs.append((str(beats.labels[is_of_record][0]), str(names[counts.argmax()])))
    return pairs


def summarise_folds(rows: Sequence[Mapping[str, Any]], ptbxl: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the figures of each fold, their means, and PTB-XL's accuracy by record over all folds.

    Parameters
    ----------
    rows : sequence of mapping
        From `evaluate_fold`.
    ptbxl : sequence of (str, str)
        From `predict_by_record`.
    """
    means = {f"mean_{name}": round(float(np.mean([row[name] for row in rows])), 4) for name in _MEAN_FIGURES}
    return {"splits": list(rows), **means, "ptbxl_dominant_label": _accuracy_by_label(ptbxl)}


def _on_one_lead(beats: LabelledBeats) -> LabelledBeats:
    return beats.on_one_lead(np.ones(len(beats), dtype=bool))


def _accuracy_by_label(pairs: Sequence[tuple[str, str]]) -> dict[str, dict[str, float | int]]:
    return {
        label: {
            "records": sum(reference == label for reference, _ in pairs),
            "right": round(
                float(np.mean([predicted == label for reference, predicted in pairs if reference == label])), 4
            ),
        }
        for label in sorted({reference for reference, _ in pairs})
    }
