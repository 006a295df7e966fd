"""How an explained output answers to the values of windows."""

from collections.abc import Sequence

import numpy as np
import torch

from backend.explain.backpropagation import quick_backpropagation
from backend.models.bundle import Bundle

__all__ = ["output_slopes"]

_AT_ONCE = 256
"""Windows in one batch, so that what backpropagation keeps stays within some hundred megabytes."""


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
    outputs = np.empty(len(values), dtype=np.float32)
    slopes = np.empty(values.shape, dtype=np.float32)
    for first in range(0, len(values), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        outputs[part], slopes[part] = _by_autograd(bundle, values[part], targets[part], explained)
    return outputs, slopes


def _by_autograd(
    bundle: Bundle, values: np.ndarray, targets: Sequence[str], explained: str
) -> tuple[np.ndarray, np.ndarray]:
    read = torch.from_numpy(np.array(values, dtype=np.float32)).requires_grad_()
    indices = torch.tensor([bundle.class_index(target) for target in targets])
    with quick_backpropagation():
        scores = bundle.network(read)
        if explained == "probability":
            scores = torch.softmax(scores / bundle.temperature, dim=-1)
        outputs = scores.gather(1, indices[:, None])[:, 0]
        (slopes,) = torch.autograd.grad(outputs.sum(), read)
    return outputs.detach().numpy(), slopes.numpy()
