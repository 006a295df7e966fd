"""The columns and the smoothness penalty of a learned mask."""

import numpy as np

from backend.models.bundle import Bundle
from backend.windows.base import columns_of_varying

__all__ = ["assign_columns", "smoothness_gradient"]


def assign_columns(bundle: Bundle, variables: str) -> np.ndarray:
    """Return 1 where a mask covers a column, float32, shape = (n_masks, D); ``mask @ columns`` gives all columns.

    No mask covers a source that is measured once for the whole window: its columns of ``mask @ columns`` are 0.

    Parameters
    ----------
    variables : ``each`` or ``together``
        One mask for each varying source of the variables, or one for all of them.
    """
    columns = columns_of_varying(bundle.window)
    if variables == "together":
        columns = np.ones((1, len(columns)), dtype=bool) @ columns
    return columns.astype(np.float32)


def smoothness_gradient(mask: np.ndarray, weight: float) -> np.ndarray:
    """Return the gradient of weight * sum|m[t+1] - m[t]| with respect to m, float32, shape = (n, T, n_masks).

    Only changes along time count, not those between variables.
    """
    gradient = np.zeros_like(mask)
    rises = np.float32(weight) * np.sign(np.diff(mask, axis=1))
    gradient[:, 1:] += rises
    gradient[:, :-1] -= rises
    return gradient
