"""What a stay's model has to beat: a logistic regression on the last charted values."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from backend.records.stays import PARAMETERS

__all__ = ["LastValues", "fit_last_values"]

_PENALTY = 30.0
"""On the sum of squared weights beside the sum of losses."""

_MOST_DEVIATIONS = 5.0


@dataclass(frozen=True, eq=False)
class LastValues:
    """A logistic regression on the last value of each parameter and on whether there is one.

    Attributes
    ----------
    means, deviations : float array, shape = (n_parameters,)
        Of the logarithms of the training stays' last values (plain where 0 is possible).
    weights : float array, shape = (2 * n_parameters + 1,)
        Of the values, of whether there is one, and the constant.
    """

    means: np.ndarray
    deviations: np.ndarray
    weights: np.ndarray

    def risk(self, last: np.ndarray) -> np.ndarray:
        """Probability of death, shape = (n,), from last values (n, n_parameters) in physical units, NaN for none."""
        return expit(self._inputs(last) @ self.weights)

    def _inputs(self, last: np.ndarray) -> np.ndarray:
        scaled = (_unskewed(last) - self.means) / self.deviations
        known = np.isfinite(last)
        clipped = np.clip(np.where(known, scaled, 0.0), -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
        return np.concatenate([clipped, known, np.ones((len(last), 1))], axis=1)


def fit_last_values(last: np.ndarray, died: np.ndarray) -> LastValues:
    """Fit by maximum likelihood with a ridge penalty, which leaves the constant alone.

    Parameters
    ----------
    last : float array, shape = (n, n_parameters)
        The last charted value of each parameter in physical units; NaN where there is none.
    died : bool array, shape = (n,)
    """
    logarithms = np.ma.masked_invalid(_unskewed(last))
    deviations = logarithms.std(axis=0).filled(0.0)
    peer = LastValues(logarithms.mean(axis=0).filled(0.0), np.where(deviations > 0, deviations, 1.0), np.zeros(0))
    inputs = peer._inputs(last)
    penalty = np.append(np.full(inputs.shape[1] - 1, _PENALTY), 0.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = inputs @ weights
        value = np.logaddexp(0.0, scores).sum() - scores[died].sum() + (penalty * weights**2).sum() / 2
        return float(value), inputs.T @ (expit(scores) - died) + penalty * weights

    weights = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return LastValues(peer.means, peer.deviations, weights)


def _unskewed(last: np.ndarray) -> np.ndarray:
    """Logarithms of the parameters that cannot be 0, since most of those are skewed."""
    is_positive = np.array([parameter.least > 0 for parameter in PARAMETERS.values()])
    return np.where(is_positive, np.log(np.where(is_positive, last, 1.0)), last)
