"""A beat model's figures for its card: on the test set and in the cross-validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from backend.models.bundle import Bundle
from backend.models.metrics.beat_metrics import MISSED, Outcomes, outcome_figures
from backend.models.metrics.multiclass import classification_figures
from backend.models.network.lstm import ScoringLSTM, score_with_features
from backend.models.training.beats.beat_calibration import evaluate_calibration
from backend.models.training.beats.beat_inputs import RHYTHM_CLASSES, compose_inputs
from backend.models.training.beats.beat_split import SPLIT_CLASSES
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.beats.protocols.ablations import ablation_figures
from backend.models.training.beats.protocols.dominant_diagnosis import dominant_figures
from backend.models.training.beats.protocols.outcomes import beat_outcomes, record_outcomes
from backend.models.training.beats.protocols.reference_totals import BEAT_BY_BEAT, ReferenceTotals
from backend.windows.beats.beat_windows import BeatWindow
from backend.windows.beats.reference import NO_BEAT

__all__ = [
    "BeatClassifier",
    "evaluate_fold",
    "evaluate_test_set",
    "of_database",
    "predict_by_record",
    "summarise_folds",
]

_MEAN_FIGURES = ("accuracy", "macro_f1", "majority_class_share", "accuracy_one_lead", "macro_f1_one_lead")

_OTHER_KIND = "other kinds"
"""The row of beats of classes that the model does not have: fusion, escape, unclassifiable."""


@dataclass(frozen=True, eq=False)
class BeatClassifier:
    """A network with what it takes to classify labelled beats."""

    network: ScoringLSTM
    classes: tuple[str, ...]
    window: BeatWindow

    def predict(self, beats: LabelledBeats) -> np.ndarray:
        """Return the predicted class of each beat, array of str, shape = (n,)."""
        return self.classify(compose_inputs(beats, self.window))

    def classify(self, values: np.ndarray) -> np.ndarray:
        """Return the predicted class of each window, array of str, shape = (n,), from values of shape (n, T, D)."""
        scores, _ = score_with_features(self.network, values)
        return np.array(self.classes)[scores.argmax(axis=1)]

    def evaluate(self, beats: LabelledBeats) -> dict[str, Any]:
        """Return the card's figures on one set of beats."""
        return classification_figures(beats.labels, self.predict(beats), beats.patients, self.classes)


def of_database(beats: LabelledBeats, database: str) -> LabelledBeats:
    """Return the beats of one database."""
    return beats.select(np.char.startswith(beats.patients.astype(str), database))


def evaluate_test_set(
    bundle: Bundle, test: LabelledBeats, databases: Sequence[str], totals: ReferenceTotals
) -> dict[str, Any]:
    """Return the card's figures on the test set: MIT-BIH by beat, the databases of 12-lead records by record.

    Parameters
    ----------
    bundle : Bundle
    test : LabelledBeats
        All beats of the test patients, whatever their label.
    databases : sequence of str
        Folders of the bundle's databases, ``mitdb`` first.
    totals : ReferenceTotals
        Of these databases.
    """
    window = cast(BeatWindow, bundle.window)
    classifier = BeatClassifier(bundle.network, bundle.classes, window)
    whole_mitdb = of_database(test, "mitdb")
    mitdb = whole_mitdb.select(np.isin(whole_mitdb.labels, bundle.classes))
    values = compose_inputs(mitdb, window)
    morphological = tuple(name for name in bundle.classes if name not in RHYTHM_CLASSES)
    figures = {
        "mitdb": classifier.evaluate(mitdb),
        "mitdb_all_kinds": _evaluate_all_kinds(classifier, whole_mitdb, totals),
        "calibration": evaluate_calibration(bundle, values, mitdb.labels),
        "ablations": ablation_figures(classifier.classify, values, mitdb.labels, window, morphological),
    }
    if window.in_context:
        figures["mitdb_one_lead"] = classifier.evaluate(mitdb.on_one_lead())
    for name in databases[1:]:
        beats = of_database(test, name)
        if name not in BEAT_BY_BEAT:
            figures[f"{name}_dominant_label"] = dominant_figures(predict_by_record(classifier, beats, totals))
    return figures


def evaluate_fold(classifier: BeatClassifier, mitdb: LabelledBeats, totals: ReferenceTotals) -> dict[str, Any]:
    """Return the figures of one fold of the cross-validation over the four classes of the published recipe.

    A prediction may be any class of the model; a missed beat of the four classes is an error of its class. The share
    of the beats that belong to other classes is ``left_out_share``.

    Parameters
    ----------
    classifier : BeatClassifier
    mitdb : LabelledBeats
        Of the fold's test patients.
    totals : ReferenceTotals
    """
    all_leads = _evaluate_four_classes(classifier, mitdb, totals)
    one_lead = _evaluate_four_classes(classifier, mitdb.on_one_lead(), totals)
    n_annotated = sum(sum(totals.beats[record].values()) for record in _records_of_patients(mitdb, totals))
    n_largest = max(row["beats"] for row in all_leads["classes"].values())
    accuracy, macro_f1 = all_leads["accuracy"], all_leads["macro_f1"]
    return {
        "test_patients": sorted({str(patient) for patient in mitdb.patients}),
        "beats": all_leads["beats"],
        "left_out_share": round(1 - all_leads["beats"] / n_annotated, 4),
        "majority_class_share": round(n_largest / all_leads["beats"], 4),
        "accuracy": accuracy[0],
        "accuracy_interval": accuracy[1:],
        "macro_f1": macro_f1[0],
        "macro_f1_interval": macro_f1[1:],
        "accuracy_one_lead": one_lead["accuracy"][0],
        "macro_f1_one_lead": one_lead["macro_f1"][0],
        "sensitivity": {name: row["sensitivity"][0] for name, row in all_leads["classes"].items()},
    }


def predict_by_record(classifier: BeatClassifier, beats: LabelledBeats, totals: ReferenceTotals) -> Outcomes:
    """Return the diagnosis and the most frequent prediction of each record of these patients, see `record_outcomes`.

    A record of theirs without a window is missed.
    """
    patients = set(beats.patients.tolist())
    records = {name for name in totals.diagnoses if totals.patients[name] in patients}
    return record_outcomes(beats, classifier.predict(beats), totals, records)


def summarise_folds(rows: Sequence[Mapping[str, Any]], ptbxl: Sequence[Outcomes]) -> dict[str, Any]:
    """Return the figures of each fold, their means, and PTB-XL's accuracy by record over all folds.

    Parameters
    ----------
    rows : sequence of mapping
        From `evaluate_fold`.
    ptbxl : sequence of Outcomes
        From `predict_by_record`, of each fold.
    """
    means = {f"mean_{name}": round(float(np.mean([row[name] for row in rows])), 4) for name in _MEAN_FIGURES}
    return {"splits": list(rows), **means, "ptbxl_dominant_label": dominant_figures(Outcomes.concatenate(ptbxl))}


def _evaluate_all_kinds(classifier: BeatClassifier, mitdb: LabelledBeats, totals: ReferenceTotals) -> dict[str, Any]:
    """Return figures whose denominators hold missed beats, false detections and beats of other kinds."""
    outcomes = _outcomes_of_patients(classifier, mitdb, totals)
    is_own = np.isin(outcomes.reference, [*classifier.classes, NO_BEAT])
    outcomes = replace(outcomes, reference=np.where(is_own, outcomes.reference, _OTHER_KIND))
    rows = (*classifier.classes, _OTHER_KIND, NO_BEAT)
    return outcome_figures(outcomes, rows, (*classifier.classes, MISSED), classifier.classes, NO_BEAT)


def _evaluate_four_classes(classifier: BeatClassifier, mitdb: LabelledBeats, totals: ReferenceTotals) -> dict[str, Any]:
    outcomes = _outcomes_of_patients(classifier, mitdb, totals)
    outcomes = outcomes.where(np.isin(outcomes.reference, SPLIT_CLASSES))
    return outcome_figures(outcomes, SPLIT_CLASSES, (*classifier.classes, MISSED), SPLIT_CLASSES)


def _outcomes_of_patients(classifier: BeatClassifier, beats: LabelledBeats, totals: ReferenceTotals) -> Outcomes:
    return beat_outcomes(beats, classifier.predict(beats), totals, _records_of_patients(beats, totals))


def _records_of_patients(beats: LabelledBeats, totals: ReferenceTotals) -> set[str]:
    patients = set(beats.patients.tolist())
    return {name for name in totals.beats if totals.patients[name] in patients}
