"""Platt scaling of the scores of prefixes: the calibration of class probabilities over time."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

__all__ = ["PrefixCalibration", "fit_prefixes"]

_MIN_SLOPE, _MAX_SLOPE = 0.0, 10.0


@dataclass(frozen=True, eq=False)
class PrefixCalibration:
    """A line for each prefix of a window, which calibrates the scores of a model of two classes (Platt scaling).

    A network that is trained on whole windows is over- or underconfident after the first steps. The last prefix is the
    whole window, whose scores do not change.

    Attributes
    ----------
    slopes, offsets : tuple of float, length T
        The scores after each step are multiplied by the slope; then the offset is added to that of the first class.
    """

    slopes: tuple[float, ...]
    offsets: tuple[float, ...]

    def apply(self, scores: np.ndarray) -> np.ndarray:
        """Return the calibrated scores of prefixes (..., T, 2), float32, of the same shape."""
        calibrated = scores * np.array(self.slopes, dtype=np.float32)[:, np.newaxis]
        calibrated[..., 0] += np.array(self.offsets, dtype=np.float32)
        return calibrated


def fit_prefixes(scores: np.ndarray, is_first: np.ndarray, temperature: float) -> PrefixCalibration:
    """Return the lines of the lowest log loss for all prefixes but the last.

    Parameters
    ----------
    scores : array, shape = (n, T, 2)
        Of the prefixes of windows that the network was not trained on.
    is_first : bool array, shape = (n,)
        Whether a window belongs to the first class.
    temperature : float
        See `fit_temperature`.

    References
    ----------
    Platt 1999, "Probabilistic outputs for support vector machines", section 2.2.
    """
    margins = (scores[:, :, 0] - scores[:, :, 1]).astype(np.float64)
    lines = [_fit_line(margins[:, step] / temperature, is_first) for step in range(scores.shape[1] - 1)]
    return PrefixCalibration(
        slopes=(*(round(slope, 4) for slope, _ in lines), 1.0),
        offsets=(*(round(offset * temperature, 4) for _, offset in lines), 0.0),
    )


def _fit_line(margins: np.ndarray, is_first: np.ndarray) -> tuple[float, float]:
    """Return slope and offset of the line from margins (n,) to the log odds of the first class."""
    sign = np.where(is_first, 1.0, -1.0)

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        log_odds = sign * (line[0] * margins + line[1])
        gradient = -sign * np.exp(-np.logaddexp(0.0, log_odds))
        return float(np.logaddexp(0.0, -log_odds).mean()), np.array([(gradient * margins).mean(), gradient.mean()])

    bounds = [(_MIN_SLOPE, _MAX_SLOPE), (None, None)]
    slope, offset = minimize(loss, np.array([1.0, 0.0]), jac=True, bounds=bounds, method="L-BFGS-B").x
    return float(slope), float(offset)
