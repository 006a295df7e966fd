"""What a beat model still recognises without its measurements, and without its tracing."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backend.windows.base import WindowKind, distinct

__all__ = ["ablation_figures", "withhold"]


def withhold(values: np.ndarray, window: WindowKind, sources: Sequence[str]) -> np.ndarray:
    """Return the windows as if some sources had not been measured at any step, float32, shape = (n, T, D).

    Parameters
    ----------
    values : float32 array, shape = (n, T, D)
    window : WindowKind
    sources : sequence of str
        Of ``window.sources``.
    """
    is_withheld = np.isin(distinct(window.sources), list(sources))
    return window.without(values, np.broadcast_to(is_withheld, (1, values.shape[1], len(is_withheld))))


def ablation_figures(
    classify: Callable[[np.ndarray], np.ndarray],
    values: np.ndarray,
    labels: np.ndarray,
    window: WindowKind,
    morphological: Sequence[str],
) -> dict[str, Any]:
    """Return how far the predictions depend on the measurements and on the tracing.

    Parameters
    ----------
    classify : callable
        ``classify(values)`` returns the predicted class of each window, array of str, shape = (n,).
    values : float32 array, shape = (n, T, D)
    labels : array of str, shape = (n,)
        The reference.
    window : WindowKind
        Its ``whole_sources`` are the measurements, its other sources the tracing.
    morphological : sequence of str
        The classes that a rhythm alone cannot show.

    Returns
    -------
    dict
        ``accuracy`` of the whole input, ``without_measurements`` and with ``flat_leads``;
        ``morphological_with_flat_leads``, the share of all windows that are then predicted as a morphological class;
        under ``kept``, for each class of the reference, the correctly classified windows and the shares of them that
        keep their class in either case, None without one.
    """
    whole = tuple(window.whole_sources)
    tracing = tuple(name for name in distinct(window.sources) if name not in whole)
    predicted = classify(values)
    without_measurements = classify(withhold(values, window, whole))
    with_flat_leads = classify(withhold(values, window, tracing))
    is_correct = predicted == labels
    return {
        "accuracy": _share(is_correct),
        "accuracy_without_measurements": _share(without_measurements == labels),
        "accuracy_with_flat_leads": _share(with_flat_leads == labels),
        "morphological_with_flat_leads": _share(np.isin(with_flat_leads, list(morphological))),
        "kept": {
            str(name): {
                "beats": int((is_correct & (labels == name)).sum()),
                "without_measurements": _share((without_measurements == name)[is_correct & (labels == name)]),
                "with_flat_leads": _share((with_flat_leads == name)[is_correct & (labels == name)]),
            }
            for name in sorted(set(labels.tolist()))
        },
    }


def _share(is_part: np.ndarray) -> float | None:
    return round(float(is_part.mean()), 4) if len(is_part) else None
