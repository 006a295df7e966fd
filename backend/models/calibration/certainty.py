"""The probability from which a prediction is certain, for each class."""

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["NEVER", "certain_thresholds", "fit_certain_thresholds", "thresholds_for_card"]

NEVER = np.inf
"""The threshold of a class whose predictions are never certain."""

_GRID = np.round(np.arange(0.3, 1.0, 0.005), 3)


def fit_certain_thresholds(
    probabilities: np.ndarray,
    targets: np.ndarray,
    patients: np.ndarray,
    accuracy_of_class: float = 0.85,
    accuracy: float = 0.97,
) -> np.ndarray:
    """Return the probability of each class from which a prediction of it is certain, float64, shape = (C,).

    The threshold of a class is the lowest from which its certain predictions are right often enough, or that of all
    classes if it is higher, which in turn is the lowest from which all certain predictions together are. Often enough
    means that the accuracy less one standard error reaches the aim; the standard error is that between patients. A
    class that reaches its aim nowhere is never certain.

    Parameters
    ----------
    probabilities : array, shape = (n, C)
        Weighted (see `weight_probabilities`), of windows that the network was not trained on.
    targets : int array, shape = (n,)
        Class indices.
    patients : array of str, shape = (n,)
    accuracy_of_class, accuracy : float
        The aims, 0..1: among the certain predictions of each class, and of all classes.
    """
    predicted = probabilities.argmax(axis=1)
    greatest = probabilities.max(axis=1)
    is_correct = predicted == targets
    own = np.array(
        [
            _lowest_threshold(greatest[rows], is_correct[rows], patients[rows], accuracy_of_class)
            for rows in (predicted == index for index in range(probabilities.shape[1]))
        ]
    )
    for common in _GRID:
        thresholds = np.maximum(own, common)
        is_certain = greatest >= thresholds[predicted]
        if _lower_accuracy(is_correct[is_certain], patients[is_certain]) >= accuracy:
            return thresholds
    return np.full(len(own), NEVER)


def certain_thresholds(stated: float | Mapping[str, float | None], classes: Sequence[str]) -> np.ndarray:
    """Return the threshold of each class, float64, shape = (C,), from ``certain_from`` of a card.

    Parameters
    ----------
    stated : float or mapping of str to float or None
        One threshold for all classes, or that of each; None for a class whose predictions are never certain.
    classes : sequence of str, length C
    """
    if not isinstance(stated, Mapping):
        return np.full(len(classes), float(stated))
    return np.array([NEVER if stated[own] is None else stated[own] for own in classes], dtype=np.float64)


def thresholds_for_card(thresholds: np.ndarray, classes: Sequence[str]) -> dict[str, float | None]:
    """Return the thresholds of the classes as a card holds them; see `certain_thresholds`."""
    stated = zip(classes, thresholds.tolist(), strict=True)
    return {name: None if threshold == NEVER else threshold for name, threshold in stated}


def _lowest_threshold(greatest: np.ndarray, is_correct: np.ndarray, patients: np.ndarray, aim: float) -> float:
    for threshold in _GRID:
        is_certain = greatest >= threshold
        if _lower_accuracy(is_correct[is_certain], patients[is_certain]) >= aim:
            return float(threshold)
    return NEVER


def _lower_accuracy(is_correct: np.ndarray, patients: np.ndarray) -> float:
    """Return the accuracy less one standard error between patients, with one error more than was found.

    The variance is that of a ratio over clusters (Cochran 1977, "Sampling techniques", equation 6.13). The added error
    keeps a handful of correct predictions of one patient from counting as certainty.
    """
    if not len(is_correct):
        return 0.0
    _, patient = np.unique(patients, return_inverse=True)
    n, n_correct = np.bincount(patient), np.bincount(patient, weights=is_correct)
    accuracy = n_correct.sum() / (n.sum() + 1)
    squares = ((n_correct - accuracy * n) ** 2).sum() * len(n) / max(len(n) - 1, 1)
    return float(accuracy - np.sqrt(squares) / n.sum())
