"""All beats of a lead at once: one row a beat, one column a step before or after its R peak."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Aligned", "first_true", "last_true", "strongest"]


@dataclass(frozen=True, eq=False)
class Aligned:
    """Which steps of a signal lie around each R peak.

    Attributes
    ----------
    r_steps : int64 array, shape = (n_beats,)
    r_column : int
        The column in which the R peaks lie.
    steps : int64 array, shape = (n_beats, n_columns)
        Steps of the signal; beyond its ends, the step at the end.
    times_s : float64 array, shape = (n_columns,)
        Seconds from the R peak.
    inside : bool array, shape = (n_beats, n_columns)
        Whether the step exists.
    """

    r_steps: np.ndarray
    r_column: int
    steps: np.ndarray
    times_s: np.ndarray
    inside: np.ndarray

    @classmethod
    def around(cls, r_steps: np.ndarray, n_steps: int, sampling_rate: float, span_s: tuple[float, float]) -> "Aligned":
        """Columns from ``span_s[0]`` (negative) to ``span_s[1]`` seconds from each R peak."""
        offsets = np.arange(round(span_s[0] * sampling_rate), round(span_s[1] * sampling_rate) + 1)
        steps = r_steps[:, np.newaxis] + offsets
        inside = (steps >= 0) & (steps < n_steps)
        return cls(r_steps, int(-offsets[0]), np.clip(steps, 0, n_steps - 1), offsets / sampling_rate, inside)

    def of(self, signal: np.ndarray) -> np.ndarray:
        """The signal's values, shape = (n_beats, n_columns)."""
        return signal[self.steps]


def first_true(mask: np.ndarray) -> np.ndarray:
    """Column of the first True of each row; the number of columns where there is none."""
    return np.where(mask.any(axis=1), mask.argmax(axis=1), mask.shape[1])


def last_true(mask: np.ndarray) -> np.ndarray:
    """Column of the last True of each row; -1 where there is none."""
    return mask.shape[1] - 1 - first_true(mask[:, ::-1])


def strongest(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Column of the highest value within the mask of each row; -1 where the mask is empty."""
    best = np.where(mask, values, -np.inf).argmax(axis=1)
    return np.where(mask.any(axis=1), best, -1)
