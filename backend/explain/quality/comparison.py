"""Several explanations of one window: their agreement, and how each compares with random deletion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from backend.explain.parameters import Value
from backend.explain.quality.faithfulness import Faithfulness, measure_comprehensiveness
from backend.explain.quality.rank_correlation import rank_correlations
from backend.explain.quality.stability import Stability
from backend.explain.salience import Salience, max_by_source
from backend.explain.techniques.random_control import RandomParameters, random_control
from backend.models.bundle import Bundle

__all__ = [
    "CONTROL",
    "ComparedTechnique",
    "average_correlations",
    "correlate_saliences",
    "describe_comparison",
    "measure_random_drops",
    "tabulate_comparison",
]

CONTROL = "random"
"""The technique that ignores the model; agreement with it does not count."""

_DRAWS = 20


@dataclass(frozen=True, eq=False)
class ComparedTechnique:
    """The salience of one technique with its faithfulness.

    Attributes
    ----------
    salience : Salience
    faithfulness : Faithfulness
    """

    salience: Salience
    faithfulness: Faithfulness


def correlate_saliences(bundle: Bundle, saliences: Sequence[Salience]) -> np.ndarray:
    """Return Spearman's rank correlation of each pair of saliences, over all varying sources, float64, shape = (k, k).

    NaN where one of the two is constant.
    """
    entries = [max_by_source(salience.values, bundle.window) for salience in saliences]
    return rank_correlations(entries) if entries else np.zeros((0, 0))


def average_correlations(techniques: Sequence[str], correlations: np.ndarray) -> np.ndarray:
    """Return the mean correlation of each technique with the others, without the control, float64, shape = (k,).

    NaN where no correlation is known.

    Parameters
    ----------
    techniques : sequence of str, length k
    correlations : array, shape = (k, k)
    """
    counts = ~np.eye(len(techniques), dtype=bool) & np.array([name != CONTROL for name in techniques], dtype=bool)
    counts &= np.isfinite(correlations)
    sums, others = np.where(counts, correlations, 0.0).sum(axis=1), counts.sum(axis=1)
    return np.divide(sums, others, out=np.full(len(techniques), np.nan), where=others > 0)


def measure_random_drops(bundle: Bundle, window: np.ndarray, target: str, baseline: Value) -> np.ndarray:
    """Return the ``Faithfulness.comprehensiveness`` of 20 random saliences of one window (T, D), ascending.

    Returns
    -------
    float64 array, shape = (20,)

    Raises
    ------
    RecordRefused
        If the model lacks the class, or the class means that the baseline needs.
    """
    saliences = [random_control(bundle, window, target, RandomParameters(seed)).values for seed in range(1, _DRAWS + 1)]
    windows = np.repeat(window[np.newaxis], _DRAWS, axis=0)
    return np.sort(measure_comprehensiveness(bundle, windows, np.stack(saliences), [target] * _DRAWS, baseline))


def tabulate_comparison(
    bundle: Bundle, compared: Sequence[ComparedTechnique], baseline: Value, by_chance: np.ndarray
) -> pd.DataFrame:
    """Return one row per technique: seconds, faithfulness beside chance, rank correlation with the others.

    Parameters
    ----------
    fill : one of FILLS
        The baseline value of the deleted entries.
    by_chance : array, shape = (20,)
        As ``measure_random_drops`` returns it.
    """
    techniques = [result.salience.technique for result in compared]
    correlations = correlate_saliences(bundle, [result.salience for result in compared])
    columns: dict[str, Any] = {
        "technique": techniques,
        "target": [result.salience.target for result in compared],
        "fill": baseline,
        "seconds": [result.salience.seconds for result in compared],
        "comprehensiveness": [result.faithfulness.comprehensiveness for result in compared],
        "comprehensiveness by chance": float(by_chance.mean()),
        "sufficiency": [result.faithfulness.sufficiency for result in compared],
        "area": [result.faithfulness.area for result in compared],
        "mean correlation": average_correlations(techniques, correlations),
    }
    columns |= {f"correlation with {name}": correlations[:, place] for place, name in enumerate(techniques)}
    return pd.DataFrame(columns)


def describe_comparison(
    bundle: Bundle,
    compared: Sequence[ComparedTechnique],
    baseline: Value,
    by_chance: np.ndarray,
    stabilities: Mapping[str, Stability] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return a comparison in plain values for JSON; unknown values are None.

    Parameters
    ----------
    baseline, by_chance
        As for ``tabulate_comparison``.
    stabilities : mapping of technique to Stability
        Of the techniques that were checked.
    """
    correlations = correlate_saliences(bundle, [result.salience for result in compared])
    return {
        "model": bundle.name,
        "model_digest": bundle.digest,
        "fill": baseline,
        "comprehensiveness_by_chance": by_chance.tolist(),
        "techniques": [_describe(result, stabilities.get(result.salience.technique)) for result in compared],
        "rank_correlations": [[float(value) if np.isfinite(value) else None for value in row] for row in correlations],
    }


def _describe(result: ComparedTechnique, stability: Stability | None) -> dict[str, Any]:
    salience = result.salience
    return {
        "technique": salience.technique,
        "parameters": dict(salience.parameters),
        "target": salience.target,
        "seconds": salience.seconds,
        "faithfulness": _to_plain(result.faithfulness),
        "stability": None if stability is None else _to_plain(stability),
        "salience": salience.values.tolist(),
        "raw": salience.raw.tolist(),
    }


def _to_plain(measured: Faithfulness | Stability) -> dict[str, Any]:
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else dict(value) if isinstance(value, Mapping) else value
        for name, value in vars(measured).items()
    }
