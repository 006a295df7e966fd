"""The evidence about the explanations of a model on its test set: small tables beside the model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from backend.cohort.job_store import write_table
from backend.models.bundle import BUNDLES
from backend.records.record import RecordRefused

__all__ = ["ALL", "AROUND_R", "Evidence", "read_evidence", "write_evidence"]

ALL = "all"
"""The name of the whole test set in the column ``class``."""

AROUND_R = "around R"
"""The control that only knows the position of the beat."""

_FOLDER = "evidence"
_ABOUT = "about.json"


@dataclass(frozen=True, eq=False)
class Evidence:
    """Tables over the test set, by reference class (``all`` for all); ``low`` to ``high`` is a 95% interval.

    Attributes
    ----------
    curves : DataFrame
        ``technique``, ``fill``, ``class``, ``alpha``; ``drop``, the score reduction when entries above alpha are
        deleted, with ``low`` and ``high``; ``occluded``, their share; ``n`` windows.
    measures : DataFrame
        ``technique``, ``fill``, ``class``, ``measure`` (``comprehensiveness``, ``sufficiency``, ``area``), ``value``,
        ``low``, ``high``; ``over_random`` and ``over_around_r``, the difference from a control on the same windows,
        each with ``_low`` and ``_high``, NaN for the control itself; ``n``.
    shares : DataFrame
        ``technique``, ``class``, ``segment``; ``share`` of the salience on it, ``low``, ``high``; ``time_share``,
        ``n``.
    sanity : DataFrame
        ``technique``, ``stage`` from 1, ``randomised``; rank ``correlation`` with the real salience, ``low``, ``high``,
        ``n``.
    stability : DataFrame
        ``technique``, ``variation``; the median rank ``correlation``, ``low`` and ``high`` as its 10th and 90th
        percentiles, ``n``.
    verdicts : DataFrame
        ``technique``, ``verdict``, the ``share`` of the windows with it, ``n``.
    beats : DataFrame
        ``class``, ``patients``, ``beats``, ``right``: the number of windows, and of correctly classified ones.
    about : mapping
        What was evaluated and how: model, digests, command, versions, the ``seconds`` on one core, and any incomplete
        techniques as ``unfinished``.
    """

    curves: pd.DataFrame
    measures: pd.DataFrame
    shares: pd.DataFrame
    sanity: pd.DataFrame
    stability: pd.DataFrame
    verdicts: pd.DataFrame
    beats: pd.DataFrame
    about: Mapping[str, Any]


_TABLES = tuple(field.name for field in fields(Evidence) if field.name != "about")


def read_evidence(model: str, folder: Path = BUNDLES) -> Evidence | None:
    """Return the evidence beside a model, or None.

    Raises
    ------
    RecordRefused
        If the evidence cannot be read.
    """
    own = folder / model / _FOLDER
    if not (own / _ABOUT).is_file():
        return None
    try:
        about = json.loads((own / _ABOUT).read_text(encoding="utf-8"))
        tables = {name: pq.read_table(own / f"{name}.parquet").to_pandas() for name in _TABLES}
    except (OSError, ValueError, pa.ArrowException) as error:
        raise RecordRefused(
            f"The evidence of {model} cannot be read. Restore its folder, or evaluate the model again."
        ) from error
    return Evidence(**tables, about=about)


def write_evidence(evidence: Evidence, folder: Path) -> None:
    """Write the tables (real numbers as float32) and ``about`` to ``folder``/evidence."""
    own = folder / _FOLDER
    for name in _TABLES:
        table = getattr(evidence, name)
        small = {column: "float32" for column, kind in table.dtypes.items() if kind == "float64"}
        write_table(pa.Table.from_pandas(table.astype(small), preserve_index=False), own / f"{name}.parquet")
    about = json.dumps(dict(evidence.about), indent=2, ensure_ascii=False) + "\n"
    (own / _ABOUT).write_text(about, encoding="utf-8")
