"""Scores brought to the scale on which their softmax is a probability that can be believed."""

import numpy as np
from scipy.optimize import minimize_scalar

__all__ = ["fitted_temperature"]

_LEAST_PROBABILITY = 1e-12


def fitted_temperature(scores: np.ndarray, targets: np.ndarray) -> float:
    """What scores are divided by, so that probabilities are calibrated: the least log loss between e^-2 and e^2.

    Parameters
    ----------
    scores : array, shape = (n, C)
        Before the softmax, of windows that were not trained on.
    targets : int array, shape = (n,)

    References
    ----------
    Guo et al. 2017, "On calibration of modern neural networks", section 4.2.
    """
    shifted = scores - scores.max(axis=1, keepdims=True)

    def loss(log_temperature: float) -> float:
        raised = np.exp(shifted / np.exp(log_temperature))
        right = raised[np.arange(len(targets)), targets] / raised.sum(axis=1)
        return float(-np.log(np.maximum(right, _LEAST_PROBABILITY)).mean())

    return round(float(np.exp(minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded").x)), 4)
