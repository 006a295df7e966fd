"""Figures of beats whose denominators hold missed beats, false detections and beats of other kinds.

Sensitivity is over all reference beats of a class, missed ones included; the positive predictive value is over all
beats predicted as the class, whatever their reference. So a figure falls with every error of the detector too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.models.metrics.cluster_bootstrap import Figures, bootstrap_figures
from backend.windows.rows import concatenate_rows, select_rows

__all__ = ["MISSED", "Outcomes", "outcome_figures", "share_with_interval"]

MISSED = "missed"
"""The prediction of a reference beat that was not detected or has no window."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Reference and prediction of beats or records.

    Attributes
    ----------
    reference, predicted, patients, records : arrays of str, shape = (n,)
        ``predicted`` is MISSED for a reference beat without a prediction.
    """

    reference: np.ndarray
    predicted: np.ndarray
    patients: np.ndarray
    records: np.ndarray

    def __len__(self) -> int:
        return len(self.reference)

    def where(self, kept: np.ndarray) -> "Outcomes":
        """Return the outcomes that a mask selects."""
        return select_rows(self, kept)

    @classmethod
    def concatenate(cls, parts: Sequence["Outcomes"]) -> "Outcomes":
        """Return the outcomes of all parts, in order."""
        return concatenate_rows(parts)


def outcome_figures(
    outcomes: Outcomes, rows: Sequence[str], columns: Sequence[str], classes: Sequence[str], not_a_beat: str = ""
) -> dict[str, Any]:
    """Return the card's figures with 95% confidence intervals by a bootstrap over patients.

    Parameters
    ----------
    outcomes : Outcomes
    rows : sequence of str
        Every label of the reference, in the order of the confusion matrix.
    columns : sequence of str
        Every prediction, MISSED included.
    classes : sequence of str
        The classes with figures of their own, each one of ``rows``; a class that is not one of ``columns`` has a
        sensitivity of 0. Macro-F1 is the mean over those that occur in the reference.
    not_a_beat : str
        The row of detections without a reference beat, which does not count for the accuracy.
    """
    patients, tables = _count_by_patient(outcomes, rows, columns)
    is_beat = np.array([name != not_a_beat for name in rows])
    places = [(list(rows).index(name), list(columns).index(name) if name in columns else -1) for name in classes]

    def compute(totals: np.ndarray) -> np.ndarray:
        return _figures(totals.reshape(len(totals), len(rows), len(columns)), is_beat, places)

    has_row = [tables[:, row].any(axis=1).sum() for row, _ in places]
    has_column = [tables[:, :, column].any(axis=1).sum() if column >= 0 else 0 for _, column in places]
    contributing = np.array([len(patients)] * 2 + has_row + has_column + has_row)
    found = bootstrap_figures(tables.reshape(len(patients), -1).astype(np.float64), compute, contributing)
    whole, n_classes = tables.sum(axis=0), len(classes)
    return {
        "patients": len(patients),
        "beats": int(whole[is_beat].sum()),
        "accuracy": _entry(found, 0),
        "macro_f1": _entry(found, 1),
        "classes": {
            name: {
                "beats": int(whole[row].sum()),
                "sensitivity": _entry(found, 2 + index),
                "positive_predictive_value": _entry(found, 2 + n_classes + index),
                "f1": _entry(found, 2 + 2 * n_classes + index),
            }
            for index, (name, (row, _)) in enumerate(zip(classes, places, strict=True))
        },
        "confusion": {"rows": list(rows), "columns": list(columns), "counts": whole.tolist()},
    }


def share_with_interval(is_part: np.ndarray, patients: np.ndarray) -> list[float | None]:
    """Return the share of true values and its 95% confidence interval by a bootstrap over patients.

    Returns
    -------
    list of three
        The share and the limits, rounded; the limits are None with fewer than five patients.
    """
    names, owner = np.unique(patients, return_inverse=True)
    totals = np.stack([np.bincount(owner, is_part.astype(float)), np.bincount(owner)], axis=1)
    return _entry(bootstrap_figures(totals, lambda own: own[:, :1] / own[:, 1:], np.array([len(names)])), 0)


def _count_by_patient(outcomes: Outcomes, rows: Sequence[str], columns: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the patients and the confusion matrix of each, int64, shape = (P, R, C)."""
    patients, owner = np.unique(outcomes.patients, return_inverse=True)
    row_of, column_of = ({name: place for place, name in enumerate(names)} for names in (rows, columns))
    tables = np.zeros((len(patients), len(rows), len(columns)), dtype=np.int64)
    row = np.array([row_of[name] for name in outcomes.reference.tolist()], dtype=np.int64)
    column = np.array([column_of[name] for name in outcomes.predicted.tolist()], dtype=np.int64)
    np.add.at(tables, (owner, row, column), 1)
    return patients, tables


def _figures(tables: np.ndarray, is_beat: np.ndarray, places: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return accuracy, macro-F1, then sensitivity, PPV and F1 of each class, shape = (n, 2 + 3 K)."""
    correct = np.stack(
        [tables[:, row, column] if column >= 0 else np.zeros(len(tables)) for row, column in places], axis=1
    )
    reference = np.stack([tables[:, row].sum(axis=1) for row, _ in places], axis=1)
    predicted = np.stack(
        [tables[:, :, column].sum(axis=1) if column >= 0 else np.zeros(len(tables)) for _, column in places], axis=1
    )
    f1 = _divide(2 * correct, np.where(reference > 0, reference + predicted, 0))
    n_occurring = (reference > 0).sum(axis=1)
    accuracy = _divide(correct.sum(axis=1), tables[:, is_beat].sum(axis=(1, 2)))
    macro = _divide(np.nan_to_num(f1).sum(axis=1), n_occurring)
    return np.column_stack([accuracy, macro, _divide(correct, reference), _divide(correct, predicted), f1])


def _divide(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=np.asarray(whole) > 0)


def _entry(found: Figures, place: int) -> list[float | None]:
    return [
        None if np.isnan(number) else round(float(number), 4)
        for number in (found.values[place], found.low[place], found.high[place])
    ]
