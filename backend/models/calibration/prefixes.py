"""Vector scaling of the scores of prefixes: the calibration of class probabilities over time."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

__all__ = ["PrefixCalibration", "fit_prefixes"]

_MIN_SLOPE, _MAX_SLOPE = 0.0, 10.0
_MIN_SHARE = 1e-4


@dataclass(frozen=True, eq=False)
class PrefixCalibration:
    """A slope and an offset for each class after each read of a window, which calibrate the scores of its prefixes.

    A network that is trained on whole windows is over- or underconfident after the first reads. The last prefix is the
    whole window, whose scores do not change.

    Attributes
    ----------
    slopes : tuple of float, length R
        The scores after each read are multiplied by its slope.
    offsets : tuple of tuple of float, shape = (R, C)
        What is then added; zero for the last class.
    prior : tuple of float, length C
        The scores before the first read: they give each class its share of the windows of the fit.
    """

    slopes: tuple[float, ...]
    offsets: tuple[tuple[float, ...], ...]
    prior: tuple[float, ...]

    def apply(self, scores: np.ndarray) -> np.ndarray:
        """Return the calibrated scores of prefixes (..., R, C), float32, of the same shape."""
        slopes, offsets = np.array(self.slopes, dtype=np.float32), np.array(self.offsets, dtype=np.float32)
        return scores * slopes[:, np.newaxis] + offsets


def fit_prefixes(scores: np.ndarray, targets: np.ndarray, temperature: float) -> PrefixCalibration:
    """Return the slopes and offsets of the lowest log loss for all prefixes but the last.

    Parameters
    ----------
    scores : array, shape = (n, R, C)
        Of the prefixes of windows that the network was not trained on, in the shares of the classes for which the
        probabilities are to hold.
    targets : int array, shape = (n,)
        Class indices.
    temperature : float
        See `fit_temperature`.

    Notes
    -----
    Platt 1999 scales the scores of two classes by a line. Guo et al. 2017 scale those of several by a vector and add
    another; here all classes share the slope, which may not be negative: a higher score never means less.

    References
    ----------
    Platt 1999, "Probabilistic outputs for support vector machines", section 2.2; Guo et al. 2017, "On calibration of
    modern neural networks", section 4.2.
    """
    n_reads, n_classes = scores.shape[1:]
    fitted = [_fit_read(scores[:, read] / temperature, targets) for read in range(n_reads - 1)]
    shares = np.maximum(np.bincount(targets, minlength=n_classes) / len(targets), _MIN_SHARE)
    return PrefixCalibration(
        slopes=(*(round(float(slope), 4) for slope, _ in fitted), 1.0),
        offsets=(*(_rounded(offsets * temperature) for _, offsets in fitted), (0.0,) * n_classes),
        prior=_rounded((np.log(shares) - np.log(shares[-1])) * temperature),
    )


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)


def _fit_read(scores: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the slope and the offsets (C,) of scores (n, C) after one read; the last offset is zero."""
    own = np.arange(len(targets)), targets
    centred = scores.astype(np.float64)
    centred -= centred.mean(axis=1, keepdims=True)

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        log_odds = line[0] * centred
        log_odds[:, :-1] += line[1:]
        error = softmax(log_odds, axis=1)
        error[own] -= 1.0
        gradient = np.concatenate([[(error * centred).sum()], error[:, :-1].sum(axis=0)]) / len(targets)
        return float(-log_softmax(log_odds, axis=1)[own].mean()), gradient

    n_classes = scores.shape[1]
    bounds = [(_MIN_SLOPE, _MAX_SLOPE), *[(np.log(_MIN_SHARE), -np.log(_MIN_SHARE))] * (n_classes - 1)]
    line = minimize(loss, np.eye(n_classes)[0], jac=True, bounds=bounds, method="L-BFGS-B").x
    return float(line[0]), np.append(line[1:], 0.0)
