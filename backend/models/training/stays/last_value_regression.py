"""A logistic regression on the last charted values, a comparator of the stay models."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from backend.records.stays import PARAMETERS

__all__ = ["LastValues", "fit_last_values"]

_PENALTY = 30.0
"""L2 penalty: half of this times the sum of the squared weights is added to the sum of the losses."""

_MAX_DEVIATIONS = 5.0


@dataclass(frozen=True, eq=False)
class LastValues:
    """A fitted logistic regression on the last value of each parameter and on whether it was ever charted.

    Attributes
    ----------
    means, deviations : float array, shape = (n_parameters,)
        Of the training stays' last values, as logarithms where 0 is impossible.
    weights : float array, shape = (2 * n_parameters + 1,)
        Of the values, of whether there is one, and the intercept.
    """

    means: np.ndarray
    deviations: np.ndarray
    weights: np.ndarray

    def risk(self, last: np.ndarray) -> np.ndarray:
        """Return the probability of death, shape = (n,).

        Parameters
        ----------
        last : float array, shape = (n, n_parameters)
            Last charted values in physical units; NaN where there is none.
        """
        return expit(self._inputs(last) @ self.weights)

    def _inputs(self, last: np.ndarray) -> np.ndarray:
        scaled = (_reduce_skew(last) - self.means) / self.deviations
        is_known = np.isfinite(last)
        clipped = np.clip(np.where(is_known, scaled, 0.0), -_MAX_DEVIATIONS, _MAX_DEVIATIONS)
        return np.concatenate([clipped, is_known, np.ones((len(last), 1))], axis=1)


def fit_last_values(last: np.ndarray, died: np.ndarray) -> LastValues:
    """Return the regression of maximum likelihood with an L2 penalty on all weights but the intercept.

    Parameters
    ----------
    last : float array, shape = (n, n_parameters)
        The last charted value of each parameter in physical units; NaN where there is none.
    died : bool array, shape = (n,)
    """
    logarithms = np.ma.masked_invalid(_reduce_skew(last))
    deviations = logarithms.std(axis=0).filled(0.0)
    unfitted = LastValues(logarithms.mean(axis=0).filled(0.0), np.where(deviations > 0, deviations, 1.0), np.zeros(0))
    inputs = unfitted._inputs(last)
    penalty = np.append(np.full(inputs.shape[1] - 1, _PENALTY), 0.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = inputs @ weights
        value = np.logaddexp(0.0, scores).sum() - scores[died].sum() + (penalty * weights**2).sum() / 2
        return float(value), inputs.T @ (expit(scores) - died) + penalty * weights

    weights = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return replace(unfitted, weights=weights)


def _reduce_skew(last: np.ndarray) -> np.ndarray:
    """Return the values with the logarithm of those parameters that cannot be 0, most of which are skewed."""
    is_positive = np.array([parameter.least > 0 for parameter in PARAMETERS.values()])
    return np.where(is_positive, np.log(np.where(is_positive, last, 1.0)), last)
