"""The mean training window of each class, a baseline for ranked deletion."""

from collections.abc import Sequence

import numpy as np

from backend.models.training.beats.beat_inputs import compose_inputs
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.windows.beats.beat_windows import BeatWindow

__all__ = ["compute_class_means"]


def compute_class_means(beats: LabelledBeats, classes: Sequence[str], window: BeatWindow) -> np.ndarray:
    """Return the mean window of each class, every patient weighted equally, float32, shape = (C, T, D).

    A lead that a record lacks is zero in the mean as in the window.

    Parameters
    ----------
    beats : LabelledBeats
        Of training patients, with beats of every class.
    classes : sequence of str, length C
    window : BeatWindow
    """
    means = []
    for name in classes:
        of_class = beats.select(beats.labels == name)
        of_patient = [
            compose_inputs(of_class.select(of_class.patients == patient), window).mean(axis=0, dtype=np.float64)
            for patient in sorted(set(of_class.patients))
        ]
        means.append(np.mean(of_patient, axis=0))
    return np.stack(means).astype(np.float32)
