"""Offsets of the class scores: from the shares of the classes in training to those among patients."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp

__all__ = ["fit_class_offsets", "weight_by_patient"]

_PENALTY = 0.006
"""The weight of the squared offsets: few validation patients with a class cannot make it vanish or take over."""

_LOG_SLOPES = (-2.0, 2.0)
"""Logarithms of the least and greatest factor of the scores, as in `fit_temperature`.

Without them, scores that tell nothing would get offsets without bound.
"""


def weight_by_patient(patients: np.ndarray) -> np.ndarray:
    """Return the weight of each window, with a sum of 1, float64, shape = (n,).

    A patient's windows together weigh the square root of their number, so that half an hour of one patient does not
    decide against many patients of ten seconds.
    """
    _, patient, counts = np.unique(patients, return_inverse=True, return_counts=True)
    weights = 1.0 / np.sqrt(counts[patient])
    return np.asarray(weights / weights.sum())


def fit_class_offsets(
    scores: np.ndarray, allowed: np.ndarray, patients: np.ndarray, penalty: float = _PENALTY
) -> np.ndarray:
    """Return what to add to the class scores, float64, shape = (C,); the first class has 0.

    A network that is trained on classes drawn evenly expects rare classes too often. The offsets, and a temperature
    with them, have the lowest log loss on windows in natural proportions.

    Parameters
    ----------
    scores : array, shape = (n, C)
        Before the softmax, of windows that the network was not trained on.
    allowed : array, shape = (n, C)
        1 for each class that the label of a window allows; see `Examples`.
    patients : array of str, shape = (n,)
    penalty : float
        The weight of the squared offsets.

    References
    ----------
    Saerens, Latinne & Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori probabilities",
    section 2: with known shares, the offsets are the logarithms of their ratios.
    """
    weights = weight_by_patient(patients)
    is_allowed = allowed > 0

    def loss(parameters: np.ndarray) -> float:
        offsets = np.append(0.0, parameters[1:])
        log_probabilities = log_softmax(scores * np.exp(parameters[0]) + offsets, axis=1)
        own = logsumexp(np.where(is_allowed, log_probabilities, -np.inf), axis=1)
        return float(-(weights * own).sum() + penalty * (offsets**2).sum())

    bounds = [_LOG_SLOPES, *[(None, None)] * (scores.shape[1] - 1)]
    fitted = minimize(loss, np.zeros(scores.shape[1]), bounds=bounds, method="L-BFGS-B").x
    return np.append(0.0, fitted[1:]) * np.exp(-fitted[0])
