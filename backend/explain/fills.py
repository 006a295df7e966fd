"""What stands in a window where something is taken out of it."""

import numpy as np

from backend.explain.parameters import Value
from backend.models.bundle import Bundle
from backend.windows.windows import blanked

__all__ = ["FILLS", "NOT_MEASURED", "deleted", "fill_values"]

NOT_MEASURED = "not measured"
"""Deleted values become what the model reads where a sensor is off or nothing was charted."""

FILLS: tuple[Value, ...] = (0.0, 0.5, "mean", NOT_MEASURED)
"""Values of k (van der Westhuizen & Lasenby 2018, section 3.3); ``mean`` is each variable's mean in the window."""


def fill_values(bundle: Bundle, window: np.ndarray, fill: Value) -> np.ndarray:
    """The value of k for each variable, float32, shape = (D,), in a window (T, D)."""
    if fill == NOT_MEASURED:
        return bundle.window.absent
    if fill == "mean":
        return window.mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.full(window.shape[1], fill, dtype=np.float32)


def deleted(bundle: Bundle, window: np.ndarray, hidden: np.ndarray, fill: Value) -> np.ndarray:
    """A window with some of its sources deleted, once for each row of ``hidden``.

    With ``not measured`` it is what the model would read of a record that lacks those values: a charted value, for
    instance, is carried forward from before. Of an alarm this is so of a sensor that is hidden throughout; where only
    a stretch of it is, what was measured at other steps (a rate, the usual beat) still rests on the hidden samples.
    With any other fill every column of the source becomes k there. Steps before the first hidden one stay as they are.

    Parameters
    ----------
    window : float32 array, shape = (T, D)
    hidden : bool array, shape = (n, T, S)
        By the distinct sources of ``bundle.window.sources``.

    Returns
    -------
    float32 array, shape = (n, T, D)
    """
    if fill == NOT_MEASURED:
        return bundle.window.without(window[np.newaxis], hidden)
    return blanked(window[np.newaxis], hidden, bundle.window.sources, fill_values(bundle, window, fill))
