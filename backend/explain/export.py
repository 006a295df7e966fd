"""An explanation with its inputs and parameters, as one document or one table."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from backend.explain.questions.feature_ranking import rank_explained_features
from backend.explain.questions.measurements import measure_measurements
from backend.explain.questions.tracing_share import compute_tracing_share
from backend.explain.salience import Salience
from backend.kinds.kind import kind_of
from backend.models.bundle import Bundle
from backend.models.classification import Classified
from backend.records.record import Record
from backend.windows.base import varying_columns

__all__ = ["describe_explanation", "describe_measurements", "name_scores", "tabulate_explanation"]


def describe_explanation(
    record: Record, bundle: Bundle, classified: Classified, number: int, salience: Salience
) -> dict[str, Any]:
    """Return an explained window in plain values for JSON, the same on the command line and on the screens.

    Parameters
    ----------
    number : int
        The number of the window, from 0; beats are numbered after correction.

    Returns
    -------
    dict
        Beside the salience the ranking of the variables; for a model that reads measurements of the whole window also
        the score drop of each and ``tracing_share``.
    """
    windows = classified.windows
    window = classified.window_of(number)
    anchor = int(windows.anchor[number])
    steps_before = windows.anchor_step + kind_of(bundle).time.ends_with_anchor
    return {
        "model": bundle.name,
        "model_digest": bundle.digest,
        "record_digest": record.digest,
        bundle.kind: number,
        "anchor_sample": anchor,
        "technique": salience.technique,
        "parameters": dict(salience.parameters),
        "target": salience.target,
        "window": {
            "start_sample": round(anchor - steps_before * record.sampling_rate / windows.sampling_rate),
            "sampling_rate": windows.sampling_rate,
            "variables": list(windows.variables),
            "values": window.tolist(),
        },
        "scores": name_scores(bundle.classes, classified.scores.scores[number]),
        "salience": salience.values.tolist(),
        "raw": salience.raw.tolist(),
        "seconds": salience.seconds,
        "ranking": [asdict(ranked) for ranked in rank_explained_features(bundle, window, salience)],
        **describe_measurements(bundle, window, salience.target, salience.explained),
    }


def describe_measurements(bundle: Bundle, window: np.ndarray, target: str, explained: str = "score") -> dict[str, Any]:
    """Return the score drop of each measurement of a window (T, D), and what the tracing contributes, for JSON.

    Empty for a model that reads no measurements of the whole window.
    """
    share = compute_tracing_share(bundle, window, target, explained)
    if share is None:
        return {}
    return {
        "measurements": [asdict(drop) for drop in measure_measurements(bundle, window, target, explained)],
        "tracing_share": {**asdict(share), "share": share.share},
    }


def name_scores(classes: Sequence[str], values: Any) -> dict[str, float]:
    """Return values by the names of their classes."""
    return {name: float(value) for name, value in zip(classes, values, strict=True)}


def tabulate_explanation(bundle: Bundle, classified: Classified, number: int, salience: Salience) -> pd.DataFrame:
    """Return an explained window, one row per step: time from the anchor, then input and salience of each variable.

    The input is the value that the model reads, on its own scale. Measurements of the whole window have no salience.
    """
    windows = classified.windows
    has_salience = varying_columns(bundle.window)
    steps = np.arange(windows.values.shape[1])
    time = kind_of(bundle).time
    times = (steps - windows.anchor_step) / windows.sampling_rate / time.unit_s
    columns: dict[str, Any] = {"step": steps, time.column: times}
    for position, variable in enumerate(windows.variables):
        columns[f"input of {variable}"] = windows.values[number, :, position]
        if has_salience[position]:
            columns[f"salience of {variable}"] = salience.values[:, position]
    return pd.DataFrame(columns)
