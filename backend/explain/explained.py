"""The one number that a technique explains, and how torch computes it here."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from backend.models.bundle import Bundle

__all__ = ["EXPLAINED", "denormals_flushed", "explained_output", "window_tensor"]

EXPLAINED = ("score", "probability")
"""The class score before the softmax (van der Westhuizen & Lasenby 2018), or the calibrated probability."""


def explained_output(bundle: Bundle, scores: torch.Tensor, target: str, explained: str) -> torch.Tensor:
    """Score or probability of the target, shape = (n,), from class scores (n, C)."""
    index = bundle.class_index(target)
    if explained == "probability":
        return torch.softmax(scores / bundle.temperature, dim=-1)[:, index]
    return scores[:, index]


def window_tensor(window: np.ndarray) -> torch.Tensor:
    """A copy of one window (T, D) as a batch of one, shape = (1, T, D)."""
    return torch.from_numpy(np.array(window[np.newaxis], dtype=np.float32))


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Round the tiniest numbers of this thread to zero, and leave the thread as it was found.

    A gradient fades on its way back through hundreds of steps into numbers below 1e-38, with which a processor
    reckons many times slower.
    """
    were_flushed = bool(torch.full((), 1e-38) * 1e-2 == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(were_flushed)
