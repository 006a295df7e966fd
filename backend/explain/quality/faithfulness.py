"""Faithfulness of a salience to the model: how the score changes when salient entries are deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Value
from backend.explain.perturbation.ranked_deletion import SalienceRanks, rank_entries, score_deletions
from backend.models.bundle import Bundle

__all__ = [
    "SHARES",
    "THRESHOLDS",
    "Faithfulness",
    "make_anchor_control",
    "measure_comprehensiveness",
    "measure_faithfulness",
]

THRESHOLDS: tuple[float, ...] = tuple(round(0.05 * step, 2) for step in range(20))
"""Thresholds of the salience: 0 to 0.95, by van der Westhuizen & Lasenby 2018, section 4.2."""

SHARES: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
"""Shares of the entries that are deleted, or kept, by rank."""

_CURVE = (*SHARES, 0.75)
"""The points of the deletion and insertion curves between their ends; linear in between."""


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """How the score of a class falls as the entries that a salience marks are deleted, in units of the score.

    An entry is one step of one varying source of the window; N is their number.

    Attributes
    ----------
    drops : float64 array, shape = (A,)
        For each of ALPHAS the fall of the score when the M entries whose salience exceeds it are deleted, times
        (N - M) / N, so that deleting nearly all earns nearly nothing.
    occluded : float64 array, shape = (A,)
        M / N for each of ALPHAS.
    comprehensiveness : float
        Mean score reduction over SHARES when that share, the most salient, is deleted. Higher is better.
    sufficiency : float
        Mean score reduction over SHARES when all but that share is deleted. Lower is better.
    area : float
        Area between the insertion curve (the most salient entries return to an empty window) and the deletion curve
        (they leave the full window) over the share of entries from 0 to 1. Higher is better.
    """

    drops: np.ndarray
    occluded: np.ndarray
    comprehensiveness: float
    sufficiency: float
    area: float


def measure_faithfulness(
    bundle: Bundle, windows: np.ndarray, saliences: np.ndarray, targets: Sequence[str], baseline: Value
) -> tuple[Faithfulness, ...]:
    """Return the faithfulness of several saliences, one for each window.

    Entries that deletion does not change (of a missing lead, or equal to the baseline) count as entries: a salience
    that marks them loses by it.

    Ties are broken at random with a seed that depends only on the window, so that figures do not depend on the batch.
    A constant salience is therefore deleted at random for each share; as a whole it exceeds a threshold or does not.

    Parameters
    ----------
    bundle : Bundle
    windows : float32 array, shape = (n, T, D)
    saliences : float array, shape = (n, T, D)
        In 0..1; a source has the maximum salience of its columns.
    targets : sequence of str, length n
        The explained class of each window.
    fill : one of FILLS
        The baseline value of deleted entries.

    Raises
    ------
    RecordRefused
        If the model lacks the class, or the class means that the baseline needs.

    Notes
    -----
    Departures from the papers:

    - ``drops``: with several variables, entries take the place of time steps.
    - Comprehensiveness and sufficiency are measured on the score rather than the probability, over 2 to 50% rather than
      1 to 50%.
    - Deletion and insertion are combined in one area.

    References
    ----------
    van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 4.2
    (``drops``); DeYoung et al. 2020 (ERASER), section 4 (comprehensiveness and sufficiency); Petsiuk et al. 2018
    (RISE), section 4.1 (deletion and insertion).
    """
    ranked = [rank_entries(bundle, window, salience) for window, salience in zip(windows, saliences, strict=True)]
    deletions = [_list_deletions(ranks) for ranks in ranked]
    scores = score_deletions(bundle, windows, ranked, deletions, targets, baseline)
    return tuple(map(_summarise, ranked, scores))


def measure_comprehensiveness(
    bundle: Bundle, windows: np.ndarray, saliences: np.ndarray, targets: Sequence[str], baseline: Value
) -> np.ndarray:
    """Return only the ``Faithfulness.comprehensiveness`` of each window, float64, shape = (n,); twice as fast."""
    ranked = [rank_entries(bundle, window, salience) for window, salience in zip(windows, saliences, strict=True)]
    deletions = [np.concatenate([[[0, 0]], _up_to(ranks.count_shares(SHARES))]) for ranks in ranked]
    scores = score_deletions(bundle, windows, ranked, deletions, targets, baseline)
    return np.array([window_scores[0] - window_scores[1:].mean() for window_scores in scores])


def make_anchor_control(bundle: Bundle, anchor_step: int) -> np.ndarray:
    """Return a control that only knows the position of the anchor: 1 there, falling with the distance.

    Parameters
    ----------
    anchor_step : int
        The step of the R peak or another anchor (``Windows.anchor_step``).

    Returns
    -------
    float32 array, shape = (T, D)
        0 at the farthest step; all columns are equal.
    """
    distance = np.abs(np.arange(bundle.window.steps) - anchor_step)
    proximity = (1.0 - distance / distance.max()).astype(np.float32)
    return np.repeat(proximity[:, np.newaxis], len(bundle.window.variables), axis=1)


def _up_to(counts: np.ndarray) -> np.ndarray:
    """Return the deletions of the first ranks, shape = (n, 2)."""
    return np.stack([np.zeros_like(counts), counts], axis=1)


def _list_deletions(ranked: SalienceRanks) -> np.ndarray:
    """Return all deletions of one window as first and end ranks, int64, shape = (n_deletions, 2).

    In this order: nothing; everything; the entries above each of THRESHOLDS; the first share, for each of _CURVE; the
    rest, for each of _CURVE.
    """
    entries, counts = ranked.ranks.size, ranked.count_shares(_CURVE)
    return np.concatenate(
        [
            [[0, 0], [0, entries]],
            _up_to(ranked.count_above(THRESHOLDS)),
            _up_to(counts),
            np.stack([counts, np.full_like(counts, entries)], axis=1),
        ]
    )


def _summarise(ranked: SalienceRanks, scores: np.ndarray) -> Faithfulness:
    """Return the faithfulness from the scores (n_deletions,) after what ``_list_deletions`` lists."""
    full, empty = scores[:2]
    at_thresholds, deleted, kept = np.split(scores[2:], [len(THRESHOLDS), len(THRESHOLDS) + len(_CURVE)])
    occluded = ranked.count_above(THRESHOLDS) / ranked.ranks.size
    shares = np.concatenate([[0.0], ranked.count_shares(_CURVE) / ranked.ranks.size, [1.0]])
    heights = np.concatenate([[empty - full], kept - deleted, [full - empty]])
    return Faithfulness(
        drops=(full - at_thresholds) * (1.0 - occluded),
        occluded=occluded,
        comprehensiveness=float(full - deleted[: len(SHARES)].mean()),
        sufficiency=float(full - kept[: len(SHARES)].mean()),
        area=float(np.trapezoid(heights, shares)),
    )
