"""The table of salience by wave for each technique and class."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backend.cohort.job_store import Store
from backend.cohort.plan import Part, Plan
from backend.cohort.tables.gathered_parts import group_parts, join_parts, select_classes
from backend.explain.api import TECHNIQUES, read_parameters
from backend.explain.quality.wave_agreement import PARTS, compute_part_shares
from backend.models.metrics.cluster_bootstrap import bootstrap_means

__all__ = ["share_table"]


def share_table(plan: Plan, parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """Return ``Evidence.shares``: salience by wave of a technique with default parameters; a segment is one of PARTS.

    Only correctly classified windows count, since the explanation of another window is about another class. A class
    without any has no rows.
    """
    marks = plan.cases.marks or ()
    is_right = np.array(plan.targets) == plan.cases.labels
    rows: list[tuple[object, ...]] = []
    with_defaults = [part for part in parts if part.kind == "salience" and _has_defaults(plan, part)] if marks else []
    for (technique, _), parts_of_group in group_parts(with_defaults, "salience").items():
        joined, positions = join_parts(parts_of_group, store)
        shares, times = compute_part_shares(
            joined["salience"].reshape(-1, *plan.cases.values.shape[1:]),
            plan.bundle.window.sources,
            [plan.cases.variables[position] for position in positions],
            [marks[position] for position in positions],
        )
        times[np.isnan(shares)] = np.nan
        for name, in_class in select_classes(plan, positions):
            in_class = in_class & is_right[positions]
            if not in_class.any():
                continue
            means = bootstrap_means(shares[in_class], plan.cases.patients[positions[in_class]])
            time_means = bootstrap_means(times[in_class], plan.cases.patients[positions[in_class]])
            for place, segment in enumerate(PARTS):
                values = (means.values[place], means.low[place], means.high[place])
                rows.append((technique, name, segment, *values, time_means.values[place], means.counts[place]))
    columns = ["technique", "class", "segment", "share", "low", "high", "time_share", "n"]
    return pd.DataFrame(rows, columns=columns)


def _has_defaults(plan: Plan, part: Part) -> bool:
    """Return whether a part holds the saliences of a technique with the default parameters of the model's card."""
    if part.technique not in TECHNIQUES:
        return True
    return part.parameters == read_parameters(part.technique, plan.bundle, {})
