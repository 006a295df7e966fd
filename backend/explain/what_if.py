"""What the model would say if a stretch of the window were not there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.fills import FILLS, fill_values
from backend.explain.parameters import Value
from backend.models.bundle import Bundle
from backend.models.scores import scores_of, softmax
from backend.records.record import RecordRefused

__all__ = ["WhatIf", "what_if"]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Scores before and after a stretch was deleted.

    Attributes
    ----------
    classes : tuple of str, length C
    window : float32 array, shape = (T, D)
        With the stretch deleted.
    scores_before, scores_after : float32 array, shape = (C,)
    probabilities_before, probabilities_after : float32 array, shape = (C,)
    """

    classes: tuple[str, ...]
    window: np.ndarray
    scores_before: np.ndarray
    scores_after: np.ndarray
    probabilities_before: np.ndarray
    probabilities_after: np.ndarray

    @property
    def label_before(self) -> str:
        """The most probable class of the untouched window."""
        return self.classes[int(self.scores_before.argmax())]

    @property
    def label_after(self) -> str:
        """The most probable class once the stretch is deleted."""
        return self.classes[int(self.scores_after.argmax())]


def what_if(
    bundle: Bundle,
    window: np.ndarray,
    first_step: int,
    last_step: int,
    fill: Value = 0.0,
    columns: Sequence[int] | None = None,
) -> WhatIf:
    """Delete the steps from ``first_step`` to ``last_step``, both included, and classify what is left.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    first_step, last_step : int
        0..T - 1.
    fill : 0, 0.5 or ``mean``
        What the deleted steps hold instead; ``mean`` is each variable's mean over the untouched window.
    columns : sequence of int or None
        The variables in which they are deleted; None is all.

    Raises
    ------
    RecordRefused
        If the stretch does not lie in the window, or the fill is not one of those.
    """
    if not 0 <= first_step <= last_step < len(window):
        raise RecordRefused(
            f"Steps {first_step} to {last_step} are not a stretch of this window; "
            f"choose a first and a last step from 0 to {len(window) - 1}."
        )
    if fill not in FILLS:
        raise RecordRefused(f"fill cannot be {fill}; choose one of 0, 0.5, mean.")
    chosen = list(range(window.shape[1])) if columns is None else list(columns)
    deleted = window.astype(np.float32)
    deleted[first_step : last_step + 1, chosen] = fill_values(window, fill)[chosen]
    before, after = scores_of(bundle, np.stack([window, deleted]))
    return WhatIf(
        classes=bundle.classes,
        window=deleted,
        scores_before=before,
        scores_after=after,
        probabilities_before=softmax(before, bundle.temperature),
        probabilities_after=softmax(after, bundle.temperature),
    )
