"""How good a model is at telling true alarms from false ones, beside the rule that knows the alarm's type alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.models.metrics.binary import auroc, bootstrap_interval, brier, calibration_gap
from backend.records.alarms import ALARM_KINDS

__all__ = ["TypeRule", "alarm_figures", "best_threshold", "challenge_score"]

MISS_COST = 5
"""A true alarm that is called false counts as much as five false ones that are called true."""

_ROUNDS = 20


def challenge_score(is_true: np.ndarray, called: np.ndarray) -> float:
    """The score of the challenge, 0 to 100: (TP + TN) / (TP + TN + FP + 5 FN).

    Parameters
    ----------
    is_true, called : bool arrays, shape = (n,)
        Whether each alarm is true, and whether it is called true.

    References
    ----------
    G. D. Clifford et al., Computing in Cardiology 42:273-276, 2015.
    """
    is_true, called = np.asarray(is_true, dtype=bool), np.asarray(called, dtype=bool)
    right = int((is_true == called).sum())
    missed = int((is_true & ~called).sum())
    return 100.0 * right / (right + int((~is_true & called).sum()) + MISS_COST * missed)


def best_threshold(is_true: np.ndarray, risk: np.ndarray) -> float:
    """The probability of a true alarm from which on to call it true, for the challenge's score.

    Of the thresholds themselves the greatest score of a few hundred alarms jumps from one to the next. But where
    probabilities are calibrated, calling an alarm of probability p true is right p times and false 1 - p; the second
    misses 4 p more than it counts. With a score of s (0 to 1) the first raises the score where p > 1 - p - 4 s p, so
    from 1 / (2 + 4 s) on: and s, which hardly depends on the threshold, is all that is taken from the alarms.

    Parameters
    ----------
    is_true : bool array, shape = (n,)
    risk : array, shape = (n,)
        Calibrated probabilities of windows that were not trained on.

    References
    ----------
    W. Dinkelbach, "On nonlinear fractional programming", Management Science 13(7):492-498, 1967.
    """
    threshold = 0.5
    for _ in range(_ROUNDS):
        score = challenge_score(is_true, risk >= threshold) / 100.0
        threshold = 1.0 / (2.0 + (MISS_COST - 1) * score)
    return threshold


@dataclass(frozen=True)
class TypeRule:
    """Decide by the alarm's type alone.

    Attributes
    ----------
    true_shares : tuple of float
        For each of ALARM_KINDS the share of true alarms among those that the rule was learnt from.
    """

    true_shares: tuple[float, ...]

    @staticmethod
    def learnt(kinds: np.ndarray, is_true: np.ndarray) -> "TypeRule":
        """From alarms with their kinds (places in ALARM_KINDS) and labels."""
        return TypeRule(tuple(float(is_true[kinds == kind].mean()) for kind in range(len(ALARM_KINDS))))

    def risk(self, kinds: np.ndarray) -> np.ndarray:
        """The share of true alarms of each alarm's type, shape = (n,)."""
        return np.array(self.true_shares)[kinds]


def alarm_figures(
    is_true: np.ndarray, risk: np.ndarray, called: np.ndarray, by_type: np.ndarray, kinds: np.ndarray
) -> dict[str, Any]:
    """Everything that a card says of one set of alarms: in all and for each kind, the rule beside the model.

    Parameters
    ----------
    is_true : bool array, shape = (n,)
    risk : array, shape = (n,)
        Calibrated probabilities of a true alarm.
    called : bool array, shape = (n,)
        Whether the model calls the alarm true.
    by_type : array, shape = (n,)
        What a `TypeRule` of the training alarms gives; it calls a type true that is so in more than half of them.
    kinds : int array, shape = (n,)
    """
    found: dict[str, Any] = _figures(is_true, risk, called)
    found["auc_interval"] = _interval(auroc, is_true, risk)
    found["challenge_score_interval"] = _interval(challenge_score, is_true, called, 1)
    found["brier"] = round(brier(is_true, risk), 4)
    found["calibration_gap"] = round(calibration_gap(is_true, risk), 4)
    found["by_type_alone"] = _figures(is_true, by_type, by_type > 0.5)
    found["kinds"] = {}
    for place, kind in enumerate(ALARM_KINDS):
        own = kinds == place
        if own.any():
            of_kind = _figures(is_true[own], risk[own], called[own])
            of_rule = _figures(is_true[own], by_type[own], by_type[own] > 0.5)
            found["kinds"][kind] = of_kind | {"by_type_alone": of_rule}
    return found


def _figures(is_true: np.ndarray, risk: np.ndarray, called: np.ndarray) -> dict[str, Any]:
    n_true = int(is_true.sum())
    return {
        "alarms": len(is_true),
        "true_alarms": n_true,
        "auc": _rounded(auroc(is_true, risk)),
        "accuracy": round(float((is_true == called).mean()), 4),
        "majority_class_share": round(max(n_true, len(is_true) - n_true) / len(is_true), 4),
        "challenge_score": round(challenge_score(is_true, called), 1),
        "missed_true_alarms": int((is_true & ~called).sum()),
        "suppressed_false_alarms": int((~is_true & ~called).sum()),
    }


def _rounded(figure: float) -> float | None:
    """None for what cannot be told, as JSON knows no NaN."""
    return None if np.isnan(figure) else round(figure, 4)


def _interval(
    figure: Callable[[np.ndarray, np.ndarray], float], is_true: np.ndarray, told: np.ndarray, digits: int = 4
) -> list[float]:
    """From the 2.5th to the 97.5th percentile over alarms drawn with replacement."""
    return [round(limit, digits) for limit in bootstrap_interval(figure, is_true, told)]
