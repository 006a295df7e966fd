"""What explanations need of a network whose weights stay as they are."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

__all__ = ["Cotangent", "FrozenLSTM"]

Cotangent = Callable[[slice, np.ndarray], np.ndarray]
"""Called with a slice of the windows and their class scores (m, C); returns the gradient of the explained output with
respect to the scores, shape = (m, C)."""


class FrozenLSTM(Protocol):
    """What explanations need of a network. Arrays are float32: n windows, T steps, D variables, C classes."""

    def gradients(self, values: np.ndarray, cotangent: Cotangent) -> np.ndarray:
        """Return the gradient of the explained output with respect to each value, shape = (n, T, D).

        ``cotangent`` is its gradient with respect to the class scores.
        """
        ...

    def score_variants(self, window: np.ndarray, variants: np.ndarray) -> np.ndarray:
        """Return class scores (n, C) of variants (n, T, D) of one window (T, D); what they share is read once."""
        ...
