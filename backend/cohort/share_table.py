"""Where the salience of each technique lies in the beats of each class."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from backend.cohort.gathering import classes, gathered, groups
from backend.cohort.parts import Part, Plan
from backend.cohort.patient_means import means_over_patients
from backend.cohort.store import Store
from backend.explain.shares import SEGMENTS, lead_columns, wave_shares
from backend.explain.techniques import TECHNIQUES, read_parameters

__all__ = ["share_table"]


def share_table(plan: Plan, parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """``Evidence.shares``: where the salience of a technique with its usual parameters lies.

    Of the windows of a class those alone count that the model names so: on the others it was asked about another one.
    A class of which it names none right has no rows.
    """
    is_right = np.array(plan.targets) == plan.cases.labels
    rows: list[tuple[object, ...]] = []
    usual = [part for part in parts if part.kind == "salience" and _is_usual(plan, part)]
    for (technique, _), of_group in groups(usual, "salience").items() if plan.cases.marks else ():
        found, positions = gathered(of_group, store)
        shares, times = _shares(plan, found["salience"], positions)
        for name, own in classes(plan, positions):
            own = own & is_right[positions]
            if not own.any():
                continue
            means = means_over_patients(shares[own], plan.cases.patients[positions[own]])
            time_means = means_over_patients(times[own], plan.cases.patients[positions[own]])
            for place, segment in enumerate(SEGMENTS):
                told = (means.values[place], means.low[place], means.high[place])
                rows.append((technique, name, segment, *told, time_means.values[place], means.counts[place]))
    columns = ["technique", "class", "segment", "share", "low", "high", "time_share", "n"]
    return pd.DataFrame(rows, columns=columns)


def _is_usual(plan: Plan, part: Part) -> bool:
    """Whether the part holds what a technique says with the parameters that the model's card gives it."""
    if part.technique not in TECHNIQUES:
        return True
    return part.parameters == read_parameters(part.technique, plan.bundle, {})


def _shares(plan: Plan, saliences: np.ndarray, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of salience and of time on SEGMENTS, float64, each (n, 6); NaN where a segment is absent."""
    assert plan.cases.marks is not None
    shape = plan.cases.values.shape[1:]
    of_salience, of_time = [], []
    for salience, position in zip(saliences, positions, strict=True):
        leads = lead_columns(plan.cases.variables[position])
        found = wave_shares(salience.reshape(shape)[:, leads], plan.cases.marks[position])
        of_salience.append(_row(found.of_salience))
        of_time.append(_row(found.of_time))
    return np.array(of_salience), np.array(of_time)


def _row(shares: Mapping[str, float | None]) -> list[float]:
    return [np.nan if (share := shares[segment]) is None else share for segment in SEGMENTS]
