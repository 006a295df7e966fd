"""The learning curve over patients: how much a protocol's figures gain from more training patients."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backend.models.training.beats.beat_split import SPLIT_SEED
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.beats.protocols.aami import aami_figures
from backend.models.training.beats.protocols.beat_protocol import BeatProtocol, Fit
from backend.models.training.beats.protocols.outcomes import beat_outcomes
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals

__all__ = ["LEARNING_SHARES", "draw_share", "learning_curve"]

LEARNING_SHARES = (0.25, 0.5, 1.0)
"""Shares of the training patients of each database."""

_CLASSES = ("S", "V")
_FIGURES = ("sensitivity", "positive_predictive_value")


def learning_curve(
    protocol: BeatProtocol,
    databases: Mapping[str, LabelledBeats],
    totals: ReferenceTotals,
    classes: Sequence[str],
    fit: Fit,
) -> list[dict[str, Any]]:
    """Return the accuracy and the figures of S and V after training on each of LEARNING_SHARES.

    The validation patients stay the same. The training on all patients has the name of the protocol, so that a run of
    the protocol serves it too.

    Parameters
    ----------
    protocol, databases, totals, classes, fit
        See ``run_protocol``.
    """
    split = protocol.split(databases, classes)
    records = protocol.test_records(totals)
    rows = []
    for share in LEARNING_SHARES:
        training = draw_share(split.training, share)
        name = protocol.name if share == 1 else f"{protocol.name}_{100 * share:.0f}"
        predictor = fit(name, replace(split, training=training))
        found = aami_figures(beat_outcomes(split.test, predictor.predict(split.test), totals, records))
        rows.append(
            {
                "training_patients": len(set(training.patients)),
                "accuracy": found["accuracy"],
                **{own: {figure: found["classes"][own][figure] for figure in _FIGURES} for own in _CLASSES},
            }
        )
    return rows


def draw_share(beats: LabelledBeats, share: float) -> LabelledBeats:
    """Return the beats of a random share of the patients of each database; a smaller share is part of a larger one."""
    patients = np.unique(beats.patients)
    databases = np.array([patient.split("-")[0] for patient in patients.tolist()])
    kept = []
    for database in np.unique(databases):
        own = patients[databases == database]
        order = np.random.default_rng(SPLIT_SEED).permutation(len(own))
        kept += own[order[: max(1, round(share * len(own)))]].tolist()
    return beats.select(np.isin(beats.patients, kept))
