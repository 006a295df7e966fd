"""How an explained output answers to the values of windows."""

from collections.abc import Sequence

import numpy as np

from backend.models.bundle import Bundle
from backend.models.network.inference import frozen
from backend.models.scores import compute_probabilities

__all__ = ["output_slopes"]


def output_slopes(
    bundle: Bundle, values: np.ndarray, targets: Sequence[str], explained: str = "score"
) -> tuple[np.ndarray, np.ndarray]:
    """What is explained of each window, and its derivative by every value.

    Parameters
    ----------
    bundle : Bundle
    values : float32 array, shape = (n, T, D)
    targets : sequence of str, length n
        The explained class of each window.
    explained : ``score`` or ``probability``

    Returns
    -------
    float32 array, shape = (n,)
    float32 array, shape = (n, T, D)
    """
    chosen = np.array([bundle.class_index(target) for target in targets])
    outputs = np.empty(len(values), dtype=np.float32)

    def slope_by_scores(part: slice, scores: np.ndarray) -> np.ndarray:
        of_target = np.eye(len(bundle.classes), dtype=np.float32)[chosen[part]]
        if explained == "score":
            outputs[part] = scores[of_target > 0]
            return of_target
        probabilities = compute_probabilities(bundle, scores)
        outputs[part] = probabilities[of_target > 0]
        return outputs[part, np.newaxis] * (of_target - probabilities) / np.float32(bundle.temperature)

    slopes = frozen(bundle.network).gradients(values, slope_by_scores)
    return outputs, slopes
