"""The one number that a technique explains, and how torch computes it here."""

import numpy as np
import torch

from backend.models.bundle import Bundle

__all__ = ["EXPLAINED", "explained_output", "window_tensor"]

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
