"""The values of ticks and grid lines."""

import math

import numpy as np

__all__ = ["tick_values"]


def tick_values(step: float, low: float, high: float) -> np.ndarray:
    """Return the multiples of ``step`` from ``low`` to ``high``, both included."""
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return np.arange(first, last + 1) * step
