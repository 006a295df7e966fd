"""How good a risk is at telling an event from none: figures of a probability and of what came about.

All take ``is_event`` (bool, shape = (n,): whether the event came about, the death or the true alarm) and ``risk``
(float, shape = (n,): the higher, the likelier), or ``called`` (bool, shape = (n,): whether the event was called):

- ``auroc(is_event, risk)``, ``auprc(is_event, risk)``: how well the order of the risks is that of the events
- ``event_1(is_event, called)``: min(sensitivity, positive predictivity); ``event_1_threshold(is_event, risk)``
- ``brier(is_event, risk)``, ``reliability(is_event, risk)``, ``calibration_gap(is_event, risk)``: for probabilities
- ``bootstrap_interval(figure, is_event, risk)``: of any of these
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

__all__ = [
    "Bin",
    "auprc",
    "auroc",
    "bootstrap_interval",
    "brier",
    "calibration_gap",
    "event_1",
    "event_1_threshold",
    "positive_predictivity",
    "reliability",
    "sensitivity",
]


@dataclass(frozen=True)
class Bin:
    """Windows of nearly the same risk: how many, their mean risk, and in what share of them the event came about."""

    low: float
    high: float
    count: int
    mean_risk: float
    event_share: float


def auroc(is_event: np.ndarray, risk: np.ndarray) -> float:
    """Area under the receiver operating characteristic: how often an event has a greater risk than a non-event.

    Ties count half. NaN where there are no events, or nothing else.

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
    """Area under precision over recall, as average precision: no line is drawn between the thresholds.

    It is the mean, over the events, of the share of events among all windows of at least that event's risk. NaN without
    events; a risk that says nothing has the share of events.

    References
    ----------
    Davis & Goadrich 2006, "The relationship between precision-recall and ROC curves": why lines between are too kind.
    """
    is_event = np.asarray(is_event, dtype=bool)
    if not is_event.any():
        return float("nan")
    called, right = _counts_from_each_threshold(is_event, np.asarray(risk))
    return float((np.diff(right, prepend=0) * right / called).sum() / right[-1])


def sensitivity(is_event: np.ndarray, called: np.ndarray) -> float:
    """Share of the events that were called; NaN without events."""
    return _share(np.asarray(called, dtype=bool)[np.asarray(is_event, dtype=bool)])


def positive_predictivity(is_event: np.ndarray, called: np.ndarray) -> float:
    """Share of the calls that were events; NaN without calls."""
    return _share(np.asarray(is_event, dtype=bool)[np.asarray(called, dtype=bool)])


def event_1(is_event: np.ndarray, called: np.ndarray) -> float:
    """The lesser of sensitivity and positive predictivity, 0 when nothing was called.

    References
    ----------
    Silva et al. 2012, Computing in Cardiology 39:245-248: the score of the challenge's event 1.
    """
    return float(np.nan_to_num(min(sensitivity(is_event, called), positive_predictivity(is_event, called))))


def event_1_threshold(is_event: np.ndarray, risk: np.ndarray) -> float:
    """The risk from which on calling the event makes `event_1` greatest, halfway to the next lower risk.

    The scores of neighbouring thresholds are much alike on few events, so the middle of all that reach the greatest
    score is taken.
    """
    is_event, risk = np.asarray(is_event, dtype=bool), np.asarray(risk, dtype=float)
    called, right = _counts_from_each_threshold(is_event, risk)
    scores = np.minimum(right / is_event.sum(), right / called)
    best = np.flatnonzero(scores == scores.max())
    place = best[len(best) // 2]
    levels = np.unique(risk)[::-1]
    return float(levels[place : place + 2].mean())


def brier(is_event: np.ndarray, risk: np.ndarray) -> float:
    """Mean squared distance of the probability from what came about (Brier 1950, Monthly Weather Review 78(1):1-3)."""
    return float(np.mean((np.asarray(risk, dtype=float) - np.asarray(is_event, dtype=float)) ** 2))


def reliability(is_event: np.ndarray, risk: np.ndarray, bins: int = 10) -> tuple[Bin, ...]:
    """Probabilities beside what came about, in bins of equal width from 0 to 1; empty bins are left out."""
    is_event, risk = np.asarray(is_event, dtype=bool), np.asarray(risk, dtype=float)
    which = np.minimum((risk * bins).astype(int), bins - 1)
    return tuple(
        Bin(
            low=place / bins,
            high=(place + 1) / bins,
            count=int((which == place).sum()),
            mean_risk=float(risk[which == place].mean()),
            event_share=float(is_event[which == place].mean()),
        )
        for place in np.unique(which)
    )


def calibration_gap(is_event: np.ndarray, risk: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error of the event's probability: the mean distance within `reliability`'s bins."""
    rows = reliability(is_event, risk, bins)
    return sum(row.count * abs(row.event_share - row.mean_risk) for row in rows) / len(np.asarray(risk))


def bootstrap_interval(
    figure: Callable[[np.ndarray, np.ndarray], float],
    is_event: np.ndarray,
    risk: np.ndarray,
    draws: int = 1000,
    seed: int = 2012,
) -> tuple[float, float]:
    """From the 2.5th to the 97.5th percentile of a figure over windows drawn with replacement (Efron 1979).

    Parameters
    ----------
    figure : callable
        Of (is_event, risk) or (is_event, called), such as `auroc`.
    is_event, risk : arrays, shape = (n,)
    draws : int
        Those without an event, or without anything else, tell nothing and are left out.
    seed : int
    """
    is_event, risk = np.asarray(is_event, dtype=bool), np.asarray(risk)
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(len(risk), size=len(risk)) for _ in range(draws))
    found = np.array([figure(is_event[chosen], risk[chosen]) for chosen in drawn])
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return float(low), float(high)


def _counts_from_each_threshold(is_event: np.ndarray, risk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many windows, and how many events, have at least each distinct risk, from the greatest down."""
    order = np.argsort(-risk, kind="stable")
    is_last_of_level = np.append(np.diff(risk[order]) != 0, True)
    return np.flatnonzero(is_last_of_level) + 1, is_event[order].cumsum()[is_last_of_level]


def _share(chosen: np.ndarray) -> float:
    return float(chosen.mean()) if chosen.size else float("nan")
