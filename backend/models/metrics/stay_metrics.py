"""Figures of the risk of death: discrimination, calibration, and both after each hour."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from backend.models.metrics.binary import (
    auprc,
    auroc,
    bootstrap_interval,
    brier_score,
    event_1,
    expected_calibration_error,
    positive_predictive_value,
    reliability,
    sensitivity,
)

__all__ = ["calibration_figures", "hourly_figures", "risk_figures"]

_HOURS_SHOWN = (6, 12, 24, 36, 48)

_DIGITS = 4


def risk_figures(died: np.ndarray, risk: np.ndarray, threshold: float) -> dict[str, Any]:
    """Return the discrimination of a risk and the figures of the deaths that it predicts from a threshold on.

    Parameters
    ----------
    died : bool array, shape = (n,)
    risk : float array, shape = (n,)
        Probability of death, or another score.
    threshold : float
        Chosen on other stays.
    """
    is_predicted = risk >= threshold
    return {
        "stays": len(died),
        "deaths": int(died.sum()),
        **{
            name: {"value": _rounded(figure(died, risk)), "interval": _interval(figure, died, risk)}
            for name, figure in (("auroc", auroc), ("auprc", auprc))
        },
        "event_1": {
            "value": _rounded(event_1(died, is_predicted)),
            "interval": _interval(event_1, died, is_predicted),
            "sensitivity": _rounded(sensitivity(died, is_predicted)),
            "positive_predictivity": _rounded(positive_predictive_value(died, is_predicted)),
        },
        "accuracy": _rounded(float((is_predicted == died).mean())),
        "majority_class_share": _rounded(max(float(died.mean()), 1 - float(died.mean()))),
    }


def calibration_figures(died: np.ndarray, risk: np.ndarray) -> dict[str, Any]:
    """Return the Brier score, that of the mean risk for every stay, the expected calibration error, and ten bins."""
    return {
        "brier": _rounded(brier_score(died, risk)),
        "brier_of_the_mean": _rounded(brier_score(died, np.full(len(died), died.mean()))),
        "calibration_error": _rounded(expected_calibration_error(died, risk)),
        "reliability": [
            {name: round(value, _DIGITS) for name, value in asdict(row).items()} for row in reliability(died, risk)
        ],
    }


def hourly_figures(died: np.ndarray, risk_by_hour: np.ndarray) -> Mapping[str, Mapping[str, float]]:
    """Return AUROC, mean and calibration error of the risk after the first hours.

    Parameters
    ----------
    died : bool array, shape = (n,)
    risk_by_hour : float array, shape = (n, 48)
    """
    return {
        str(hours): {
            "auroc": _rounded(auroc(died, risk_by_hour[:, hours - 1])),
            "mean_risk": _rounded(float(risk_by_hour[:, hours - 1].mean())),
            "calibration_error": _rounded(expected_calibration_error(died, risk_by_hour[:, hours - 1])),
        }
        for hours in (1, *_HOURS_SHOWN)
    }


def _interval(figure: Any, died: np.ndarray, risk: np.ndarray) -> list[float]:
    return [_rounded(bound) for bound in bootstrap_interval(figure, died, risk)]


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS)
