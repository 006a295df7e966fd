"""The windows that a network reads of labelled beats, and the classes that their labels allow."""

from collections.abc import Sequence

import numpy as np

from backend.models.training.beats.augmentation import augment
from backend.models.training.beats.labelled_beats import LabelledBeats, margin_steps
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.examples import Examples, draw_by_class
from backend.models.training.loop import Plan
from backend.windows.beats.beat_windows import BeatWindow, compose_windows

__all__ = ["CONDUCTED_CLASSES", "allowed_classes", "beat_examples", "compose_inputs"]

CONDUCTED_CLASSES = ("normal", "LBBB", "RBBB")
"""What a CONDUCTED beat may be."""

_MOST_BEATS = 200
"""Beats of a label beyond which a patient weighs no more."""


def compose_inputs(beats: LabelledBeats, window: BeatWindow) -> np.ndarray:
    """Return the windows without augmentation, float32, shape = (n, T, D); the same as those of ``cut_beats``."""
    margin = margin_steps(window)
    inner = slice(margin, margin + window.steps)
    return compose_windows(beats.tracings[:, inner], beats.usual[:, inner], beats.rhythm if window.in_context else None)


def allowed_classes(labels: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Return 1 for each class that a label (n,) allows, float32, shape = (n, C).

    A CONDUCTED beat may be any of CONDUCTED_CLASSES; other labels allow themselves.
    """
    allowed = np.array([labels == name for name in classes], dtype=np.float32).T
    is_conducted = np.isin(classes, CONDUCTED_CLASSES)
    allowed[(labels == CONDUCTED)[:, np.newaxis] & is_conducted] = 1.0
    return allowed


def beat_examples(beats: LabelledBeats, classes: Sequence[str], window: BeatWindow, plan: Plan) -> Examples:
    """Return the beats as the training loop takes them, drawn and augmented as the plan says.

    Parameters
    ----------
    beats : LabelledBeats
        Of these classes, or CONDUCTED.
    classes : sequence of str
    window : BeatWindow
    plan : Plan
    """
    allowed = allowed_classes(beats.labels, classes)

    def make_batch(indices: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        chosen = beats.select(indices)
        if plan.augmentation is None:
            return compose_inputs(chosen, window), allowed[indices]
        return augment(chosen, allowed[indices], classes, window, plan.augmentation, rng)

    if plan.draw is None:
        return Examples(allowed, make_batch, lambda rng: np.arange(len(beats)))
    return Examples(allowed, make_batch, draw_by_class(beats.labels, beats.patients, plan.draw, _MOST_BEATS))
