"""What a model says of windows."""

from dataclasses import dataclass

import numpy as np
import torch

from backend.models.bundle import Bundle
from backend.models.network.lstm import scored
from backend.windows.base import Windows

__all__ = [
    "Scores",
    "StepScores",
    "decided",
    "probabilities_of",
    "score_windows",
    "scores_of",
    "scores_over_time",
    "softmax",
    "weighed",
]


@dataclass(frozen=True, eq=False)
class Scores:
    """What a model says of each of n windows.

    Attributes
    ----------
    classes : tuple of str, length C
    scores : float32 array, shape = (n, C)
        Before the softmax.
    probabilities : float32 array, shape = (n, C)
        Calibrated.
    chosen : int64 array, shape = (n,)
        Index of the class that each window is given: see ``decided``.
    uncertain : bool array, shape = (n,)
        The greatest weighed probability lies in the model's uncertain band.
    unlike : bool array, shape = (n,)
        The window is unlike the training data; no label of it should be relied on.
    """

    classes: tuple[str, ...]
    scores: np.ndarray
    probabilities: np.ndarray
    chosen: np.ndarray
    uncertain: np.ndarray
    unlike: np.ndarray

    @property
    def labels(self) -> tuple[str, ...]:
        """The class that each window is given."""
        return tuple(self.classes[index] for index in self.chosen)


@dataclass(frozen=True, eq=False)
class StepScores:
    """What a model would say if a window ended after step t, for every t.

    Attributes
    ----------
    classes : tuple of str, length C
    scores : float32 array, shape = (T, C)
        Of the prefix 1..t, before the softmax. Where the network reads several steps at once, they share a row. Where
        the model's card calibrates prefixes, those but the last are so calibrated.
    probabilities : float32 array, shape = (T, C)
    chosen : int64 array, shape = (T,)
        Index of the class that the window would be given after each step: see ``decided``.
    """

    classes: tuple[str, ...]
    scores: np.ndarray
    probabilities: np.ndarray
    chosen: np.ndarray

    @property
    def settled_step(self) -> int:
        """Length of the shortest prefix after which the label no longer changes, 1..T."""
        changes = np.flatnonzero(np.diff(self.chosen))
        return int(changes[-1]) + 2 if changes.size else 1


def softmax(scores: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities over the last axis, float32, of the same shape."""
    scaled = scores / temperature
    raised = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return (raised / raised.sum(axis=-1, keepdims=True)).astype(np.float32)


def probabilities_of(bundle: Bundle, scores: np.ndarray) -> np.ndarray:
    """Calibrated probabilities, float32, of class scores before the softmax; classes are the last axis of both."""
    return softmax(scores, bundle.temperature)


def decided(bundle: Bundle, scores: np.ndarray) -> np.ndarray:
    """Index of the class that is named at these scores (..., C), int64, shape = (...).

    The one of the greatest probability times weight, which has the least expected cost where missing a class costs its
    weight (Elkan 2001, "The foundations of cost-sensitive learning", section 1).
    """
    return weighed(bundle, scores).argmax(axis=-1)


def weighed(bundle: Bundle, scores: np.ndarray) -> np.ndarray:
    """Calibrated probabilities times the weights of their classes, brought to a sum of 1; shape as ``scores``."""
    return softmax(scores / bundle.temperature + np.log(bundle.weights))


def scores_of(bundle: Bundle, values: np.ndarray) -> np.ndarray:
    """Class scores before the softmax, float32, shape = (n, C), of window values (n, T, D)."""
    return scored(bundle.network, values)[0]


def score_windows(bundle: Bundle, windows: Windows) -> Scores:
    """Classify windows in batches; each window is read once."""
    scores, features = scored(bundle.network, windows.values)
    unlike = np.zeros(len(features), dtype=bool)
    if bundle.familiarity is not None:
        unlike = bundle.familiarity.unlike(windows.values, features)
    return Scores(
        classes=bundle.classes,
        scores=scores,
        probabilities=probabilities_of(bundle, scores),
        chosen=decided(bundle, scores),
        uncertain=weighed(bundle, scores).max(axis=1, initial=0.0) < bundle.certain_from,
        unlike=unlike,
    )


def scores_over_time(bundle: Bundle, window: np.ndarray) -> StepScores:
    """Class scores after each prefix 1..t of one window (T, D), in one pass.

    References
    ----------
    van der Westhuizen & Lasenby 2018, section 3.2; Strobelt et al. 2017 (LSTMVis).
    """
    with torch.inference_mode():
        batch = torch.from_numpy(np.ascontiguousarray(window[np.newaxis], dtype=np.float32))
        read = bundle.network.prefix_scores(batch)[0].numpy()
    scores = np.repeat(read, bundle.network.architecture.steps_per_read, axis=0)
    if bundle.prefixes is not None:
        scores = bundle.prefixes.applied(scores)
    return StepScores(bundle.classes, scores, probabilities_of(bundle, scores), decided(bundle, scores))
