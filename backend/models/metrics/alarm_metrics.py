"""Figures of an alarm model, and of a baseline that knows only the alarm's type."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.models.metrics.binary import auroc, bootstrap_interval, brier_score, expected_calibration_error
from backend.records.alarms import ALARM_KINDS

__all__ = ["TypeBaseline", "alarm_figures", "challenge_score", "optimal_threshold"]

MISS_COST = 5
"""A missed true alarm counts as much as five false alarms that are predicted true."""

_N_ROUNDS = 20


def challenge_score(is_true: np.ndarray, is_predicted: np.ndarray) -> float:
    """Return the score of the challenge, 0 to 100: (TP + TN) / (TP + TN + FP + 5 FN).

    Parameters
    ----------
    is_true, is_predicted : bool arrays, shape = (n,)
        Whether each alarm is true, and whether it is predicted to be true.

    References
    ----------
    G. D. Clifford et al., Computing in Cardiology 42:273-276, 2015.
    """
    is_true, is_predicted = np.asarray(is_true, dtype=bool), np.asarray(is_predicted, dtype=bool)
    n_correct = int((is_true == is_predicted).sum())
    n_missed = int((is_true & ~is_predicted).sum())
    return 100.0 * n_correct / (n_correct + int((~is_true & is_predicted).sum()) + MISS_COST * n_missed)


def optimal_threshold(is_true: np.ndarray, risk: np.ndarray) -> float:
    """Return the threshold on the probability of a true alarm that maximises the expected challenge score.

    On a few hundred alarms, the score as a function of the threshold is too noisy to maximise directly. With calibrated
    probabilities, predicting an alarm of probability p to be true is correct with probability p; predicting it to be
    false is correct with probability 1 - p and otherwise adds 4 to the denominator. At a score of s (0 to 1), the first
    is better if p > 1 - p - 4 s p, which gives the threshold 1 / (2 + 4 s). Only s, which hardly depends on the
    threshold, is estimated from the alarms, by iteration.

    Parameters
    ----------
    is_true : bool array, shape = (n,)
    risk : array, shape = (n,)
        Calibrated probabilities of windows that the network was not trained on.

    References
    ----------
    W. Dinkelbach, "On nonlinear fractional programming", Management Science 13(7):492-498, 1967.
    """
    threshold = 0.5
    for _ in range(_N_ROUNDS):
        score = challenge_score(is_true, risk >= threshold) / 100.0
        threshold = 1.0 / (2.0 + (MISS_COST - 1) * score)
    return threshold


@dataclass(frozen=True)
class TypeBaseline:
    """A prediction from the alarm's type alone.

    Attributes
    ----------
    true_shares : tuple of float
        Share of true alarms among the training alarms of each of ALARM_KINDS.
    """

    true_shares: tuple[float, ...]

    @staticmethod
    def fit(kinds: np.ndarray, is_true: np.ndarray) -> "TypeBaseline":
        """Return the baseline of training alarms with these kinds (positions in ALARM_KINDS) and labels."""
        return TypeBaseline(tuple(float(is_true[kinds == kind].mean()) for kind in range(len(ALARM_KINDS))))

    def risk(self, kinds: np.ndarray) -> np.ndarray:
        """Return the share of true alarms of each alarm's type, shape = (n,)."""
        return np.array(self.true_shares)[kinds]


def alarm_figures(
    is_true: np.ndarray, risk: np.ndarray, is_predicted: np.ndarray, by_type: np.ndarray, kinds: np.ndarray
) -> dict[str, Any]:
    """Return the card's figures on one set of alarms, overall and by kind, with those of the baseline.

    Parameters
    ----------
    is_true : bool array, shape = (n,)
    risk : array, shape = (n,)
        Calibrated probabilities of a true alarm.
    is_predicted : bool array, shape = (n,)
        Whether the model predicts a true alarm.
    by_type : array, shape = (n,)
        Risk by a `TypeBaseline` of the training alarms; it predicts a true alarm above 0.5.
    kinds : int array, shape = (n,)
    """
    figures: dict[str, Any] = _figures(is_true, risk, is_predicted)
    figures["auc_interval"] = _interval(auroc, is_true, risk)
    figures["challenge_score_interval"] = _interval(challenge_score, is_true, is_predicted, 1)
    figures["brier"] = round(brier_score(is_true, risk), 4)
    figures["calibration_gap"] = round(expected_calibration_error(is_true, risk), 4)
    figures["by_type_alone"] = _figures(is_true, by_type, by_type > 0.5)
    figures["kinds"] = {}
    for place, kind in enumerate(ALARM_KINDS):
        is_kind = kinds == place
        if is_kind.any():
            of_model = _figures(is_true[is_kind], risk[is_kind], is_predicted[is_kind])
            of_baseline = _figures(is_true[is_kind], by_type[is_kind], by_type[is_kind] > 0.5)
            figures["kinds"][kind] = of_model | {"by_type_alone": of_baseline}
    return figures


def _figures(is_true: np.ndarray, risk: np.ndarray, is_predicted: np.ndarray) -> dict[str, Any]:
    n_true = int(is_true.sum())
    return {
        "alarms": len(is_true),
        "true_alarms": n_true,
        "auc": _rounded(auroc(is_true, risk)),
        "accuracy": round(float((is_true == is_predicted).mean()), 4),
        "majority_class_share": round(max(n_true, len(is_true) - n_true) / len(is_true), 4),
        "challenge_score": round(challenge_score(is_true, is_predicted), 1),
        "missed_true_alarms": int((is_true & ~is_predicted).sum()),
        "suppressed_false_alarms": int((~is_true & ~is_predicted).sum()),
    }


def _rounded(figure: float) -> float | None:
    """Return the figure with four decimals; None for NaN, which JSON lacks."""
    return None if np.isnan(figure) else round(figure, 4)


def _interval(
    figure: Callable[[np.ndarray, np.ndarray], float], is_true: np.ndarray, prediction: np.ndarray, digits: int = 4
) -> list[float]:
    return [round(limit, digits) for limit in bootstrap_interval(figure, is_true, prediction)]
