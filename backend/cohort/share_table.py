"""Where the salience of each technique lies in the beats of each class."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backend.cohort.cluster_bootstrap import means_over_patients
from backend.cohort.gathering import classes, gathered, groups
from backend.cohort.job_store import Store
from backend.cohort.plan import Part, Plan
from backend.explain.api import TECHNIQUES, read_parameters
from backend.explain.quality.wave_agreement import PARTS, shares_of_many

__all__ = ["share_table"]


def share_table(plan: Plan, parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """``Evidence.shares``: where the salience of a technique with its usual parameters lies; a segment is one of PARTS.

    Of the windows of a class those alone count that the model names so: on the others it was asked about another one.
    A class of which it names none right has no rows.
    """
    marks = plan.cases.marks or ()
    is_right = np.array(plan.targets) == plan.cases.labels
    rows: list[tuple[object, ...]] = []
    usual = [part for part in parts if part.kind == "salience" and _is_usual(plan, part)] if marks else []
    for (technique, _), of_group in groups(usual, "salience").items():
        found, positions = gathered(of_group, store)
        shares, times = shares_of_many(
            found["salience"].reshape(-1, *plan.cases.values.shape[1:]),
            [plan.cases.variables[position] for position in positions],
            [marks[position] for position in positions],
        )
        times[np.isnan(shares)] = np.nan
        for name, own in classes(plan, positions):
            own = own & is_right[positions]
            if not own.any():
                continue
            means = means_over_patients(shares[own], plan.cases.patients[positions[own]])
            time_means = means_over_patients(times[own], plan.cases.patients[positions[own]])
            for place, segment in enumerate(PARTS):
                told = (means.values[place], means.low[place], means.high[place])
                rows.append((technique, name, segment, *told, time_means.values[place], means.counts[place]))
    columns = ["technique", "class", "segment", "share", "low", "high", "time_share", "n"]
    return pd.DataFrame(rows, columns=columns)


def _is_usual(plan: Plan, part: Part) -> bool:
    """Whether the part holds what a technique says with the parameters that the model's card gives it."""
    if part.technique not in TECHNIQUES:
        return True
    return part.parameters == read_parameters(part.technique, plan.bundle, {})
