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
        Whether the greatest weighted probability is below the model's limit.
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

    Attributes
    ----------
    classes : tuple of str, length C
    scores : float32 array, shape = (T, C)
        Before the softmax. Steps that the network reads at once share a row. If the model's card calibrates prefixes,
        all but the last are calibrated.
    probabilities : float32 array, shape = (T, C)
    predicted : int64 array, shape = (T,)
        Index of the predicted class; see `predict_classes`.
    """

    classes: tuple[str, ...]
    scores: np.ndarray
    probabilities: np.ndarray
    predicted: np.ndarray

    @property
    def stable_step(self) -> int:
        """Length of the shortest prefix from which on the prediction is stable, 1..T."""
        changes = np.flatnonzero(np.diff(self.predicted))
        return int(changes[-1]) + 2 if changes.size else 1


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
        is_uncertain=weight_probabilities(bundle, scores).max(axis=1, initial=0.0) < bundle.certain_from,
        is_ood=is_ood,
    )


def score_over_time(bundle: Bundle, window: np.ndarray) -> StepScores:
    """Return the model's predictions for every prefix of one window (T, D), computed in one pass.

    References
    ----------
    van der Westhuizen & Lasenby 2018, section 3.2; Strobelt et al. 2017 (LSTMVis).
    """
    with torch.inference_mode():
        batch = torch.from_numpy(np.ascontiguousarray(window[np.newaxis], dtype=np.float32))
        read = bundle.network.prefix_scores(batch)[0].numpy()
    scores = np.repeat(read, bundle.network.architecture.steps_per_read, axis=0)
    if bundle.prefixes is not None:
        scores = bundle.prefixes.apply(scores)
    return StepScores(bundle.classes, scores, compute_probabilities(bundle, scores), predict_classes(bundle, scores))
