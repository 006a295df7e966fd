"""How good a model of stays is, beside what it has to beat, as its card says it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from backend.models.metrics.binary import (
    auprc,
    auroc,
    bootstrap_interval,
    brier,
    calibration_gap,
    event_1,
    positive_predictivity,
    reliability,
    sensitivity,
)

__all__ = ["calibration_figures", "figures_of_risk", "hourly_figures"]

_HOURS_SHOWN = (6, 12, 24, 36, 48)

_DIGITS = 4


def _order_figures(died: np.ndarray, risk: np.ndarray) -> dict[str, Any]:
    """Areas under both curves, each with its interval: what can be said of any risk, on whatever scale.

    Parameters
    ----------
    died : bool array, shape = (n,)
    risk : float array, shape = (n,)
    """
    return {
        name: {"value": _rounded(figure(died, risk)), "interval": _interval(figure, died, risk)}
        for name, figure in (("auroc", auroc), ("auprc", auprc))
    }


def _called_figures(died: np.ndarray, called: np.ndarray) -> dict[str, Any]:
    """The challenge's event 1 score with its interval and what it is the lesser of."""
    return {
        "event_1": {
            "value": _rounded(event_1(died, called)),
            "interval": _interval(event_1, died, called),
            "sensitivity": _rounded(sensitivity(died, called)),
            "positive_predictivity": _rounded(positive_predictivity(died, called)),
        }
    }


def figures_of_risk(died: np.ndarray, risk: np.ndarray, threshold: float) -> dict[str, Any]:
    """All figures of one risk that deaths are called from a threshold of.

    Parameters
    ----------
    died : bool array, shape = (n,)
    risk : float array, shape = (n,)
        Probability of death.
    threshold : float
        Chosen on other stays.
    """
    called = risk >= threshold
    return {
        "stays": len(died),
        "deaths": int(died.sum()),
        **_order_figures(died, risk),
        **_called_figures(died, called),
        "accuracy": _rounded(float((called == died).mean())),
        "majority_class_share": _rounded(max(float(died.mean()), 1 - float(died.mean()))),
    }


def calibration_figures(died: np.ndarray, risk: np.ndarray) -> dict[str, Any]:
    """Brier score (and that of calling every stay the mean), expected calibration error, and ten bins."""
    return {
        "brier": _rounded(brier(died, risk)),
        "brier_of_the_mean": _rounded(brier(died, np.full(len(died), died.mean()))),
        "calibration_error": _rounded(calibration_gap(died, risk)),
        "reliability": [
            {name: round(value, _DIGITS) for name, value in asdict(row).items()} for row in reliability(died, risk)
        ],
    }


def hourly_figures(died: np.ndarray, risk_by_hour: np.ndarray) -> Mapping[str, Mapping[str, float]]:
    """What the risk is worth when only the first hours are known, and its mean beside the share that died.

    Parameters
    ----------
    died : bool array, shape = (n,)
    risk_by_hour : float array, shape = (n, 48)
    """
    return {
        str(hours): {
            "auroc": _rounded(auroc(died, risk_by_hour[:, hours - 1])),
            "mean_risk": _rounded(float(risk_by_hour[:, hours - 1].mean())),
            "calibration_error": _rounded(calibration_gap(died, risk_by_hour[:, hours - 1])),
        }
        for hours in (1, *_HOURS_SHOWN)
    }


def _interval(figure: Any, died: np.ndarray, risk: np.ndarray) -> list[float]:
    return [_rounded(bound) for bound in bootstrap_interval(figure, died, risk)]


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS)
