"""An alarm model's figures for its card: on the test set and in the cross-validation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.models.bundle import Bundle
from backend.models.metrics.alarm_metrics import TypeBaseline, alarm_figures
from backend.models.network.lstm import score_with_features
from backend.models.scores import certain_predictions, softmax
from backend.models.thresholds import decision_threshold
from backend.models.training.alarms.alarm_inputs import compose_inputs
from backend.models.training.alarms.labelled_alarms import ALARM_CLASSES, LabelledAlarms
from backend.models.training.committee import Committee

__all__ = ["TRUE_ALARM", "AlarmCommittee", "cross_validate", "evaluate_test_set"]

TRUE_ALARM = ALARM_CLASSES.index("true alarm")

_FOLD_FIGURES = ("alarms", "true_alarms", "auc", "accuracy", "majority_class_share", "challenge_score")


@dataclass(frozen=True, eq=False)
class AlarmCommittee:
    """A committee with the temperature and the threshold that are fitted to its held-out scores."""

    committee: Committee
    temperature: float
    threshold: float

    def risk(self, values: np.ndarray) -> np.ndarray:
        """Return the calibrated probability of a true alarm, shape = (n,), of windows (n, T, D)."""
        return softmax(score_with_features(self.committee.network, values)[0], self.temperature)[:, TRUE_ALARM]


def cross_validate(alarms: LabelledAlarms, folds: np.ndarray, committees: Sequence[AlarmCommittee]) -> dict[str, Any]:
    """Return the figures of each fold by the committee that was not trained on it, and of all folds together.

    Parameters
    ----------
    alarms : LabelledAlarms
    folds : int array, shape = (n,)
    committees : sequence of AlarmCommittee
        One for each fold.
    """
    risk, by_type = np.zeros(len(alarms)), np.zeros(len(alarms))
    is_predicted = np.zeros(len(alarms), dtype=bool)
    rows = []
    for fold, trained in enumerate(committees):
        is_out = folds == fold
        held_out = alarms.select(is_out)
        baseline = TypeBaseline.fit(alarms.kinds[~is_out], alarms.is_true[~is_out])
        risk[is_out] = trained.risk(compose_inputs(held_out))
        is_predicted[is_out] = risk[is_out] >= trained.threshold
        by_type[is_out] = baseline.risk(alarms.kinds[is_out])
        figures = alarm_figures(held_out.is_true, risk[is_out], is_predicted[is_out], by_type[is_out], held_out.kinds)
        rows.append({name: figures[name] for name in _FOLD_FIGURES} | {"named_true_from": round(trained.threshold, 3)})
    return {"folds": rows, "all": alarm_figures(alarms.is_true, risk, is_predicted, by_type, alarms.kinds)}


def evaluate_test_set(bundle: Bundle, test: LabelledAlarms, training: LabelledAlarms) -> dict[str, Any]:
    """Return the card's figures on the test set.

    Parameters
    ----------
    bundle : Bundle
    test : LabelledAlarms
    training : LabelledAlarms
        Which the baseline that knows only the alarm's type is fitted to.
    """
    values = compose_inputs(test)
    scores, features = score_with_features(bundle.network, values)
    risk = softmax(scores, bundle.temperature)[:, TRUE_ALARM]
    is_predicted = risk >= decision_threshold(bundle, ALARM_CLASSES[TRUE_ALARM])
    baseline = TypeBaseline.fit(training.kinds, training.is_true)
    figures = alarm_figures(test.is_true, risk, is_predicted, baseline.risk(test.kinds), test.kinds)
    is_certain = certain_predictions(bundle, scores)
    is_correct = is_predicted == test.is_true
    certainty = {
        "uncertain_share": 1.0 - float(is_certain.mean()),
        "accuracy_of_certain": float(is_correct[is_certain].mean()) if is_certain.any() else 1.0,
        "accuracy_of_uncertain": float(is_correct[~is_certain].mean()) if not is_certain.all() else 1.0,
    }
    if bundle.ood_detector is not None:
        certainty["unlike_share"] = float(bundle.ood_detector.detect(values, features).mean())
    return figures | {name: round(value, 4) for name, value in certainty.items()}
