"""Variable importance: score drops when variables are removed, alone and in pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from backend.explain.api import default_baseline
from backend.explain.parameters import Value
from backend.explain.perturbation.baselines import delete_sources
from backend.explain.salience import Salience
from backend.explain.target_output import select_output
from backend.explain.techniques.occlusion import score_with_deletions
from backend.models.bundle import Bundle
from backend.windows.base import varying_sources

__all__ = ["Pair", "RankedFeature", "measure_pairs", "rank_explained_features", "rank_features"]

_TENTHS = 10
"""Parts of the window, of equal length, that are kept in turn."""

_MOST_PAIRED = 5


@dataclass(frozen=True)
class RankedFeature:
    """The importance of one source of a window (a lead, a sensor, a charted parameter) for a class score.

    Attributes
    ----------
    variable : str
        As in ``bundle.window.sources``.
    drop : float
        Score drop when the source is deleted from the whole window; negative if the score rises.
    low, high : float
        The smallest and the largest drop when the source is deleted wholly or except in one tenth of the window, each
        tenth in turn; a wide range means that one stretch matters.
    rank_low, rank_high : int
        The best and the worst rank among all sources in these deletions, from 1.
    """

    variable: str
    drop: float
    low: float
    high: float
    rank_low: int
    rank_high: int


@dataclass(frozen=True)
class Pair:
    """The score drops of two sources of a window, together and separately.

    Attributes
    ----------
    first, second : str
    together : float
        Score drop when both are deleted together.
    separate : float
        The sum of the drops when each is deleted alone. ``classify_interaction`` compares the two.
    """

    first: str
    second: str
    together: float
    separate: float


def rank_features(
    bundle: Bundle, window: np.ndarray, target: str, baseline: Value | None = None, explained: str = "score"
) -> tuple[RankedFeature, ...]:
    """Return the varying sources of a window ranked by the score drop when each is deleted, the largest first.

    A source that deletion does not change, such as a missing sensor, gets no rank. Sources that are measured once for
    the whole window are not ranked: see ``measurements``.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The class whose score is explained.
    fill : one of FILLS or None
        The baseline value; None is the default of the model.
    explained : ``score`` or ``probability``

    Notes
    -----
    Departure from the paper:

    - The range of a drop comes from keeping each tenth of the window in turn.

    References
    ----------
    Li, Monroe & Jurafsky 2016, "Understanding neural networks through representation erasure", section 3 (a whole
    dimension erased).
    """
    sources = varying_sources(bundle.window)
    alone = np.eye(len(sources), dtype=bool)[_find_present_sources(bundle, window, baseline, target)]
    tenth_of_step = np.arange(len(window)) * _TENTHS // len(window)
    tenths = tenth_of_step == np.arange(_TENTHS)[:, np.newaxis]
    kept = np.concatenate([np.zeros((1, len(window)), bool), tenths])
    hidden = ~kept[:, np.newaxis, :, np.newaxis] & alone[:, np.newaxis, :]
    drops = _measure_drops(bundle, window, hidden.reshape(-1, len(window), len(sources)), target, baseline, explained)
    drops = drops.reshape(len(kept), len(alone))
    ranks = 1 + np.argsort(np.argsort(-drops, axis=1, kind="stable"), axis=1)
    ranked = [
        RankedFeature(
            variable=sources[source],
            drop=float(drops[0, index]),
            low=float(drops[:, index].min()),
            high=float(drops[:, index].max()),
            rank_low=int(ranks[:, index].min()),
            rank_high=int(ranks[:, index].max()),
        )
        for index, source in enumerate(alone.argmax(axis=1))
    ]
    return tuple(sorted(ranked, key=lambda feature: -feature.drop))


def rank_explained_features(bundle: Bundle, window: np.ndarray, salience: Salience) -> tuple[RankedFeature, ...]:
    """Return the ranking of a window (T, D) for the target, baseline value and output of its salience."""
    return rank_features(bundle, window, salience.target, salience.parameters.get("fill"), salience.explained)


def measure_pairs(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    among: Sequence[str],
    baseline: Value | None = None,
    explained: str = "score",
) -> tuple[Pair, ...]:
    """Return the pairs of some sources, the strongest interaction first.

    Parameters
    ----------
    among : sequence of str
        Sources, the most important first, as ``rank_features`` returns them; the first five are paired.
    """
    sources = varying_sources(bundle.window)
    chosen = [sources.index(source) for source in among[:_MOST_PAIRED]]
    pairs = list(combinations(range(len(chosen)), 2))
    singles = np.eye(len(sources), dtype=bool)[chosen]
    groups = np.concatenate([singles, *([singles[one] | singles[other]] for one, other in pairs)])
    hidden = np.repeat(groups[:, np.newaxis, :], len(window), axis=1)
    drops = _measure_drops(bundle, window, hidden, target, baseline, explained)
    alone, both = drops[: len(chosen)], drops[len(chosen) :]
    measured = [
        Pair(sources[chosen[one]], sources[chosen[other]], float(together), float(alone[one] + alone[other]))
        for (one, other), together in zip(pairs, both, strict=True)
    ]
    return tuple(sorted(measured, key=lambda pair: -abs(pair.together - pair.separate)))


def _find_present_sources(bundle: Bundle, window: np.ndarray, baseline: Value | None, target: str) -> np.ndarray:
    """Return whether deleting each source changes the window (T, D), bool, shape = (V,)."""
    sources = varying_sources(bundle.window)
    hidden = np.repeat(np.eye(len(sources), dtype=bool)[:, np.newaxis, :], len(window), axis=1)
    changed = delete_sources(bundle, window, hidden, default_baseline(bundle) if baseline is None else baseline, target)
    return (changed != window).any(axis=(1, 2))


def _measure_drops(
    bundle: Bundle, window: np.ndarray, hidden: np.ndarray, target: str, baseline: Value | None, explained: str
) -> np.ndarray:
    """Return how far the explained output falls after each deletion (n, T, V), float64, shape = (n,)."""
    intact = np.zeros((1, *hidden.shape[1:]), dtype=bool)
    baseline = default_baseline(bundle) if baseline is None else baseline
    scores = score_with_deletions(bundle, window, np.concatenate([intact, hidden]), baseline, target)
    outputs = select_output(bundle, scores, target, explained)
    return outputs[0] - outputs[1:]
