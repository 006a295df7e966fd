"""Figures of a binary prediction: discrimination, calibration and confidence intervals.

All functions take ``is_event`` (bool, shape = (n,): whether the event, such as death or a true alarm, occurred) and
either ``risk`` (float, shape = (n,): the predicted probability or another score) or ``is_predicted`` (bool,
shape = (n,): whether the event was predicted):

- discrimination of ``risk``: `auroc`, `auprc`
- figures of ``is_predicted``: `sensitivity`, `positive_predictive_value`, `event_1` (the lesser of the two)
- threshold on ``risk`` that maximises `event_1`: `event_1_threshold`
- calibration of ``risk``: `brier_score`, `reliability`, `expected_calibration_error`
- confidence interval of any of them: `bootstrap_interval`
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

__all__ = [
    "ReliabilityBin",
    "auprc",
    "auroc",
    "bootstrap_interval",
    "brier_score",
    "event_1",
    "event_1_threshold",
    "expected_calibration_error",
    "positive_predictive_value",
    "reliability",
    "sensitivity",
]


@dataclass(frozen=True)
class ReliabilityBin:
    """Windows with a risk from ``low`` to ``high``: their number, mean risk and share of events."""

    low: float
    high: float
    count: int
    mean_risk: float
    event_share: float


def auroc(is_event: np.ndarray, risk: np.ndarray) -> float:
    """Return the area under the receiver operating characteristic curve.

    It is the probability that an event has a greater risk than a non-event; ties count half. NaN without events or
    without non-events.

    References
    ----------
    Hanley & McNeil 1982, Radiology 143(1):29-36: the area is the Wilcoxon statistic.
    """
    is_event = np.asarray(is_event, dtype=bool)
    n_events = int(is_event.sum())
    n_others = len(is_event) - n_events
    if not n_events or not n_others:
        return float("nan")
    above = rankdata(risk)[is_event].sum() - n_events * (n_events + 1) / 2
    return float(above / (n_events * n_others))


def auprc(is_event: np.ndarray, risk: np.ndarray) -> float:
    """Return the area under the precision-recall curve as average precision, without interpolation.

    It is the mean, over the events, of the share of events among all windows of at least that event's risk. A random
    risk has the share of events. NaN without events.

    References
    ----------
    Davis & Goadrich 2006, "The relationship between precision-recall and ROC curves": why interpolation is too
    optimistic.
    """
    is_event = np.asarray(is_event, dtype=bool)
    if not is_event.any():
        return float("nan")
    n_predicted, n_correct = _count_by_threshold(is_event, np.asarray(risk))
    return float((np.diff(n_correct, prepend=0) * n_correct / n_predicted).sum() / n_correct[-1])


def sensitivity(is_event: np.ndarray, is_predicted: np.ndarray) -> float:
    """Return the share of the events that were predicted; NaN without events."""
    return _mean_or_nan(np.asarray(is_predicted, dtype=bool)[np.asarray(is_event, dtype=bool)])


def positive_predictive_value(is_event: np.ndarray, is_predicted: np.ndarray) -> float:
    """Return the share of the predicted events that occurred; NaN without predictions."""
    return _mean_or_nan(np.asarray(is_event, dtype=bool)[np.asarray(is_predicted, dtype=bool)])


def event_1(is_event: np.ndarray, is_predicted: np.ndarray) -> float:
    """Return the lesser of sensitivity and positive predictive value, 0 if nothing was predicted.

    References
    ----------
    Silva et al. 2012, Computing in Cardiology 39:245-248: the score of the challenge's event 1.
    """
    return float(
        np.nan_to_num(min(sensitivity(is_event, is_predicted), positive_predictive_value(is_event, is_predicted)))
    )


def event_1_threshold(is_event: np.ndarray, risk: np.ndarray) -> float:
    """Return the threshold on the risk that maximises `event_1`, halfway to the next lower risk.

    With few events several thresholds reach the maximum; the middle one is taken.
    """
    is_event, risk = np.asarray(is_event, dtype=bool), np.asarray(risk, dtype=float)
    n_predicted, n_correct = _count_by_threshold(is_event, risk)
    scores = np.minimum(n_correct / is_event.sum(), n_correct / n_predicted)
    best = np.flatnonzero(scores == scores.max())
    place = best[len(best) // 2]
    levels = np.unique(risk)[::-1]
    return float(levels[place : place + 2].mean())


def brier_score(is_event: np.ndarray, risk: np.ndarray) -> float:
    """Return the mean squared difference between probability and outcome.

    References
    ----------
    Brier 1950, Monthly Weather Review 78(1):1-3.
    """
    return float(np.mean((np.asarray(risk, dtype=float) - np.asarray(is_event, dtype=float)) ** 2))


def reliability(is_event: np.ndarray, risk: np.ndarray, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """Return mean risk and share of events in bins of equal width from 0 to 1, without the empty ones."""
    is_event, risk = np.asarray(is_event, dtype=bool), np.asarray(risk, dtype=float)
    which = np.minimum((risk * bins).astype(int), bins - 1)
    return tuple(
        ReliabilityBin(
            low=place / bins,
            high=(place + 1) / bins,
            count=int((which == place).sum()),
            mean_risk=float(risk[which == place].mean()),
            event_share=float(is_event[which == place].mean()),
        )
        for place in np.unique(which)
    )


def expected_calibration_error(is_event: np.ndarray, risk: np.ndarray, bins: int = 10) -> float:
    """Return the mean difference between risk and share of events over the windows of `reliability`'s bins."""
    rows = reliability(is_event, risk, bins)
    return sum(row.count * abs(row.event_share - row.mean_risk) for row in rows) / len(np.asarray(risk))


def bootstrap_interval(
    figure: Callable[[np.ndarray, np.ndarray], float],
    is_event: np.ndarray,
    risk: np.ndarray,
    draws: int = 1000,
    seed: int = 2012,
) -> tuple[float, float]:
    """Return the 95% confidence interval of a figure, by the percentile bootstrap over windows (Efron 1979).

    Parameters
    ----------
    figure : callable
        ``figure(is_event, risk)`` or ``figure(is_event, is_predicted)``, such as `auroc`.
    is_event, risk : arrays, shape = (n,)
    draws : int
        Draws in which the figure is NaN are excluded.
    seed : int
    """
    is_event, risk = np.asarray(is_event, dtype=bool), np.asarray(risk)
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(len(risk), size=len(risk)) for _ in range(draws))
    values = np.array([figure(is_event[chosen], risk[chosen]) for chosen in drawn])
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def _count_by_threshold(is_event: np.ndarray, risk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of windows and of events with at least each distinct risk, from the greatest down."""
    order = np.argsort(-risk, kind="stable")
    is_last_of_level = np.append(np.diff(risk[order]) != 0, True)
    return np.flatnonzero(is_last_of_level) + 1, is_event[order].cumsum()[is_last_of_level]


def _mean_or_nan(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")
