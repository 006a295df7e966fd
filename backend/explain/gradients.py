"""The gradient of the explained output with respect to the values of windows."""

from collections.abc import Sequence

import numpy as np

from backend.models.bundle import Bundle
from backend.models.network.inference import freeze
from backend.models.scores import compute_probabilities

__all__ = ["compute_gradients"]


def compute_gradients(
    bundle: Bundle, values: np.ndarray, targets: Sequence[str], explained: str = "score"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the explained output of each window and its gradient with respect to each value.

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
    indices = np.array([bundle.class_index(target) for target in targets])
    outputs = np.empty(len(values), dtype=np.float32)

    def score_gradients(part: slice, scores: np.ndarray) -> np.ndarray:
        is_target = np.eye(len(bundle.classes), dtype=np.float32)[indices[part]]
        if explained == "score":
            outputs[part] = scores[is_target > 0]
            return is_target
        probabilities = compute_probabilities(bundle, scores)
        outputs[part] = probabilities[is_target > 0]
        return outputs[part, np.newaxis] * (is_target - probabilities) / np.float32(bundle.temperature)

    gradients = freeze(bundle.network).gradients(values, score_gradients)
    return outputs, gradients
