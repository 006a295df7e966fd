"""Labelled beats as a training loop takes them."""

from dataclasses import dataclass

import numpy as np

from backend.models.training.beats.beat_augmentation import Augmentation, augmented_inputs, inputs
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.windows.beats.beat_windows import BeatWindow

__all__ = ["BeatExamples", "drawn"]


@dataclass(frozen=True, eq=False)
class BeatExamples:
    """Beats to train on.

    Attributes
    ----------
    beats : LabelledBeats
    classes : tuple of str
        Their order numbers the targets.
    window : BeatWindow
    per_patient_and_class : int or None
        At most this many are drawn for an epoch; None takes all.
    augmentation : Augmentation or None
    """

    beats: LabelledBeats
    classes: tuple[str, ...]
    window: BeatWindow
    per_patient_and_class: int | None = None
    augmentation: Augmentation | None = None

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Indices of the beats of one epoch."""
        return drawn(self.beats, self.per_patient_and_class, rng)

    def batch(self, indices: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Windows of some beats, float32 (n, T, D), changed at random, and their class indices."""
        chosen = self.beats.only(indices)
        if self.augmentation is None:
            return inputs(chosen, self.window), self._targets(chosen)
        return augmented_inputs(chosen, self.window, self.augmentation, rng), self._targets(chosen)

    def whole(self) -> tuple[np.ndarray, np.ndarray]:
        """Windows of all beats, unchanged, and their class indices."""
        return inputs(self.beats, self.window), self._targets(self.beats)

    def _targets(self, beats: LabelledBeats) -> np.ndarray:
        index = {name: position for position, name in enumerate(self.classes)}
        return np.array([index[str(label)] for label in beats.labels], dtype=np.int64)


def drawn(beats: LabelledBeats, most: int | None, rng: np.random.Generator) -> np.ndarray:
    """Indices of at most ``most`` beats for each patient and class."""
    if most is None:
        return np.arange(len(beats))
    groups = np.char.add(np.char.add(beats.patients.astype(str), "|"), beats.labels.astype(str))
    order = rng.permutation(len(beats))
    _, inverse = np.unique(groups[order], return_inverse=True)
    by_group = np.argsort(inverse, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(inverse[by_group]) > 0])
    rank = np.arange(len(beats)) - np.repeat(starts, np.diff(np.r_[starts, len(beats)]))
    return order[by_group[rank < most]]
