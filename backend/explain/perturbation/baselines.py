"""What stands in a window where something is taken out of it."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import uniform_filter1d

from backend.explain.parameters import Value
from backend.models.bundle import Bundle
from backend.records.record import RecordRefused
from backend.windows.base import replace_hidden

__all__ = ["CLASS_MEAN", "FILLS", "LOCAL_MEAN", "NOT_MEASURED", "deleted", "fill_values", "fills_of_many"]

NOT_MEASURED = "not measured"
"""Deleted values become what the model reads where a sensor is off or nothing was charted."""

CLASS_MEAN = "class mean"
"""Deleted values become those of the explained class's mean training window: what is special of this one goes."""

LOCAL_MEAN = "local mean"
"""Deleted values become a moving average over a quarter of the window, in which no wave is left."""

FILLS: tuple[Value, ...] = (0.0, 0.5, "mean", CLASS_MEAN, LOCAL_MEAN, NOT_MEASURED)
"""Values of k (van der Westhuizen & Lasenby 2018, section 3.3), ``mean`` being each variable's mean in the window; the
moving average is the fade of Crabbé & van der Schaar 2021, section 3.2; the class mean and the last are our own."""

_LOCAL_SHARE = 4


def fill_values(bundle: Bundle, window: np.ndarray, fill: Value, target: str) -> np.ndarray:
    """The value of k for each value of a window (T, D), float32, of the same shape.

    Parameters
    ----------
    target : str
        The explained class, whose mean window ``class mean`` is.

    Raises
    ------
    RecordRefused
        If the model knows no mean windows of its classes.
    """
    if fill == NOT_MEASURED:
        return np.broadcast_to(bundle.window.absent, window.shape)
    if fill == "mean":
        return np.broadcast_to(window.mean(axis=0, dtype=np.float64).astype(np.float32), window.shape)
    if fill == LOCAL_MEAN:
        return uniform_filter1d(window, max(len(window) // _LOCAL_SHARE, 1), axis=0, mode="nearest")
    if fill == CLASS_MEAN:
        if bundle.class_means is None:
            raise RecordRefused(f"{bundle.name} has no mean windows of its classes; choose another fill.")
        return bundle.class_means[bundle.class_index(target)]
    return np.full(window.shape, fill, dtype=np.float32)


def fills_of_many(bundle: Bundle, windows: np.ndarray, fill: Value, targets: Sequence[str]) -> np.ndarray:
    """``fill_values`` of several windows (n, T, D), each for its own explained class, float32, of the same shape."""
    own = zip(windows, targets, strict=True)
    return np.stack([fill_values(bundle, window, fill, target) for window, target in own])


def deleted(bundle: Bundle, window: np.ndarray, hidden: np.ndarray, fill: Value, target: str) -> np.ndarray:
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
    target : str
        The explained class.

    Returns
    -------
    float32 array, shape = (n, T, D)
    """
    if fill == NOT_MEASURED:
        return bundle.window.without(window[np.newaxis], hidden)
    return replace_hidden(window[np.newaxis], hidden, bundle.window.sources, fill_values(bundle, window, fill, target))
