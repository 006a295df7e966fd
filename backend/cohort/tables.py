"""From finished parts to the small tables of the evidence."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backend.cohort.cluster_bootstrap import means_over_patients
from backend.cohort.evidence import AROUND_R
from backend.cohort.gathering import classes, gathered, groups
from backend.cohort.job_store import Store
from backend.cohort.plan import Part, Plan
from backend.explain.quality.faithfulness import ALPHAS
from backend.explain.quality.randomisation import stages_of
from backend.explain.quality.stability import VERDICTS

__all__ = ["beat_table", "curve_table", "measure_table", "sanity_table", "stability_table", "verdict_table"]

_VERDICT = "verdict"
_MEASURES = ("comprehensiveness", "sufficiency", "area")
_CONTROLS = {"over_random": "random", "over_around_r": AROUND_R}
_LOW, _HIGH = 10.0, 90.0


def curve_table(plan: Plan, parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """``Evidence.curves``: what the score loses at each threshold of the salience."""
    rows = []
    for (technique, fill), of_group in groups(parts, "faithfulness").items():
        found, positions = gathered(of_group, store)
        for name, own in classes(plan, positions):
            drops = means_over_patients(found["drops"][own], plan.cases.patients[positions[own]])
            occluded = found["occluded"][own].mean(axis=0)
            for place, alpha in enumerate(ALPHAS):
                told = (drops.values[place], drops.low[place], drops.high[place], occluded[place], drops.counts[place])
                rows.append((technique, fill, name, alpha, *told))
    columns = ["technique", "fill", "class", "alpha", "drop", "low", "high", "occluded", "n"]
    return pd.DataFrame(rows, columns=columns)


def measure_table(plan: Plan, parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """``Evidence.measures``: comprehensiveness, sufficiency and the area between insertion and deletion.

    Beside each stands by how much it is more than a control's, window by window: windows differ far more from each
    other than two saliences of one do.
    """
    rows = []
    measured = {group: _measured(own, store) for group, own in groups(parts, "faithfulness").items()}
    for (technique, fill), (whole, positions) in measured.items():
        # Against itself, or a control that was not measured, there is nothing to tell.
        others = [measured.get((name, fill)) if name != technique else None for name in _CONTROLS.values()]
        over = [np.full(whole.shape, np.nan) if other is None else whole - other[0] for other in others]
        for name, own in classes(plan, positions):
            means = means_over_patients(np.hstack([whole, *over])[own], plan.cases.patients[positions[own]])
            for place, measure in enumerate(_MEASURES):
                figures = np.stack([means.values, means.low, means.high], axis=1)[place :: len(_MEASURES)].ravel()
                rows.append((technique, fill, name, measure, *figures, means.counts[place]))
    compared = [f"{name}{end}" for name in _CONTROLS for end in ("", "_low", "_high")]
    columns = ["technique", "fill", "class", "measure", "value", "low", "high", *compared, "n"]
    return pd.DataFrame(rows, columns=columns)


def _measured(of_group: Sequence[Part], store: Store) -> tuple[np.ndarray, np.ndarray]:
    """The measures of each case, shape = (n, 3), and its position among the cases, ascending."""
    found, positions = gathered(of_group, store)
    order = np.argsort(positions)
    return np.stack([found[measure] for measure in _MEASURES], axis=1)[order], positions[order]


def sanity_table(plan: Plan, parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """``Evidence.sanity``: how like the real salience that of a randomised network is."""
    rows = []
    for (technique, _), of_group in groups(parts, "sanity").items():
        found, positions = gathered(of_group, store)
        means = means_over_patients(found["correlation"], plan.cases.patients[positions])
        for place, randomised in enumerate(stages_of(plan.bundle)):
            told = (means.values[place], means.low[place], means.high[place], means.counts[place])
            rows.append((technique, place + 1, randomised, *told))
    return pd.DataFrame(rows, columns=["technique", "stage", "randomised", "correlation", "low", "high", "n"])


def stability_table(parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """``Evidence.stability``: how like the salience stays as the technique or the window is varied."""
    rows = []
    for (technique, _), of_group in groups(parts, "stability").items():
        found = [store.read(part.key) for part in of_group]
        for variation in dict.fromkeys(name for own in found for name in own if name != _VERDICT):
            told = np.concatenate([own[variation].ravel() for own in found if variation in own])
            told = told[np.isfinite(told)]
            rows.append((technique, variation, *np.percentile(told, (50.0, _LOW, _HIGH)), len(told)))
    return pd.DataFrame(rows, columns=["technique", "variation", "correlation", "low", "high", "n"])


def verdict_table(parts: Sequence[Part], store: Store) -> pd.DataFrame:
    """``Evidence.verdicts``: how many windows get each of VERDICTS."""
    rows = []
    for (technique, _), of_group in groups(parts, "stability").items():
        given = np.concatenate([store.read(part.key)[_VERDICT] for part in of_group])
        rows += [(technique, verdict, float((given == verdict).mean()), len(given)) for verdict in VERDICTS]
    return pd.DataFrame(rows, columns=["technique", "verdict", "share", "n"])


def beat_table(plan: Plan) -> pd.DataFrame:
    """``Evidence.beats``: how many windows of how many patients there are, and how many the model names right."""
    is_right = np.array(plan.targets) == plan.cases.labels
    rows = [
        (name, len(set(plan.cases.patients[own])), int(own.sum()), int(is_right[own].sum()))
        for name, own in classes(plan, np.arange(len(plan.cases)))
    ]
    return pd.DataFrame(rows, columns=["class", "patients", "beats", "right"])
