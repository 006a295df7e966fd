"""The one number that a technique explains."""

import numpy as np

from backend.models.bundle import Bundle
from backend.models.scores import compute_probabilities

__all__ = ["EXPLAINED", "explained_output"]

EXPLAINED = ("score", "probability")
"""The class score before the softmax (van der Westhuizen & Lasenby 2018), or the calibrated probability."""


def explained_output(bundle: Bundle, scores: np.ndarray, target: str, explained: str) -> np.ndarray:
    """Score or probability of the target, float64, shape = (n,), from class scores (n, C)."""
    outputs = compute_probabilities(bundle, scores) if explained == "probability" else scores
    return outputs[:, bundle.class_index(target)].astype(np.float64)
