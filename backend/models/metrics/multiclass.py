"""Figures of a prediction of several classes: confusion, figures by class and by patient, calibration."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = [
    "certainty_by_class",
    "classification_figures",
    "count_confusion",
    "figures_by_class",
    "figures_by_patient",
    "figures_over_time",
    "top_class_calibration_error",
]


def count_confusion(reference: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Return the confusion matrix, int64, shape = (C, C): rows are the reference, columns the prediction."""
    index = {name: position for position, name in enumerate(classes)}
    table = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(table, ([index[name] for name in reference], [index[name] for name in predicted]), 1)
    return table


def figures_by_class(table: np.ndarray, classes: Sequence[str]) -> dict[str, dict[str, float | int | None]]:
    """Return the beats, sensitivity, positive predictive value and F1 of each class; None for a division by zero."""
    rows = {}
    for position, name in enumerate(classes):
        n_correct, n_reference = table[position, position], table[position].sum()
        n_predicted = table[:, position].sum()
        rows[name] = {
            "beats": int(n_reference),
            "sensitivity": _ratio(n_correct, n_reference),
            "positive_predictivity": _ratio(n_correct, n_predicted),
            "f1": _ratio(2 * n_correct, n_reference + n_predicted),
        }
    return rows


def _ratio(part: float, whole: float) -> float | None:
    return round(float(part / whole), 4) if whole else None


def classification_figures(
    reference: np.ndarray, predicted: np.ndarray, patients: np.ndarray, classes: Sequence[str]
) -> dict[str, Any]:
    """Return the card's figures on one set of beats.

    The majority-class baseline is among them. Macro-F1 is the mean over the classes that occur in the reference.

    Parameters
    ----------
    reference, predicted, patients : arrays of str, shape = (n,)
    classes : sequence of str
        All classes that can be predicted.
    """
    table = count_confusion(reference, predicted, classes)
    by_class = figures_by_class(table, classes)
    f1 = [float(row["f1"] or 0.0) for row in by_class.values() if row["beats"]]
    return {
        "beats": len(reference),
        "patients": len(set(patients)),
        "accuracy": round(float((reference == predicted).mean()), 4),
        "majority_class_share": round(float(table.sum(axis=1).max() / len(reference)), 4),
        "macro_f1": round(float(np.mean(f1)), 4),
        "classes": by_class,
        "confusion": {"classes": list(classes), "counts": table.tolist()},
        "by_patient": figures_by_patient(reference, predicted, patients),
    }


def figures_by_patient(
    reference: np.ndarray, predicted: np.ndarray, patients: np.ndarray
) -> dict[str, dict[str, float | int | dict[str, int]]]:
    """Return the beats, accuracy and reference labels of each patient."""
    rows: dict[str, dict[str, float | int | dict[str, int]]] = {}
    for patient in sorted(set(patients)):
        is_own = patients == patient
        labels, counts = np.unique(reference[is_own], return_counts=True)
        rows[str(patient)] = {
            "beats": int(is_own.sum()),
            "accuracy": round(float((reference[is_own] == predicted[is_own]).mean()), 4),
            "reference": {str(label): int(count) for label, count in zip(labels, counts, strict=True)},
        }
    return rows


def certainty_by_class(
    reference: np.ndarray, predicted: np.ndarray, is_certain: np.ndarray, classes: Sequence[str]
) -> dict[str, dict[str, float | int | None]]:
    """Return for each predicted class the number of predictions, of certain ones, and the accuracy of the certain.

    Parameters
    ----------
    reference, predicted : arrays of str, shape = (n,)
    is_certain : bool array, shape = (n,)
    classes : sequence of str
        All classes that can be predicted; the accuracy is None where no prediction of one is certain.
    """
    rows: dict[str, dict[str, float | int | None]] = {}
    for name in classes:
        is_own = predicted == name
        n_certain = (is_own & is_certain).sum()
        rows[name] = {
            "predicted": int(is_own.sum()),
            "certain": int(n_certain),
            "accuracy_of_certain": _ratio((is_own & is_certain & (reference == name)).sum(), n_certain),
        }
    return rows


def figures_over_time(
    probabilities: np.ndarray, targets: np.ndarray, reads: Mapping[str, int]
) -> dict[str, dict[str, float]]:
    """Return accuracy, mean greatest probability and its expected calibration error after some reads.

    Parameters
    ----------
    probabilities : array, shape = (n, R, C)
        After each read.
    targets : int array, shape = (n,)
        Class indices.
    reads : mapping of str to int
        The reads to report, 0..R-1, each under its title.
    """
    rows = {}
    for title, read in reads.items():
        is_correct = probabilities[:, read].argmax(axis=1) == targets
        greatest = probabilities[:, read].max(axis=1)
        figures = {
            "accuracy": is_correct.mean(),
            "mean_probability": greatest.mean(),
            "expected_calibration_error": top_class_calibration_error(greatest, is_correct),
        }
        rows[title] = {name: round(float(value), 4) for name, value in figures.items()}
    return rows


def top_class_calibration_error(probabilities: np.ndarray, is_correct: np.ndarray, bins: int = 15) -> float:
    """Return the expected calibration error of the greatest probability (Guo et al. 2017, equation 3).

    Parameters
    ----------
    probabilities : array, shape = (n,)
        The greatest probability of each window.
    is_correct : bool array, shape = (n,)
    bins : int
        Of equal width.
    """
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    error = 0.0
    for position in range(bins):
        is_in_bin = which == position
        if is_in_bin.any():
            error += is_in_bin.mean() * abs(is_correct[is_in_bin].mean() - probabilities[is_in_bin].mean())
    return float(error)
