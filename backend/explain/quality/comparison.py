"""Several explanations of one window side by side: how far they agree, and how far each is better than chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from backend.explain.parameters import Value
from backend.explain.quality.faithfulness import Faithfulness, comprehensivenesses
from backend.explain.quality.rank_correlation import rank_correlations
from backend.explain.quality.stability import Stability
from backend.explain.salience import Salience, by_source
from backend.explain.techniques.random_control import RandomParameters, random_control
from backend.models.bundle import Bundle

__all__ = [
    "CONTROL",
    "Compared",
    "agreements",
    "comparison_document",
    "comparison_table",
    "drops_by_chance",
    "mean_agreements",
]

CONTROL = "random"
"""The technique that never asked the model: agreement with it speaks for nobody."""

_DRAWS = 20


@dataclass(frozen=True, eq=False)
class Compared:
    """One technique's word on a window.

    Attributes
    ----------
    salience : Salience
    faithfulness : Faithfulness
    """

    salience: Salience
    faithfulness: Faithfulness


def agreements(bundle: Bundle, saliences: Sequence[Salience]) -> np.ndarray:
    """Spearman's rank correlation of each salience with each, over all steps of all sources, float64, shape = (k, k).

    NaN where one of the two is the same everywhere.
    """
    entries = [by_source(salience.values, bundle.window.sources) for salience in saliences]
    return rank_correlations(entries) if entries else np.zeros((0, 0))


def mean_agreements(techniques: Sequence[str], correlations: np.ndarray) -> np.ndarray:
    """The mean of each technique's correlations with the others, float64, shape = (k,); the control is no other.

    NaN where there is none.

    Parameters
    ----------
    techniques : sequence of str, length k
    correlations : array, shape = (k, k)
    """
    counts = ~np.eye(len(techniques), dtype=bool) & np.array([name != CONTROL for name in techniques], dtype=bool)
    counts &= np.isfinite(correlations)
    sums, others = np.where(counts, correlations, 0.0).sum(axis=1), counts.sum(axis=1)
    return np.divide(sums, others, out=np.full(len(techniques), np.nan), where=others > 0)


def drops_by_chance(bundle: Bundle, window: np.ndarray, target: str, fill: Value) -> np.ndarray:
    """``Faithfulness.comprehensiveness`` of 20 random saliences of one window (T, D), ascending.

    Returns
    -------
    float64 array, shape = (20,)

    Raises
    ------
    RecordRefused
        If the model has no such class, or not what ``fill`` needs.
    """
    drawn = [random_control(bundle, window, target, RandomParameters(seed)).values for seed in range(1, _DRAWS + 1)]
    windows = np.repeat(window[np.newaxis], _DRAWS, axis=0)
    return np.sort(comprehensivenesses(bundle, windows, np.stack(drawn), [target] * _DRAWS, fill))


def comparison_table(bundle: Bundle, compared: Sequence[Compared], fill: Value, by_chance: np.ndarray) -> pd.DataFrame:
    """One row a technique: its seconds, its faithfulness beside chance, its rank correlation with each other.

    Parameters
    ----------
    fill : one of FILLS
        What deleted values became.
    by_chance : array, shape = (20,)
        As ``drops_by_chance`` gives it.
    """
    techniques = [own.salience.technique for own in compared]
    correlations = agreements(bundle, [own.salience for own in compared])
    columns: dict[str, Any] = {
        "technique": techniques,
        "target": [own.salience.target for own in compared],
        "fill": fill,
        "seconds": [own.salience.seconds for own in compared],
        "comprehensiveness": [own.faithfulness.comprehensiveness for own in compared],
        "comprehensiveness by chance": float(by_chance.mean()),
        "sufficiency": [own.faithfulness.sufficiency for own in compared],
        "area": [own.faithfulness.area for own in compared],
        "mean correlation": mean_agreements(techniques, correlations),
    }
    columns |= {f"correlation with {name}": correlations[:, place] for place, name in enumerate(techniques)}
    return pd.DataFrame(columns)


def comparison_document(
    bundle: Bundle,
    compared: Sequence[Compared],
    fill: Value,
    by_chance: np.ndarray,
    stabilities: Mapping[str, Stability] = MappingProxyType({}),
) -> dict[str, Any]:
    """All of a comparison in plain values that JSON can hold; what is not known is None.

    Parameters
    ----------
    fill, by_chance
        As for ``comparison_table``.
    stabilities : mapping of technique to Stability
        Of those for which it was asked.
    """
    correlations = agreements(bundle, [own.salience for own in compared])
    return {
        "model": bundle.name,
        "model_digest": bundle.digest,
        "fill": fill,
        "comprehensiveness_by_chance": by_chance.tolist(),
        "techniques": [_described(own, stabilities.get(own.salience.technique)) for own in compared],
        "rank_correlations": [[float(value) if np.isfinite(value) else None for value in row] for row in correlations],
    }


def _described(own: Compared, stability: Stability | None) -> dict[str, Any]:
    salience = own.salience
    return {
        "technique": salience.technique,
        "parameters": dict(salience.parameters),
        "target": salience.target,
        "seconds": salience.seconds,
        "faithfulness": _plain(own.faithfulness),
        "stability": None if stability is None else _plain(stability),
        "salience": salience.values.tolist(),
        "raw": salience.raw.tolist(),
    }


def _plain(measured: Faithfulness | Stability) -> dict[str, Any]:
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else dict(value) if isinstance(value, Mapping) else value
        for name, value in vars(measured).items()
    }
