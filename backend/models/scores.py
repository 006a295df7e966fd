"""A model's class scores, probabilities and predictions for windows."""

from dataclasses import dataclass

import numpy as np
import torch

from backend.models.bundle import Bundle
from backend.models.network.lstm import score_with_features
from backend.windows.base import Windows

__all__ = [
    "Scores",
    "StepScores",
    "certain_predictions",
    "compute_probabilities",
    "compute_scores",
    "predict_classes",
    "score_over_time",
    "score_windows",
    "softmax",
    "weight_probabilities",
]


@dataclass(frozen=True, eq=False)
class Scores:
    """The predictions of a model for n windows.

    Attributes
    ----------
    classes : tuple of str, length C
    scores : float32 array, shape = (n, C)
        Before the softmax.
    probabilities : float32 array, shape = (n, C)
        Calibrated.
    predicted : int64 array, shape = (n,)
        Index of the predicted class; see `predict_classes`.
    is_uncertain : bool array, shape = (n,)
        Whether the weighted probability of the predicted class is below the model's threshold for that class.
    is_ood : bool array, shape = (n,)
        Whether the window is out of distribution; its prediction is unreliable then.
    """

    classes: tuple[str, ...]
    scores: np.ndarray
    probabilities: np.ndarray
    predicted: np.ndarray
    is_uncertain: np.ndarray
    is_ood: np.ndarray

    @property
    def labels(self) -> tuple[str, ...]:
        """The predicted class of each window."""
        return tuple(self.classes[index] for index in self.predicted)


@dataclass(frozen=True, eq=False)
class StepScores:
    """The predictions of a model for the prefixes 1..t of one window, for every step t.

    A network that reads several steps at once knows a read only at its last step: the row of a step is that of the last
    read that has ended. Before the end of the first read, the rows hold the shares of the classes in the windows of the
    calibration, or equal probabilities without one.

    Attributes
    ----------
    classes : tuple of str, length C
    scores : float32 array, shape = (T, C)
        Before the softmax. If the model's card calibrates prefixes, all but the last are calibrated.
    probabilities : float32 array, shape = (T, C)
    predicted : int64 array, shape = (T,)
        Index of the predicted class; see `predict_classes`.
    steps_per_read : int
        Steps that the network reads at once.
    """

    classes: tuple[str, ...]
    scores: np.ndarray
    probabilities: np.ndarray
    predicted: np.ndarray
    steps_per_read: int = 1

    @property
    def stable_step(self) -> int:
        """Length of the shortest prefix from which on the prediction is stable: the end of a read, 1..T."""
        changes = np.flatnonzero(np.diff(self.predicted))
        return int(changes[-1]) + 2 if changes.size else self.steps_per_read


def softmax(scores: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Return the softmax over the last axis, float32, of the same shape."""
    scaled = scores / temperature
    raised = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return (raised / raised.sum(axis=-1, keepdims=True)).astype(np.float32)


def compute_probabilities(bundle: Bundle, scores: np.ndarray) -> np.ndarray:
    """Return calibrated probabilities, float32, of class scores (..., C) before the softmax."""
    return softmax(scores, bundle.temperature)


def predict_classes(bundle: Bundle, scores: np.ndarray) -> np.ndarray:
    """Return the index of the predicted class, int64, shape = (...), from class scores (..., C).

    It is the class with the greatest product of probability and weight, which minimises the expected cost if missing
    a class costs its weight.

    References
    ----------
    Elkan 2001, "The foundations of cost-sensitive learning", section 1.
    """
    return weight_probabilities(bundle, scores).argmax(axis=-1)


def weight_probabilities(bundle: Bundle, scores: np.ndarray) -> np.ndarray:
    """Return calibrated probabilities times the classes' weights, normalised to a sum of 1, shape = (..., C)."""
    return softmax(scores / bundle.temperature + np.log(bundle.weights))


def certain_predictions(bundle: Bundle, scores: np.ndarray) -> np.ndarray:
    """Return which predictions from class scores (n, C) are certain, bool, shape = (n,).

    A prediction is certain if the weighted probability of its class reaches the model's threshold for that class.
    """
    weighted = weight_probabilities(bundle, scores)
    return weighted.max(axis=1, initial=0.0) >= bundle.certain_from[weighted.argmax(axis=1)]


def compute_scores(bundle: Bundle, values: np.ndarray) -> np.ndarray:
    """Return class scores before the softmax, float32, shape = (n, C), of windows (n, T, D)."""
    return score_with_features(bundle.network, values)[0]


def score_windows(bundle: Bundle, windows: Windows) -> Scores:
    """Return the model's predictions for windows; each window is read once."""
    scores, features = score_with_features(bundle.network, windows.values)
    is_ood = np.zeros(len(features), dtype=bool)
    if bundle.ood_detector is not None:
        is_ood = bundle.ood_detector.detect(windows.values, features)
    return Scores(
        classes=bundle.classes,
        scores=scores,
        probabilities=compute_probabilities(bundle, scores),
        predicted=predict_classes(bundle, scores),
        is_uncertain=~certain_predictions(bundle, scores),
        is_ood=is_ood,
    )


def score_over_time(bundle: Bundle, window: np.ndarray) -> StepScores:
    """Return the model's predictions for every prefix of one window (T, D), computed in one pass.

    References
    ----------
    van der Westhuizen & Lasenby 2018, section 3.1; Strobelt et al. 2017 (LSTMVis).
    """
    with torch.inference_mode():
        batch = torch.from_numpy(np.ascontiguousarray(window[np.newaxis], dtype=np.float32))
        read = bundle.network.prefix_scores(batch)[0].numpy()
    prior = np.zeros((1, len(bundle.classes)), dtype=np.float32)
    if bundle.prefixes is not None:
        read = bundle.prefixes.apply(read)
        prior[0] = bundle.prefixes.prior
    steps_per_read = bundle.network.architecture.steps_per_read
    scores = np.concatenate([prior, read])[np.arange(1, len(window) + 1) // steps_per_read]
    probabilities, predicted = compute_probabilities(bundle, scores), predict_classes(bundle, scores)
    return StepScores(bundle.classes, scores, probabilities, predicted, steps_per_read)
