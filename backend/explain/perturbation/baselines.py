"""The baseline values that replace deleted values."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import uniform_filter1d

from backend.explain.parameters import Value
from backend.models.bundle import Bundle
from backend.records.record import RecordRefused
from backend.windows.base import hide_varying, replace_hidden, varying_columns

__all__ = [
    "BASELINES",
    "CLASS_MEAN",
    "LOCAL_MEAN",
    "NOT_MEASURED",
    "compute_baseline",
    "compute_baselines",
    "delete_sources",
]

NOT_MEASURED = "not measured"
"""The baseline is what the model reads when a sensor is off or nothing was charted."""

CLASS_MEAN = "class mean"
"""The baseline is the mean training window of the explained class."""

LOCAL_MEAN = "local mean"
"""The baseline is a moving average over a quarter of the window, which contains no wave."""

BASELINES: tuple[Value, ...] = (0.0, 0.5, "mean", CLASS_MEAN, LOCAL_MEAN, NOT_MEASURED)
"""Values of k (van der Westhuizen & Lasenby 2018, section 3.3), ``mean`` being each variable's mean in the window; the
moving average is the fade of Crabbé & van der Schaar 2021, section 3.2; the class mean and the last are ours."""

_LOCAL_SHARE = 4


def compute_baseline(bundle: Bundle, window: np.ndarray, baseline: Value, target: str) -> np.ndarray:
    """Return the baseline value k for each value of a window (T, D), float32, of the same shape.

    A source that is measured once for the whole window keeps its values: no part of it can be deleted.

    Parameters
    ----------
    target : str
        The explained class; ``class mean`` is the mean of its training windows.

    Raises
    ------
    RecordRefused
        If the bundle lacks the mean windows of its classes.
    """
    is_varying = varying_columns(bundle.window)
    return np.where(is_varying, _choose_baseline(bundle, window, baseline, target), window)


def _choose_baseline(bundle: Bundle, window: np.ndarray, baseline: Value, target: str) -> np.ndarray:
    if baseline == NOT_MEASURED:
        return np.broadcast_to(bundle.window.absent, window.shape)
    if baseline == "mean":
        return np.broadcast_to(window.mean(axis=0, dtype=np.float64).astype(np.float32), window.shape)
    if baseline == LOCAL_MEAN:
        return uniform_filter1d(window, max(len(window) // _LOCAL_SHARE, 1), axis=0, mode="nearest")
    if baseline == CLASS_MEAN:
        if bundle.class_means is None:
            raise RecordRefused(f"{bundle.name} has no mean windows of its classes. Choose another baseline value.")
        return bundle.class_means[bundle.class_index(target)]
    return np.full(window.shape, baseline, dtype=np.float32)


def compute_baselines(bundle: Bundle, windows: np.ndarray, baseline: Value, targets: Sequence[str]) -> np.ndarray:
    """Return the baselines of several windows (n, T, D), each for its own target, float32, of the same shape."""
    pairs = zip(windows, targets, strict=True)
    return np.stack([compute_baseline(bundle, window, baseline, target) for window, target in pairs])


def delete_sources(bundle: Bundle, window: np.ndarray, hidden: np.ndarray, baseline: Value, target: str) -> np.ndarray:
    """Return a window with some of its sources deleted, once for each row of ``hidden``.

    With ``not measured`` the result is what the model would read from a record that lacks those values: an earlier
    charted value is carried forward, for instance. For an alarm this holds when a sensor is hidden throughout, except
    the first of two ECG leads, without which the other would be read as the first; when only a stretch is hidden,
    features at other steps (a rate, the usual beat) still depend on the hidden samples. With
    any other baseline every column of the source becomes k. Steps before the first hidden one never change, and sources
    that are measured once for the whole window never do (``without_sources`` deletes those).

    Parameters
    ----------
    window : float32 array, shape = (T, D)
    hidden : bool array, shape = (n, T, V)
        For each of ``varying_sources``.
    target : str
        The explained class.

    Returns
    -------
    float32 array, shape = (n, T, D)
    """
    hidden = hide_varying(bundle.window, hidden)
    if baseline == NOT_MEASURED:
        return bundle.window.without(window[np.newaxis], hidden)
    return replace_hidden(
        window[np.newaxis], hidden, bundle.window.sources, compute_baseline(bundle, window, baseline, target)
    )
