"""An explanation with all that it rests on, as one document or one table."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from backend.explain.questions.feature_ranking import Ranked
from backend.explain.salience import Salience
from backend.kinds.kind import kind_of
from backend.models.bundle import Bundle
from backend.models.classification import Classified
from backend.records.record import Record

__all__ = ["by_class", "explanation_document", "explanation_table"]


def explanation_document(
    record: Record,
    bundle: Bundle,
    classified: Classified,
    number: int,
    salience: Salience,
    ranking: Sequence[Ranked] = (),
) -> dict[str, Any]:
    """An explained window in plain values that JSON can hold; the command line and the screens give the same.

    Parameters
    ----------
    number : int
        Of the window, from 0; beats are numbered after they were corrected.
    ranking : sequence of Ranked
        Of the window's sources, where there is one.
    """
    windows = classified.windows
    anchor = int(windows.anchor[number])
    steps_before = windows.anchor_step + kind_of(bundle).time.ends_with_anchor
    found = {
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
            "values": windows.values[number].tolist(),
        },
        "scores": by_class(bundle.classes, classified.scores.scores[number]),
        "salience": salience.values.tolist(),
        "raw": salience.raw.tolist(),
        "seconds": salience.seconds,
    }
    if ranking:
        found["ranking"] = [asdict(ranked) for ranked in ranking]
    return found


def by_class(classes: Sequence[str], values: Any) -> dict[str, float]:
    """Values by the names of their classes."""
    return {name: float(value) for name, value in zip(classes, values, strict=True)}


def explanation_table(bundle: Bundle, classified: Classified, number: int, salience: Salience) -> pd.DataFrame:
    """An explained window, one row a step: the time from its anchor, then value and salience of each variable."""
    windows = classified.windows
    steps = np.arange(windows.values.shape[1])
    time = kind_of(bundle).time
    times = (steps - windows.anchor_step) / windows.sampling_rate / time.unit_s
    columns: dict[str, Any] = {"step": steps, time.column: times}
    for position, variable in enumerate(windows.variables):
        columns[variable] = windows.values[number, :, position]
        columns[f"salience of {variable}"] = salience.values[:, position]
    return pd.DataFrame(columns)
