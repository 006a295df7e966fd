"""The mean window of each class: what deletion can put in place of what is special of one beat."""

from collections.abc import Sequence

import numpy as np

from backend.models.augmentation import inputs
from backend.models.training_beats import LabelledBeats
from backend.windows.beats import BeatWindow

__all__ = ["class_means"]


def class_means(beats: LabelledBeats, classes: Sequence[str], window: BeatWindow) -> np.ndarray:
    """The mean of what the network reads of each class, each patient weighing the same, float32, shape = (C, T, D).

    A lead that a record lacks counts as the zero that the network reads there.

    Parameters
    ----------
    beats : LabelledBeats
        Of training patients, with beats of every class.
    classes : sequence of str, length C
    window : BeatWindow
    """
    means = []
    for name in classes:
        patients = sorted(set(beats.patients[beats.labels == name]))
        of_patient = [
            inputs(beats.only((beats.labels == name) & (beats.patients == patient)), window).mean(
                axis=0, dtype=np.float64
            )
            for patient in patients
        ]
        means.append(np.mean(of_patient, axis=0))
    return np.stack(means).astype(np.float32)
