"""What an explanation asks of a network whose weights stay as they are."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

__all__ = ["Cotangent", "FrozenLSTM"]

Cotangent = Callable[[slice, np.ndarray], np.ndarray]
"""Called with a slice of the windows and their class scores (m, C); gives the slope of what is explained by them."""


class FrozenLSTM(Protocol):
    """What an explanation asks of a network. Arrays are float32; all are of its own shape (n, T, D) or classes C."""

    def slopes(self, values: np.ndarray, cotangent: Cotangent) -> np.ndarray:
        """The slope, by each value, of what ``cotangent`` is the slope of by the class scores, shape = (n, T, D)."""
        ...

    def branched_scores(self, window: np.ndarray, variants: np.ndarray) -> np.ndarray:
        """Class scores of variants (n, T, D) of one window (T, D), shape = (n, C); what they share is read once."""
        ...
