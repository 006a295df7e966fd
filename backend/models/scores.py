"""What a model says of windows."""

from dataclasses import dataclass

import numpy as np
import torch

from backend.models.bundle import Bundle
from backend.models.lstm import scored
from backend.windows.windows import Windows

__all__ = ["Scores", "StepScores", "score_windows", "scores_of", "scores_over_time", "softmax"]


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
    uncertain : bool array, shape = (n,)
        The greatest probability lies in the model's uncertain band.
    unlike : bool array, shape = (n,)
        The window is unlike the training data; no label of it should be relied on.
    """

    classes: tuple[str, ...]
    scores: np.ndarray
    probabilities: np.ndarray
    uncertain: np.ndarray
    unlike: np.ndarray

    @property
    def labels(self) -> tuple[str, ...]:
        """The most probable class of each window."""
        return tuple(self.classes[index] for index in self.scores.argmax(axis=1))


@dataclass(frozen=True, eq=False)
class StepScores:
    """What a model would say if a window ended after step t, for every t.

    Attributes
    ----------
    classes : tuple of str, length C
    scores : float32 array, shape = (T, C)
        Of the prefix 1..t, before the softmax. Where the network reads several steps at once, they share a row.
    probabilities : float32 array, shape = (T, C)
    """

    classes: tuple[str, ...]
    scores: np.ndarray
    probabilities: np.ndarray

    @property
    def most_likely(self) -> np.ndarray:
        """Index of the most likely class after each step, int64, shape = (T,)."""
        return self.scores.argmax(axis=1)

    @property
    def settled_step(self) -> int:
        """Length of the shortest prefix after which the most likely class no longer changes, 1..T."""
        changes = np.flatnonzero(np.diff(self.most_likely))
        return int(changes[-1]) + 2 if changes.size else 1


def softmax(scores: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities over the last axis, float32, of the same shape."""
    scaled = scores / temperature
    raised = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return (raised / raised.sum(axis=-1, keepdims=True)).astype(np.float32)


def scores_of(bundle: Bundle, values: np.ndarray) -> np.ndarray:
    """Class scores before the softmax, float32, shape = (n, C), of window values (n, T, D)."""
    return scored(bundle.network, values)[0]


def score_windows(bundle: Bundle, windows: Windows) -> Scores:
    """Classify windows in batches; each window is read once."""
    scores, features = scored(bundle.network, windows.values)
    probabilities = softmax(scores, bundle.temperature)
    unlike = np.zeros(len(features), dtype=bool)
    if bundle.familiarity is not None:
        unlike = bundle.familiarity.unlike(windows.values, features)
    return Scores(
        classes=bundle.classes,
        scores=scores,
        probabilities=probabilities,
        uncertain=probabilities.max(axis=1, initial=0.0) < bundle.certain_from,
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
    return StepScores(bundle.classes, scores, softmax(scores, bundle.temperature))
