"""Probabilities of a window of which only the beginning is known, brought to what comes true."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

__all__ = ["PrefixCalibration", "fitted_prefixes"]

_LEAST_SLOPE, _MOST_SLOPE = 0.0, 10.0


@dataclass(frozen=True, eq=False)
class PrefixCalibration:
    """For each prefix of a window of two classes, a line that its scores are put on (Platt scaling).

    A network that is trained for the whole window says too much, or too little, of its first steps. The last prefix is
    the whole window, whose scores stay as they are.

    Attributes
    ----------
    slopes, offsets : tuple of float, length T
        By what the scores after each step are multiplied, and what is then added to the score of the first class.
    """

    slopes: tuple[float, ...]
    offsets: tuple[float, ...]

    def applied(self, scores: np.ndarray) -> np.ndarray:
        """Scores (..., T, 2) of the prefixes of windows, calibrated; float32, of the same shape."""
        calibrated = scores * np.array(self.slopes, dtype=np.float32)[:, np.newaxis]
        calibrated[..., 0] += np.array(self.offsets, dtype=np.float32)
        return calibrated


def fitted_prefixes(scores: np.ndarray, is_first: np.ndarray, temperature: float) -> PrefixCalibration:
    """Fit the lines of all prefixes but the last by the least log loss.

    Parameters
    ----------
    scores : array, shape = (n, T, 2)
        Of the prefixes of windows that were not trained on.
    is_first : bool array, shape = (n,)
        Whether a window is of the first class.
    temperature : float
        What scores are divided by.

    References
    ----------
    Platt 1999, "Probabilistic outputs for support vector machines", section 2.2.
    """
    margins = (scores[:, :, 0] - scores[:, :, 1]).astype(np.float64)
    lines = [_fitted_line(margins[:, step] / temperature, is_first) for step in range(scores.shape[1] - 1)]
    return PrefixCalibration(
        slopes=(*(round(slope, 4) for slope, _ in lines), 1.0),
        offsets=(*(round(offset * temperature, 4) for _, offset in lines), 0.0),
    )


def _fitted_line(margins: np.ndarray, is_first: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the line of least log loss from the margins (n,) to the log odds of the first class."""
    sign = np.where(is_first, 1.0, -1.0)

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        log_odds = sign * (line[0] * margins + line[1])
        wrong = -sign * np.exp(-np.logaddexp(0.0, log_odds))
        return float(np.logaddexp(0.0, -log_odds).mean()), np.array([(wrong * margins).mean(), wrong.mean()])

    bounds = [(_LEAST_SLOPE, _MOST_SLOPE), (None, None)]
    slope, offset = minimize(loss, np.array([1.0, 0.0]), jac=True, bounds=bounds, method="L-BFGS-B").x
    return float(slope), float(offset)
