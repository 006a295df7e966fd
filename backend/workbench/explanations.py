"""Why the model scores a class of one window as it does, and what it would say of a changed window."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from backend.explain.api import explain, read_parameters
from backend.explain.parameters import Value
from backend.explain.questions.feature_ranking import Pair, RankedFeature, measure_pairs, rank_features
from backend.explain.questions.measurements import MeasurementDrop, measure_measurements
from backend.explain.questions.tracing_share import TracingShare, compute_tracing_share
from backend.explain.questions.what_if import WhatIf, what_if
from backend.explain.salience import Salience
from backend.explain.techniques.lrp import LRPParameters, measure_lost_shares
from backend.kinds.reading import Reading
from backend.workbench.bundles import model
from backend.workbench.caching import by_model, kept
from backend.workbench.windows import classified

__all__ = [
    "explanation",
    "is_explained",
    "lost_share",
    "measurements",
    "pairs",
    "ranking",
    "tracing_share",
    "with_deleted",
]


@kept(by_model, most=256)
def with_deleted(
    reading: Reading,
    number: int,
    stretch: tuple[int, int] | None,
    fill: Value,
    sources: tuple[str, ...] | None = None,
    measurements: tuple[str, ...] = (),
) -> WhatIf:
    """Return the prediction once a stretch of a window is deleted, in some of the model's sources, or measurements."""
    window = classified(reading).window_of(number)
    return what_if(model(reading.model), window, stretch, fill, sources, measurements)


@kept(by_model, most=256)
def measurements(reading: Reading, number: int, target: str, explained: str = "score") -> tuple[MeasurementDrop, ...]:
    """Return how far each measurement of a window supports the class; empty where the model reads none."""
    return measure_measurements(model(reading.model), classified(reading).window_of(number), target, explained)


@kept(by_model, most=256)
def lost_share(reading: Reading, number: int, technique: str, target: str, given: Mapping[str, object]) -> float | None:
    """Return the share of the score that LRP loses to stabiliser and biases; None for any other technique."""
    parameters = read_parameters(technique, model(reading.model), given)
    if not isinstance(parameters, LRPParameters):
        return None
    windows = classified(reading).window_of(number)[None]
    return float(measure_lost_shares(model(reading.model), windows, (target,), parameters)[0])


@kept(by_model, most=256)
def tracing_share(reading: Reading, number: int, target: str, explained: str = "score") -> TracingShare | None:
    """Return what tracing and measurements contribute to the class; None where the model reads no measurements."""
    return compute_tracing_share(model(reading.model), classified(reading).window_of(number), target, explained)


@kept(by_model, most=64)
def ranking(reading: Reading, number: int, target: str, fill: Value | None = None) -> tuple[RankedFeature, ...]:
    """Return the sources of a window by their importance, the most important first."""
    return rank_features(model(reading.model), classified(reading).window_of(number), target, fill)


@kept(by_model, most=64)
def pairs(reading: Reading, number: int, target: str, fill: Value | None = None) -> tuple[Pair, ...]:
    """Return the pairwise interactions of the five most important sources."""
    among = [ranked.variable for ranked in ranking(reading, number, target, fill)]
    return measure_pairs(model(reading.model), classified(reading).window_of(number), target, among, fill)


def explanation(
    reading: Reading,
    number: int,
    technique: str,
    target: str,
    given: Mapping[str, object],
    on_step: Callable[[int, int], bool | None] | None = None,
) -> Salience:
    """Return the salience of one window.

    Raises
    ------
    RecordRefused
        If the technique, the class or a parameter does not exist.
    Cancelled
        If ``on_step`` returned False.
    """
    parameters = read_parameters(technique, model(reading.model), given)
    slot = _salience_slot(reading, number, technique, target, parameters.values())
    if "salience" not in slot:
        window = classified(reading).window_of(number)
        slot["salience"] = explain(model(reading.model), window, technique, target, parameters, on_step)
    return slot["salience"]


def is_explained(reading: Reading, number: int, technique: str, target: str, given: Mapping[str, object]) -> bool:
    """Return whether this explanation is kept, so that it takes no time."""
    parameters = read_parameters(technique, model(reading.model), given).values()
    return "salience" in _salience_slot(reading, number, technique, target, parameters)


@kept(by_model, most=1024, store=st.cache_resource)
def _salience_slot(
    reading: Reading, number: int, technique: str, target: str, parameters: Mapping[str, Any]
) -> dict[str, Salience]:
    """Return where the explanation is kept once it is computed.

    A slot rather than a cached function, since the work draws its progress, which a cached function may not.
    """
    return {}
