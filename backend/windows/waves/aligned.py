"""All beats of a lead at once: one row per beat, one column per step before or after its R peak."""

from dataclasses import dataclass

import numpy as np

__all__ = ["AlignedBeats", "argmax_within", "first_true", "last_true"]


@dataclass(frozen=True, eq=False)
class AlignedBeats:
    """The steps of a signal around each R peak.

    Attributes
    ----------
    r_steps : int64 array, shape = (n_beats,)
    r_column : int
        The column of the R peaks.
    steps : int64 array, shape = (n_beats, n_columns)
        Steps of the signal; beyond its ends, the first or last step.
    times_s : float64 array, shape = (n_columns,)
        Seconds from the R peak.
    is_inside : bool array, shape = (n_beats, n_columns)
        Whether the step lies within the signal.
    """

    r_steps: np.ndarray
    r_column: int
    steps: np.ndarray
    times_s: np.ndarray
    is_inside: np.ndarray

    @classmethod
    def around(
        cls, r_steps: np.ndarray, n_steps: int, sampling_rate: float, span_s: tuple[float, float]
    ) -> "AlignedBeats":
        """Return the columns from ``span_s[0]`` (negative) to ``span_s[1]`` seconds from each R peak."""
        offsets = np.arange(round(span_s[0] * sampling_rate), round(span_s[1] * sampling_rate) + 1)
        steps = r_steps[:, np.newaxis] + offsets
        is_inside = (steps >= 0) & (steps < n_steps)
        return cls(r_steps, int(-offsets[0]), np.clip(steps, 0, n_steps - 1), offsets / sampling_rate, is_inside)

    def take(self, signal: np.ndarray) -> np.ndarray:
        """Return the values of a signal around each R peak, shape = (n_beats, n_columns)."""
        return signal[self.steps]


def first_true(mask: np.ndarray) -> np.ndarray:
    """Return the column of the first True of each row; the number of columns in a row without one."""
    return np.where(mask.any(axis=1), mask.argmax(axis=1), mask.shape[1])


def last_true(mask: np.ndarray) -> np.ndarray:
    """Return the column of the last True of each row; -1 in a row without one."""
    return mask.shape[1] - 1 - first_true(mask[:, ::-1])


def argmax_within(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the column of the highest value within the mask of each row; -1 where the mask is empty."""
    highest = np.where(mask, values, -np.inf).argmax(axis=1)
    return np.where(mask.any(axis=1), highest, -1)
