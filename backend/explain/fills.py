"""What stands in a window where something is taken out of it."""

import numpy as np

from backend.explain.parameters import Value

__all__ = ["FILLS", "fill_values"]

FILLS: tuple[Value, ...] = (0.0, 0.5, "mean")
"""Values of k (van der Westhuizen & Lasenby 2018, section 3.3); ``mean`` is each variable's mean in the window."""


def fill_values(window: np.ndarray, fill: Value) -> np.ndarray:
    """The value of k for each variable, float32, shape = (D,), in a window (T, D)."""
    if fill == "mean":
        return window.mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.full(window.shape[1], fill, dtype=np.float32)
