"""An explanation with all that it rests on, as one document or one table."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from backend.explain.questions.feature_ranking import Ranked
from backend.explain.salience import Salience
from backend.models.bundle import Bundle
from backend.models.classification import Classified, ClassifiedBeats
from backend.records.record import Record
from backend.windows.beats.corrections import Correction

__all__ = ["beats_described", "by_class", "explanation_document", "explanation_table"]

_TIMES = {"beat": ("time_from_r_peak_s", 1.0), "alarm": ("time_from_alarm_s", 1.0), "stay": ("time_from_end_h", 3600.0)}
"""What the column of times is called for each kind of window, and the seconds of its unit."""


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
    # A step of a stay is an hour, and the end of the stay lies at the end of the last one.
    steps_before = windows.anchor_step + (bundle.kind == "stay")
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


def beats_described(classified: ClassifiedBeats, number: int, corrections: Sequence[Correction] = ()) -> dict[str, Any]:
    """How a beat came about, in plain values for a document.

    Parameters
    ----------
    corrections : sequence of Correction
        What a person changed of the beats that the detector found, in this order; beats are numbered after it.
    """
    return {
        "lead": classified.beats.lead,
        "detector": classified.beats.detector,
        "corrections": [asdict(correction) for correction in corrections],
        "r_peak": int(classified.windows.anchor[number]),
    }


def by_class(classes: Sequence[str], values: Any) -> dict[str, float]:
    """Values by the names of their classes."""
    return {name: float(value) for name, value in zip(classes, values, strict=True)}


def explanation_table(bundle: Bundle, classified: Classified, number: int, salience: Salience) -> pd.DataFrame:
    """An explained window, one row a step: the time from its anchor, then value and salience of each variable."""
    windows = classified.windows
    steps = np.arange(windows.values.shape[1])
    time, unit_s = _TIMES[bundle.kind]
    columns: dict[str, Any] = {"step": steps, time: (steps - windows.anchor_step) / windows.sampling_rate / unit_s}
    for position, variable in enumerate(windows.variables):
        columns[variable] = windows.values[number, :, position]
        columns[f"salience of {variable}"] = salience.values[:, position]
    return pd.DataFrame(columns)
