"""The tables of score reductions, randomisation, stability and accuracy."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backend.cohort.evidence import AROUND_R
from backend.cohort.job_store import Store
from backend.cohort.plan import Part, Plan
from backend.cohort.tables.gathered_parts import group_parts, join_parts, select_classes
from backend.explain.quality.faithfulness import THRESHOLDS
from backend.explain.quality.randomisation import list_stages
from backend.explain.quality.stability import VERDICTS
from backend.models.metrics.cluster_bootstrap import bootstrap_means

__all__ = ["beat_table", "curve_table", "measure_table", "sanity_table", "stability_table", "verdict_table"]

_VERDICT = "verdict"
_MEASURES = ("comprehensiveness", "sufficiency", "area")
_CONTROLS = {"over_random": "random", "over_around_r": AROUND_R}
_LOW, _HIGH = 10.0, 90.0


def curve_table(plan: Plan, parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """Return ``Evidence.curves``: the score reduction at each threshold of the salience."""
    rows = []
    for (technique, fill), parts_of_group in group_parts(parts, "faithfulness").items():
        joined, positions = join_parts(parts_of_group, store)
        for name, in_class in select_classes(plan, positions):
            drops = bootstrap_means(joined["drops"][in_class], plan.cases.patients[positions[in_class]])
            occluded = joined["occluded"][in_class].mean(axis=0)
            for place, alpha in enumerate(THRESHOLDS):
                values = (
                    drops.values[place],
                    drops.low[place],
                    drops.high[place],
                    occluded[place],
                    drops.counts[place],
                )
                rows.append((technique, fill, name, alpha, *values))
    columns = ["technique", "fill", "class", "alpha", "drop", "low", "high", "occluded", "n"]
    return pd.DataFrame(rows, columns=columns)


def measure_table(plan: Plan, parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """Return ``Evidence.measures``: comprehensiveness, sufficiency and the area between insertion and deletion.

    The differences from the controls are taken window by window, since windows differ far more from each other than
    two saliences of one window do.
    """
    rows = []
    measured = {group: _read_measures(members, store) for group, members in group_parts(parts, "faithfulness").items()}
    for (technique, fill), (whole, positions) in measured.items():
        # A control has no difference from itself or from a control that was not measured.
        others = [measured.get((name, fill)) if name != technique else None for name in _CONTROLS.values()]
        over = [np.full(whole.shape, np.nan) if other is None else whole - other[0] for other in others]
        for name, in_class in select_classes(plan, positions):
            means = bootstrap_means(np.hstack([whole, *over])[in_class], plan.cases.patients[positions[in_class]])
            for place, measure in enumerate(_MEASURES):
                figures = np.stack([means.values, means.low, means.high], axis=1)[place :: len(_MEASURES)].ravel()
                rows.append((technique, fill, name, measure, *figures, means.counts[place]))
    compared = [f"{name}{end}" for name in _CONTROLS for end in ("", "_low", "_high")]
    columns = ["technique", "fill", "class", "measure", "value", "low", "high", *compared, "n"]
    return pd.DataFrame(rows, columns=columns)


def _read_measures(parts_of_group: Sequence[Part], store: Store) -> tuple[np.ndarray, np.ndarray]:
    """Return the measures of each case, shape = (n, 3), and its position among the cases, ascending."""
    joined, positions = join_parts(parts_of_group, store)
    order = np.argsort(positions)
    return np.stack([joined[measure] for measure in _MEASURES], axis=1)[order], positions[order]


def sanity_table(plan: Plan, parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """Return ``Evidence.sanity``: the similarity of the saliences after randomisation to the real ones."""
    rows = []
    for (technique, _), parts_of_group in group_parts(parts, "sanity").items():
        joined, positions = join_parts(parts_of_group, store)
        means = bootstrap_means(joined["correlation"], plan.cases.patients[positions])
        for place, randomised in enumerate(list_stages(plan.bundle)):
            values = (means.values[place], means.low[place], means.high[place], means.counts[place])
            rows.append((technique, place + 1, randomised, *values))
    return pd.DataFrame(rows, columns=["technique", "stage", "randomised", "correlation", "low", "high", "n"])


def stability_table(parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """Return ``Evidence.stability``: the similarity of the saliences when the technique or the window varies."""
    rows = []
    for (technique, _), parts_of_group in group_parts(parts, "stability").items():
        results = [store.read(part.key) for part in parts_of_group]
        for variation in dict.fromkeys(name for part_columns in results for name in part_columns if name != _VERDICT):
            values = np.concatenate(
                [part_columns[variation].ravel() for part_columns in results if variation in part_columns]
            )
            values = values[np.isfinite(values)]
            rows.append((technique, variation, *np.percentile(values, (50.0, _LOW, _HIGH)), len(values)))
    return pd.DataFrame(rows, columns=["technique", "variation", "correlation", "low", "high", "n"])


def verdict_table(parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """Return ``Evidence.verdicts``: the share of the windows with each of VERDICTS."""
    rows = []
    for (technique, _), parts_of_group in group_parts(parts, "stability").items():
        given = np.concatenate([store.read(part.key)[_VERDICT] for part in parts_of_group])
        rows += [(technique, verdict, float((given == verdict).mean()), len(given)) for verdict in VERDICTS]
    return pd.DataFrame(rows, columns=["technique", "verdict", "share", "n"])


def beat_table(plan: Plan) -> pd.DataFrame:
    """Return ``Evidence.beats``: the number of patients, of windows and of correctly classified windows."""
    is_right = np.array(plan.targets) == plan.cases.labels
    rows = [
        (name, len(set(plan.cases.patients[in_class])), int(in_class.sum()), int(is_right[in_class].sum()))
        for name, in_class in select_classes(plan, np.arange(len(plan.cases)))
    ]
    return pd.DataFrame(rows, columns=["class", "patients", "beats", "right"])
