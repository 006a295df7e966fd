"""How far the explanation of one window can be trusted: its faithfulness and its stability."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from backend.explain.api import default_baseline, read_parameters
from backend.explain.parameters import Value
from backend.explain.quality.comparison import measure_random_drops
from backend.explain.quality.faithfulness import Faithfulness, measure_faithfulness
from backend.explain.quality.stability import Stability, check_stability
from backend.kinds.reading import Reading
from backend.workbench.bundles import model
from backend.workbench.caching import by_model, kept
from backend.workbench.explanations import explanation
from backend.workbench.windows import classified, shifted

__all__ = ["by_chance", "faithfulness_of", "is_stability_known", "stability_of"]


def faithfulness_of(
    reading: Reading,
    number: int,
    technique: str,
    target: str,
    given: Mapping[str, object],
    fill: Value | None = None,
) -> Faithfulness:
    """Return the score reduction of one window as it loses what an explanation marks; explains it where needed.

    Parameters
    ----------
    fill : one of FILLS, optional
        The baseline value of the deletion: by default that of the explanation, else the model's usual one.

    Raises
    ------
    RecordRefused
        As ``explanation`` does.
    """
    parameters = read_parameters(technique, model(reading.model), given).values()
    chosen = parameters.get("fill", default_baseline(model(reading.model))) if fill is None else fill
    return _faithfulness(reading, number, technique, target, parameters, chosen)


@kept(by_model, most=1024)
def _faithfulness(
    reading: Reading, number: int, technique: str, target: str, parameters: Mapping[str, Any], fill: Value
) -> Faithfulness:
    values = explanation(reading, number, technique, target, parameters).values
    window = classified(reading).window_of(number)
    return measure_faithfulness(model(reading.model), window[np.newaxis], values[np.newaxis], [target], fill)[0]


@kept(by_model, most=256)
def by_chance(reading: Reading, number: int, target: str, fill: Value) -> np.ndarray:
    """Return the score reductions of a window by random deletions, ascending."""
    return measure_random_drops(model(reading.model), classified(reading).window_of(number), target, fill)


def stability_of(
    reading: Reading,
    number: int,
    technique: str,
    target: str,
    given: Mapping[str, object],
    on_step: Callable[[int, int], bool | None] | None = None,
) -> Stability:
    """Return whether the explanation of one window stays the same when what should not matter changes.

    Raises
    ------
    RecordRefused, Cancelled
        As ``explanation`` does.
    """
    parameters = read_parameters(technique, model(reading.model), given)
    slot = _stability_slot(reading, number, technique, target, parameters.values())
    if "stability" not in slot:
        window = classified(reading).window_of(number)
        moved = shifted(reading, number)
        slot["stability"] = check_stability(model(reading.model), window, technique, target, parameters, moved, on_step)
    return slot["stability"]


def is_stability_known(reading: Reading, number: int, technique: str, target: str, given: Mapping[str, object]) -> bool:
    """Return whether this stability is kept, so that it takes no time."""
    parameters = read_parameters(technique, model(reading.model), given).values()
    return "stability" in _stability_slot(reading, number, technique, target, parameters)


@kept(by_model, most=256, store=st.cache_resource)
def _stability_slot(
    reading: Reading, number: int, technique: str, target: str, parameters: Mapping[str, Any]
) -> dict[str, Stability]:
    """Return where the stability is kept once it is computed; a slot as that of an explanation."""
    return {}
