"""An explanation with all that it rests on, as one document or one table."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from backend.explain.salience import Salience
from backend.models.bundle import Bundle
from backend.models.classification import ClassifiedBeats
from backend.records.record import Record
from backend.windows.corrections import Correction

__all__ = ["by_class", "explanation_document", "explanation_table"]


def explanation_document(
    record: Record,
    bundle: Bundle,
    classified: ClassifiedBeats,
    number: int,
    salience: Salience,
    corrections: Sequence[Correction] = (),
) -> dict[str, Any]:
    """An explained beat in plain values that JSON can hold; the command line and the screens give the same.

    Parameters
    ----------
    number : int
        Of the beat, from 0.
    corrections : sequence of Correction
        What a person changed of the beats that the detector found, in this order; beats are numbered after it.
    """
    windows = classified.windows
    r_peak = int(windows.anchor[number])
    return {
        "lead": classified.beats.lead,
        "detector": classified.beats.detector,
        "corrections": [asdict(correction) for correction in corrections],
        "model": bundle.name,
        "model_digest": bundle.digest,
        "record_digest": record.digest,
        "beat": number,
        "r_peak": r_peak,
        "technique": salience.technique,
        "parameters": dict(salience.parameters),
        "target": salience.target,
        "window": {
            "start_sample": round(r_peak - windows.anchor_step * record.sampling_rate / windows.sampling_rate),
            "sampling_rate": windows.sampling_rate,
            "variables": list(windows.variables),
            "values": windows.values[number].tolist(),
        },
        "scores": by_class(bundle.classes, classified.scores.scores[number]),
        "salience": salience.values.tolist(),
        "raw": salience.raw.tolist(),
        "seconds": salience.seconds,
    }


def by_class(classes: Sequence[str], values: Any) -> dict[str, float]:
    """Values by the names of their classes."""
    return {name: float(value) for name, value in zip(classes, values, strict=True)}


def explanation_table(classified: ClassifiedBeats, number: int, salience: Salience) -> pd.DataFrame:
    """An explained beat, one row a step: seconds from the R peak, then value and salience of each variable."""
    windows = classified.windows
    steps = range(windows.values.shape[1])
    columns: dict[str, Any] = {
        "step": steps,
        "time_from_r_peak_s": [(step - windows.anchor_step) / windows.sampling_rate for step in steps],
    }
    for position, variable in enumerate(windows.variables):
        columns[variable] = windows.values[number, :, position]
        columns[f"salience of {variable}"] = salience.values[:, position]
    return pd.DataFrame(columns)
