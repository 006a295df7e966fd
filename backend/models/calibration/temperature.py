"""Temperature scaling: the calibration of class probabilities."""

import numpy as np
from scipy.optimize import minimize_scalar

__all__ = ["fit_temperature"]

_MIN_PROBABILITY = 1e-12


def fit_temperature(scores: np.ndarray, targets: np.ndarray) -> float:
    """Return the temperature of the lowest log loss, between e^-2 and e^2, rounded to four digits.

    Scores are divided by it before the softmax.

    Parameters
    ----------
    scores : array, shape = (n, C)
        Before the softmax, of windows that the network was not trained on.
    targets : int array, shape = (n,)
        Class indices.

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", section 4.2.
    """
    shifted = scores - scores.max(axis=1, keepdims=True)

    def loss(log_temperature: float) -> float:
        raised = np.exp(shifted / np.exp(log_temperature))
        probabilities = raised[np.arange(len(targets)), targets] / raised.sum(axis=1)
        return float(-np.log(np.maximum(probabilities, _MIN_PROBABILITY)).mean())

    return round(float(np.exp(minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded").x)), 4)
