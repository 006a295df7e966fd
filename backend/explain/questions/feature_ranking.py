"""Which variables mattered, how sure their order is, and which of them matter together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from backend.explain.api import usual_fill
from backend.explain.parameters import Value
from backend.explain.perturbation.baselines import deleted
from backend.explain.salience import Salience
from backend.explain.target_output import explained_output
from backend.explain.techniques.occlusion import scores_with_deleted
from backend.models.bundle import Bundle
from backend.windows.base import distinct

__all__ = ["Pair", "Ranked", "pairs", "ranking", "ranking_beside"]

_PARTS = 10
"""Parts of the window, of equal length, that are spared in turn."""

_MOST_PAIRED = 5


@dataclass(frozen=True)
class Ranked:
    """How much one source of a window (a lead, a sensor, a charted parameter) mattered to a class score.

    Attributes
    ----------
    variable : str
        As in ``bundle.window.sources``.
    drop : float
        By how much the score falls when the source is deleted from the whole window; below 0 it rises.
    low, high : float
        The least and the greatest drop when it is deleted but for one tenth of the window, each tenth in turn, or
        whole: far apart where its part hangs on one stretch.
    rank_low, rank_high : int
        The best and the worst place that it takes then among all sources, from 1.
    """

    variable: str
    drop: float
    low: float
    high: float
    rank_low: int
    rank_high: int


@dataclass(frozen=True)
class Pair:
    """What two sources of a window matter together.

    Attributes
    ----------
    first, second : str
    together : float
        The drop of the score when both are deleted at once.
    apart : float
        The sum of the drops when each is deleted alone. Where ``together`` is more, either can stand in for the other
        (one of them is enough); where it is less, they count together (without one the other says less).
    """

    first: str
    second: str
    together: float
    apart: float


def ranking(
    bundle: Bundle, window: np.ndarray, target: str, fill: Value | None = None, explained: str = "score"
) -> tuple[Ranked, ...]:
    """All sources that a window holds anything of, the one whose deletion lowers the score most first.

    A source of which there is nothing to delete, a sensor that was not there, is left out: it counts for nothing, and
    would take a rank.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The class whose score is explained.
    fill : one of FILLS or None
        What deleted values become; None is the model's own default.
    explained : ``score`` or ``probability``

    References
    ----------
    Li, Monroe & Jurafsky 2016, "Understanding neural networks through representation erasure", section 3 (a whole
    dimension erased); the spared tenths are our own.
    """
    sources = distinct(bundle.window.sources)
    alone = np.eye(len(sources), dtype=bool)[_are_held(bundle, window, fill, target)]
    spared = np.concatenate([np.zeros((1, len(window)), bool), _tenths(len(window))])
    hidden = ~spared[:, np.newaxis, :, np.newaxis] & alone[:, np.newaxis, :]
    drops = _drops(bundle, window, hidden.reshape(-1, len(window), len(sources)), target, fill, explained)
    drops = drops.reshape(len(spared), len(alone))
    places = 1 + np.argsort(np.argsort(-drops, axis=1, kind="stable"), axis=1)
    ranked = [
        Ranked(
            variable=sources[source],
            drop=float(drops[0, index]),
            low=float(drops[:, index].min()),
            high=float(drops[:, index].max()),
            rank_low=int(places[:, index].min()),
            rank_high=int(places[:, index].max()),
        )
        for index, source in enumerate(alone.argmax(axis=1))
    ]
    return tuple(sorted(ranked, key=lambda own: -own.drop))


def ranking_beside(bundle: Bundle, window: np.ndarray, salience: Salience) -> tuple[Ranked, ...]:
    """The ranking of a window (T, D) that speaks of the same as its salience: class, k, and score or probability."""
    told = salience.parameters
    return ranking(bundle, window, salience.target, told.get("fill"), str(told.get("explained", "score")))


def pairs(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    among: Sequence[str],
    fill: Value | None = None,
    explained: str = "score",
) -> tuple[Pair, ...]:
    """The pairs of some sources, the one that departs most from the sum of its two first.

    Parameters
    ----------
    among : sequence of str
        Sources, the most important first, as ``ranking`` gives them; the first five are paired.
    """
    sources = distinct(bundle.window.sources)
    chosen = [sources.index(source) for source in among[:_MOST_PAIRED]]
    couples = list(combinations(range(len(chosen)), 2))
    singles = np.eye(len(sources), dtype=bool)[chosen]
    groups = np.concatenate([singles, *([singles[one] | singles[other]] for one, other in couples)])
    hidden = np.repeat(groups[:, np.newaxis, :], len(window), axis=1)
    drops = _drops(bundle, window, hidden, target, fill, explained)
    alone, both = drops[: len(chosen)], drops[len(chosen) :]
    found = [
        Pair(sources[chosen[one]], sources[chosen[other]], float(together), float(alone[one] + alone[other]))
        for (one, other), together in zip(couples, both, strict=True)
    ]
    return tuple(sorted(found, key=lambda pair: -abs(pair.together - pair.apart)))


def _are_held(bundle: Bundle, window: np.ndarray, fill: Value | None, target: str) -> np.ndarray:
    """Whether a window (T, D) changes when a source is deleted from the whole of it, bool, shape = (S,)."""
    sources = distinct(bundle.window.sources)
    hidden = np.repeat(np.eye(len(sources), dtype=bool)[:, np.newaxis, :], len(window), axis=1)
    left = deleted(bundle, window, hidden, usual_fill(bundle) if fill is None else fill, target)
    return (left != window).any(axis=(1, 2))


def _tenths(steps: int) -> np.ndarray:
    """Each tenth of the steps as a mask, bool, shape = (10, steps)."""
    part_of_step = np.arange(steps) * _PARTS // steps
    return part_of_step == np.arange(_PARTS)[:, np.newaxis]


def _drops(
    bundle: Bundle, window: np.ndarray, hidden: np.ndarray, target: str, fill: Value | None, explained: str
) -> np.ndarray:
    """By how much what is explained falls with each deletion, float64, shape = (n,), of hidden (n, T, S)."""
    untouched = np.zeros((1, *hidden.shape[1:]), dtype=bool)
    instead = usual_fill(bundle) if fill is None else fill
    scores = scores_with_deleted(bundle, window, np.concatenate([untouched, hidden]), instead, target)
    outputs = explained_output(bundle, scores, target, explained)
    return outputs[0] - outputs[1:]
