"""What if: the prediction after a stretch of the window is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Value, join_choices
from backend.explain.perturbation.baselines import BASELINES, delete_sources
from backend.models.bundle import Bundle
from backend.models.scores import compute_probabilities, compute_scores, predict_classes
from backend.records.record import RecordRefused
from backend.windows.base import distinct

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
    first_step: int,
    last_step: int,
    baseline: Value = 0.0,
    sources: Sequence[str] | None = None,
) -> WhatIf:
    """Return the scores before and after deleting the steps from ``first_step`` to ``last_step`` inclusive.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    first_step, last_step : int
        0..T - 1.
    baseline : one of BASELINES
        The baseline value of the deleted steps; ``mean`` is the mean of each variable over the intact window,
        ``class mean`` the mean window of the predicted class.
    sources : sequence of str or None
        The ``bundle.window.sources`` in which they are deleted; None is all.

    Raises
    ------
    RecordRefused
        If the stretch is outside the window, or the baseline value or a source does not exist.
    """
    if not 0 <= first_step <= last_step < len(window):
        raise RecordRefused(
            f"Steps {first_step} to {last_step} are not a stretch of this window. "
            f"Choose a first and a last step from 0 to {len(window) - 1}."
        )
    if baseline not in BASELINES:
        raise RecordRefused(f"The baseline value cannot be {baseline}. Choose one of {join_choices(BASELINES)}.")
    known = distinct(bundle.window.sources)
    for source in sources or ():
        if source not in known:
            raise RecordRefused(f"{bundle.name} does not read {source!r}. Choose from {', '.join(known)}.")
    hidden = np.zeros((1, len(window), len(known)), dtype=bool)
    hidden[0, first_step : last_step + 1] = [sources is None or source in sources for source in known]
    predicted = bundle.classes[int(predict_classes(bundle, compute_scores(bundle, window[np.newaxis]))[0])]
    return compare_windows(bundle, window, delete_sources(bundle, window, hidden, baseline, predicted)[0])


def compare_windows(bundle: Bundle, before: np.ndarray, after: np.ndarray) -> WhatIf:
    """Return the scores of a window (T, D) before and after a change."""
    scores = compute_scores(bundle, np.stack([before, after]))
    probabilities = compute_probabilities(bundle, scores)
    labels = [bundle.classes[index] for index in predict_classes(bundle, scores)]
    return WhatIf(bundle.classes, after, scores[0], scores[1], probabilities[0], probabilities[1], *labels)
