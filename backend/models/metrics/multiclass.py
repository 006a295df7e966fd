"""How good a model is: figures from labels alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["calibration_error", "class_figures", "confusion", "figures", "patient_figures"]


def confusion(reference: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Counts, int64, shape = (C, C): rows are the reference, columns the prediction."""
    index = {name: position for position, name in enumerate(classes)}
    table = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(table, ([index[name] for name in reference], [index[name] for name in predicted]), 1)
    return table


def class_figures(table: np.ndarray, classes: Sequence[str]) -> dict[str, dict[str, float | int | None]]:
    """Beats, sensitivity, positive predictivity and F1 of each class; None where there is nothing to divide by."""
    rows = {}
    for position, name in enumerate(classes):
        right, actual, called = table[position, position], table[position].sum(), table[:, position].sum()
        rows[name] = {
            "beats": int(actual),
            "sensitivity": _ratio(right, actual),
            "positive_predictivity": _ratio(right, called),
            "f1": _ratio(2 * right, actual + called),
        }
    return rows


def _ratio(part: float, whole: float) -> float | None:
    return round(float(part / whole), 4) if whole else None


def figures(
    reference: np.ndarray, predicted: np.ndarray, patients: np.ndarray, classes: Sequence[str]
) -> dict[str, Any]:
    """Everything that a card says of one set of beats.

    Accuracy stands beside the share of the largest class; macro-F1 is the mean over the classes that the reference
    holds.

    Parameters
    ----------
    reference, predicted, patients : arrays of str, shape = (n,)
    classes : sequence of str
        All that can be predicted.
    """
    table = confusion(reference, predicted, classes)
    by_class = class_figures(table, classes)
    f1 = [float(row["f1"] or 0.0) for row in by_class.values() if row["beats"]]
    return {
        "beats": len(reference),
        "patients": len(set(patients)),
        "accuracy": round(float((reference == predicted).mean()), 4),
        "majority_class_share": round(float(table.sum(axis=1).max() / len(reference)), 4),
        "macro_f1": round(float(np.mean(f1)), 4),
        "classes": by_class,
        "confusion": {"classes": list(classes), "counts": table.tolist()},
        "by_patient": patient_figures(reference, predicted, patients),
    }


def patient_figures(
    reference: np.ndarray, predicted: np.ndarray, patients: np.ndarray
) -> dict[str, dict[str, float | int | dict[str, int]]]:
    """Beats, accuracy and the reference labels of each patient."""
    rows: dict[str, dict[str, float | int | dict[str, int]]] = {}
    for patient in sorted(set(patients)):
        own = patients == patient
        labels, counts = np.unique(reference[own], return_counts=True)
        rows[str(patient)] = {
            "beats": int(own.sum()),
            "accuracy": round(float((reference[own] == predicted[own]).mean()), 4),
            "reference": {str(label): int(count) for label, count in zip(labels, counts, strict=True)},
        }
    return rows


def calibration_error(probabilities: np.ndarray, right: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of the greatest probability (Guo et al. 2017, equation 3).

    Parameters
    ----------
    probabilities : array, shape = (n,)
        The greatest probability of each window.
    right : bool array, shape = (n,)
    bins : int
        Of equal width.
    """
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    error = 0.0
    for position in range(bins):
        own = which == position
        if own.any():
            error += own.mean() * abs(right[own].mean() - probabilities[own].mean())
    return float(error)
