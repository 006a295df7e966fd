"""The optimiser Adam for numpy arrays."""

import numpy as np

__all__ = ["Adam"]

_DECAY_OF_MEAN = 0.9
_DECAY_OF_SQUARE = 0.999
_LEAST_DEVIATION = 1e-8
"""Adam's beta 1, beta 2 and epsilon, as in its paper."""


class Adam:
    """Adam as published (Kingma & Ba 2015, algorithm 1); it changes ``parameter`` (float32, any shape) in place.

    torch's implementation takes over a second to load and is slower at every step.
    """

    def __init__(self, parameter: np.ndarray, learning_rate: float) -> None:
        self._parameter = parameter
        self._learning_rate = learning_rate
        self._mean = np.zeros_like(parameter)
        self._square = np.zeros_like(parameter)
        self._steps = 0

    def step(self, gradient: np.ndarray) -> None:
        """Move the parameter against its gradient, an array of the same shape."""
        self._steps += 1
        self._mean += np.float32(1 - _DECAY_OF_MEAN) * (gradient - self._mean)
        self._square += np.float32(1 - _DECAY_OF_SQUARE) * (gradient * gradient - self._square)
        deviation = np.sqrt(self._square / np.float32(1 - _DECAY_OF_SQUARE**self._steps))
        deviation += np.float32(_LEAST_DEVIATION)
        pace = np.float32(self._learning_rate / (1 - _DECAY_OF_MEAN**self._steps))
        self._parameter -= pace * (self._mean / deviation)
