"""Compare icu-mortality with gradient boosting, SAPS-I and a logistic regression on the same stays.

The boosting is scikit-learn's, which comes with BioSPPy. Its features are the first, last, lowest, highest and mean
hourly value of each parameter, and in how many hours it was charted.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from backend.models.bundle import load_bundle
from backend.models.metrics.binary import event_1_threshold
from backend.models.metrics.stay_metrics import risk_figures
from backend.models.training.stays.icu_mortality import ICU_MORTALITY
from backend.models.training.stays.labelled_stays import (
    FOLDS,
    LabelledStays,
    StaySplit,
    load_stays,
    split_by_set,
    split_stays,
)

__all__ = ["run"]

_SEEDS = 3


def run(data: Path) -> str:
    """Return a Markdown table of AUROC, AUPRC and event 1, each with its 95% CI, on both test sets."""
    stays = load_stays(data)
    card = load_bundle(ICU_MORTALITY.name).card
    parts = (
        ("rest of b", split_stays(stays), card["test"]),
        ("all of b, trained on a", split_by_set(stays), card["strict"]),
    )
    lines = [
        "| test set | model | AUROC (95% CI) | AUPRC (95% CI) | event 1 (95% CI) |",
        "| --- | --- | --- | --- | --- |",
    ]
    for named, split, stated in parts:
        compared = {ICU_MORTALITY.name: stated, **stated["beside"], "gradient boosting": _boosting_figures(split)}
        lines += [f"| {named} | {model} | {_cells(figures)} |" for model, figures in compared.items()]
    return "\n".join(lines)


def _cells(figures: Mapping[str, Any]) -> str:
    return " | ".join(
        f"{figures[name]['value']:.3f} ({figures[name]['interval'][0]:.3f}–{figures[name]['interval'][1]:.3f})"
        for name in ("auroc", "auprc", "event_1")
    )


def _boosting_figures(split: StaySplit) -> dict[str, Any]:
    training, seen = split.training, _summaries(split.training)
    held_out = np.zeros(len(training))
    for fold in range(FOLDS):
        out = split.folds == fold
        held_out[out] = _risk(seen[~out], training.died[~out], seen[out])
    risk = _risk(seen, training.died, _summaries(split.test))
    return risk_figures(split.test.died, risk, event_1_threshold(training.died, held_out))


def _risk(seen: np.ndarray, died: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The mean over seeds of the probability of death of other stays; settings chosen within the training stays."""
    models = [
        HistGradientBoostingClassifier(
            max_iter=250,
            learning_rate=0.04,
            max_leaf_nodes=12,
            l2_regularization=5,
            min_samples_leaf=30,
            max_features=0.3,
            random_state=seed,
        )
        for seed in range(_SEEDS)
    ]
    return np.mean([model.fit(seen, died).predict_proba(others)[:, 1] for model in models], axis=0)


def _summaries(stays: LabelledStays) -> np.ndarray:
    """First, last, least, greatest, mean and number of the hourly values, shape = (n, 6 * n_parameters)."""
    charted = np.isfinite(stays.grid)
    count = charted.sum(axis=1)
    first = np.take_along_axis(stays.grid, charted.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
    total = np.nansum(stays.grid, axis=1)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    least, greatest = np.fmin.reduce(stays.grid, axis=1), np.fmax.reduce(stays.grid, axis=1)
    return np.concatenate([first, stays.last, least, greatest, mean, count], axis=1)
