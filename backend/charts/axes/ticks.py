"""Where ticks and grid lines fall."""

import math

import numpy as np

__all__ = []


def tick_values(step: float, low: float, high: float) -> np.ndarray:
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return np.arange(first, last + 1) * step
