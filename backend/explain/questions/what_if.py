"""What if: the prediction after a stretch of the window, or some of its measurements, are deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Value, join_choices
from backend.explain.perturbation.baselines import BASELINES, delete_sources
from backend.models.bundle import Bundle
from backend.models.scores import compute_probabilities, compute_scores, predict_classes
from backend.records.record import RecordRefused
from backend.windows.base import varying_sources, without_sources

__all__ = ["WhatIf", "compare_windows", "what_if"]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Scores before and after a deletion or another change.

    Attributes
    ----------
    classes : tuple of str, length C
    window : float32 array, shape = (T, D)
        After the change.
    scores_before, scores_after : float32 array, shape = (C,)
    probabilities_before, probabilities_after : float32 array, shape = (C,)
    label_before, label_after : str
        The predicted classes.
    """

    classes: tuple[str, ...]
    window: np.ndarray
    scores_before: np.ndarray
    scores_after: np.ndarray
    probabilities_before: np.ndarray
    probabilities_after: np.ndarray
    label_before: str
    label_after: str


def what_if(
    bundle: Bundle,
    window: np.ndarray,
    stretch: tuple[int, int] | None,
    baseline: Value = 0.0,
    sources: Sequence[str] | None = None,
    measurements: Sequence[str] = (),
) -> WhatIf:
    """Return the scores before and after deleting a stretch of a window, and some of its measurements.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    stretch : (int, int) or None
        The first and the last deleted step, inclusive, 0..T - 1; None deletes no step. Measurements stay.
    baseline : one of BASELINES
        The baseline value of the deleted steps; ``mean`` is the mean of each variable over the intact window,
        ``class mean`` the mean window of the predicted class.
    sources : sequence of str or None
        The varying sources of ``bundle.window`` in which the stretch is deleted; None is all.
    measurements : sequence of str
        The ``bundle.window.whole_sources`` that are deleted, each from the whole window.

    Raises
    ------
    RecordRefused
        If the stretch is outside the window, or the baseline value, a source or a measurement does not exist.
    """
    if stretch is not None and not 0 <= stretch[0] <= stretch[1] < len(window):
        raise RecordRefused(
            f"Steps {stretch[0]} to {stretch[1]} are not a stretch of this window. "
            f"Choose a first and a last step from 0 to {len(window) - 1}."
        )
    if baseline not in BASELINES:
        raise RecordRefused(f"The baseline value cannot be {baseline}. Choose one of {join_choices(BASELINES)}.")
    known = varying_sources(bundle.window)
    _check_names(bundle, sources or (), known)
    _check_names(bundle, measurements, bundle.window.whole_sources)
    hidden = np.zeros((1, len(window), len(known)), dtype=bool)
    if stretch is not None:
        hidden[0, stretch[0] : stretch[1] + 1] = [sources is None or source in sources for source in known]
    predicted = bundle.classes[int(predict_classes(bundle, compute_scores(bundle, window[np.newaxis]))[0])]
    changed = delete_sources(bundle, window, hidden, baseline, predicted)
    return compare_windows(bundle, window, without_sources(bundle.window, changed, measurements)[0])


def _check_names(bundle: Bundle, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise RecordRefused(f"{bundle.name} does not read {name!r}. Choose from {', '.join(known) or 'none'}.")


def compare_windows(bundle: Bundle, before: np.ndarray, after: np.ndarray) -> WhatIf:
    """Return the scores of a window (T, D) before and after a change."""
    scores = compute_scores(bundle, np.stack([before, after]))
    probabilities = compute_probabilities(bundle, scores)
    labels = [bundle.classes[index] for index in predict_classes(bundle, scores)]
    return WhatIf(bundle.classes, after, scores[0], scores[1], probabilities[0], probabilities[1], *labels)
