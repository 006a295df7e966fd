"""A stay model's figures for its card, and those of its comparators on the same stays."""

from typing import Any, cast

import numpy as np

from backend.models.bundle import Bundle
from backend.models.metrics.binary import event_1_threshold
from backend.models.metrics.stay_metrics import calibration_figures, hourly_figures, risk_figures
from backend.models.network.lstm import score_prefixes, score_with_features
from backend.models.scores import certain_predictions, softmax
from backend.models.training.stays.labelled_stays import FOLDS, StaySplit
from backend.models.training.stays.last_value_regression import fit_last_values
from backend.models.training.stays.stay_ensemble import StayEnsemble
from backend.models.training.stays.stay_inputs import compose_inputs
from backend.records.stays import OUTCOMES
from backend.windows.stay_windows import StayWindow

__all__ = ["evaluate_comparators", "evaluate_other_split", "evaluate_test_set", "risk_of_death"]

_DEATH = OUTCOMES.index("death")
_EARLIER_TRIALS = {
    "gradient boosting on first, last, least, greatest, mean and count of each variable": {
        "auroc": 0.849,
        "event_1": 0.516,
    },
    "logistic regression on last values": {"auroc": 0.832, "event_1": 0.491},
    "SAPS-I": {"auroc": 0.64},
}


def risk_of_death(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Return the probability of death, shape = (...), from class scores (..., 2)."""
    return softmax(scores, temperature)[..., _DEATH]


def evaluate_test_set(bundle: Bundle, split: StaySplit) -> dict[str, Any]:
    """Return the card's figures on the test set, with those of the comparators."""
    values = compose_inputs(split.test, cast(StayWindow, bundle.window))
    by_hour = score_prefixes(bundle.network, values)
    calibrated = by_hour if bundle.prefixes is None else bundle.prefixes.apply(by_hour)
    died, threshold = split.test.died, bundle.card["death_called_from"]
    risk = risk_of_death(by_hour[:, -1], bundle.temperature)
    is_certain = certain_predictions(bundle, by_hour[:, -1])
    is_correct = (risk >= threshold) == died
    is_ood = np.zeros(len(values), dtype=bool)
    if bundle.ood_detector is not None:
        is_ood = bundle.ood_detector.detect(values, score_with_features(bundle.network, values)[1])
    return {
        **risk_figures(died, risk, threshold),
        "calibration": calibration_figures(died, risk),
        "by_hours": hourly_figures(died, risk_of_death(calibrated, bundle.temperature)),
        "uncertain_share": round(1 - float(is_certain.mean()), 4),
        "accuracy_of_certain": _mean_or_none(is_correct[is_certain]),
        "accuracy_of_uncertain": _mean_or_none(is_correct[~is_certain]),
        "unlike_share": round(float(is_ood.mean()), 4),
        "beside": evaluate_comparators(split),
    }


def evaluate_comparators(split: StaySplit) -> dict[str, Any]:
    """Return the figures of SAPS-I and of a logistic regression, their thresholds chosen on the training stays.

    A stay whose SAPS-I is unknown gets the median of the training stays.
    """
    training, test = split.training, split.test
    median = np.nanmedian(training.saps)
    saps = [np.where(np.isnan(stays.saps), median, stays.saps) for stays in (training, test)]
    regression = fit_last_values(training.last, training.died)
    held_out = np.zeros(len(training))
    for fold in range(FOLDS):
        out = split.folds == fold
        held_out[out] = fit_last_values(training.last[~out], training.died[~out]).risk(training.last[out])
    return {
        "SAPS-I": risk_figures(test.died, saps[1], event_1_threshold(training.died, saps[0])),
        "logistic regression on last values": risk_figures(
            test.died, regression.risk(test.last), event_1_threshold(training.died, held_out)
        ),
    }


def evaluate_other_split(ensemble: StayEnsemble, split: StaySplit) -> dict[str, Any]:
    """Return the figures of an ensemble trained on set a on all of set b, the split that other publications use."""
    held_out = risk_of_death(ensemble.committee.held_out_scores[:, -1], ensemble.temperature)
    by_hour = score_prefixes(ensemble.committee.network, compose_inputs(split.test, ensemble.window))
    risk = risk_of_death(by_hour[:, -1], ensemble.temperature)
    return {
        "what": "trained on set a (epochs, temperature and threshold chosen within it), tested on all of set b",
        **risk_figures(split.test.died, risk, event_1_threshold(split.training.died, held_out)),
        "calibration": calibration_figures(split.test.died, risk),
        "beside": evaluate_comparators(split),
        "earlier_trials": _EARLIER_TRIALS,
    }


def _mean_or_none(is_correct: np.ndarray) -> float | None:
    return round(float(is_correct.mean()), 4) if is_correct.size else None
