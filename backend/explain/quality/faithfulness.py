"""How faithful a salience is to the model: what the score does when that is deleted which it points at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Value
from backend.explain.perturbation.ranked_deletion import Order, scores_without
from backend.models.bundle import Bundle

__all__ = ["ALPHAS", "SHARES", "Faithfulness", "around", "comprehensivenesses", "faithfulness"]

ALPHAS: tuple[float, ...] = tuple(round(0.05 * step, 2) for step in range(20))
"""Thresholds of the salience: 0 to 0.95, by van der Westhuizen & Lasenby 2018, section 4.2."""

SHARES: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
"""Shares of the entries that are deleted, or left, whatever their salience."""

_CURVE = (*SHARES, 0.75)
"""Where the curves of deletion and insertion are known beside their ends; straight in between."""


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """What the score of a class does as a window loses what a salience points at, in units of the score.

    An entry is one step of one distinct source of the window; N is their number.

    Attributes
    ----------
    drops : float64 array, shape = (A,)
        For each of ALPHAS the fall of the score when the M entries whose salience exceeds it are deleted, times
        (N - M) / N, so that deleting nearly all earns nearly nothing.
    occluded : float64 array, shape = (A,)
        M / N for each of ALPHAS.
    comprehensiveness : float
        Mean over SHARES of the fall of the score when that share, the most salient, is deleted. More is better.
    sufficiency : float
        Mean over SHARES of the fall of the score when all but that share is deleted. Less is better.
    area : float
        Between the curve of the score as the most salient entries return to an empty window one after the other, and
        the one as they are taken from the full one, over the share of entries from 0 to 1. More is better.
    """

    drops: np.ndarray
    occluded: np.ndarray
    comprehensiveness: float
    sufficiency: float
    area: float


def faithfulness(
    bundle: Bundle, windows: np.ndarray, saliences: np.ndarray, targets: Sequence[str], fill: Value
) -> tuple[Faithfulness, ...]:
    """How faithful each of several saliences is to the model.

    Entries that do not change when they are deleted (a lead that is not there, a value that is 0 where 0 stands for
    what is deleted) are entries all the same: a salience that points at them gains nothing and pays for it.

    Entries of equal salience are ordered by lot, by a seed that hangs on the window alone, so that a window's figures
    are the same in whatever batch it is. A constant salience is therefore deleted at random as far as shares go; it
    exceeds every threshold, or none, as a whole.

    Parameters
    ----------
    bundle : Bundle
    windows : float32 array, shape = (n, T, D)
    saliences : float array, shape = (n, T, D)
        In 0..1; a source has the greatest salience of its columns.
    targets : sequence of str, length n
        The explained class of each window.
    fill : one of FILLS
        What deleted entries become.

    Raises
    ------
    RecordRefused
        If the model has no such class, or not what ``fill`` needs.

    References
    ----------
    van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 4.2:
    with one variable ``drops`` are theirs, (T - M) / T times the fall; with several, entries take the place of steps.
    DeYoung et al. 2020 (ERASER), section 4, for comprehensiveness and sufficiency, there of probabilities and over
    1 to 50 %; Petsiuk et al. 2018 (RISE), section 4.1, for deletion and insertion, there as two figures.
    """
    orders = [Order.of(bundle, window, salience) for window, salience in zip(windows, saliences, strict=True)]
    wanted = [_deletions(order) for order in orders]
    scores = scores_without(bundle, windows, orders, wanted, targets, fill)
    return tuple(map(_judged, orders, scores))


def comprehensivenesses(
    bundle: Bundle, windows: np.ndarray, saliences: np.ndarray, targets: Sequence[str], fill: Value
) -> np.ndarray:
    """``Faithfulness.comprehensiveness`` of each window alone, float64, shape = (n,), in less than half of the time."""
    orders = [Order.of(bundle, window, salience) for window, salience in zip(windows, saliences, strict=True)]
    wanted = [np.concatenate([[[0, 0]], _most_salient(order.counts(SHARES))]) for order in orders]
    scores = scores_without(bundle, windows, orders, wanted, targets, fill)
    return np.array([own[0] - own[1:].mean() for own in scores])


def around(bundle: Bundle, anchor_step: int) -> np.ndarray:
    """The control that knows nothing but where the beat is: 1 at the anchor, less with the distance from it.

    Parameters
    ----------
    anchor_step : int
        Of the R peak; of other windows the step that they hang on (``Windows.anchor_step``).

    Returns
    -------
    float32 array, shape = (T, D)
        0 at the step that is farthest away; all columns are the same.
    """
    distance = np.abs(np.arange(bundle.window.steps) - anchor_step)
    near = (1.0 - distance / distance.max()).astype(np.float32)
    return np.repeat(near[:, np.newaxis], len(bundle.window.variables), axis=1)


def _most_salient(counts: np.ndarray) -> np.ndarray:
    """Ranks from and to which entries are deleted, shape = (n, 2), where the first of them go."""
    return np.stack([np.zeros_like(counts), counts], axis=1)


def _deletions(order: Order) -> np.ndarray:
    """All that is deleted from one window to judge a salience, as ranks from and to, int64, shape = (rows, 2).

    In this order: nothing; all; those that exceed each of ALPHAS; the first ones, for each of _CURVE; all others.
    """
    entries, counts = order.ranks.size, order.counts(_CURVE)
    return np.concatenate(
        [
            [[0, 0], [0, entries]],
            _most_salient(order.exceeding(ALPHAS)),
            _most_salient(counts),
            np.stack([counts, np.full_like(counts, entries)], axis=1),
        ]
    )


def _judged(order: Order, scores: np.ndarray) -> Faithfulness:
    """From the scores (rows,) after what ``_deletions`` lists."""
    full, empty = scores[:2]
    at_alphas, without, alone = np.split(scores[2:], [len(ALPHAS), len(ALPHAS) + len(_CURVE)])
    occluded = order.exceeding(ALPHAS) / order.ranks.size
    shares = np.concatenate([[0.0], order.counts(_CURVE) / order.ranks.size, [1.0]])
    between = np.concatenate([[empty - full], alone - without, [full - empty]])
    return Faithfulness(
        drops=(full - at_alphas) * (1.0 - occluded),
        occluded=occluded,
        comprehensiveness=float(full - without[: len(SHARES)].mean()),
        sufficiency=float(full - alone[: len(SHARES)].mean()),
        area=float(np.trapezoid(between, shares)),
    )
