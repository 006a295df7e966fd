"""The output of the model that a technique explains."""

import numpy as np

from backend.models.bundle import Bundle
from backend.models.scores import compute_probabilities

__all__ = ["OUTPUTS", "select_output"]

OUTPUTS = ("score", "probability")
"""The class score before the softmax (van der Westhuizen & Lasenby 2018), or the calibrated probability."""


def select_output(bundle: Bundle, scores: np.ndarray, target: str, explained: str) -> np.ndarray:
    """Return the score or the probability of the target, float64, shape = (n,), from class scores (n, C)."""
    outputs = compute_probabilities(bundle, scores) if explained == "probability" else scores
    return outputs[:, bundle.class_index(target)].astype(np.float64)
