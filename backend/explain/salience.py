"""The result of every technique."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.windows.base import columns_of

__all__ = ["Salience", "max_by_source", "scale_above", "scale_to_unit"]


@dataclass(frozen=True, eq=False)
class Salience:
    """The importance of each value of a window for one class score.

    Attributes
    ----------
    values : float32 array, shape = (T, D)
        Scaled to 0..1 over the whole array.
    raw : float32 array, shape = (T, D)
        Before scaling.
    technique : str
    parameters : mapping of str to float, int or str
        All parameters by name, including a seed.
    target : str
        The explained class.
    seconds : float
        The computing time.
    """

    values: np.ndarray
    raw: np.ndarray
    technique: str
    parameters: Mapping[str, float | int | str]
    target: str
    seconds: float


def scale_to_unit(raw: np.ndarray) -> np.ndarray:
    """Return ``raw`` scaled from its minimum and maximum to 0..1, float32; all zeros for a constant array."""
    low, high = float(raw.min()), float(raw.max())
    if high <= low:
        return np.zeros(raw.shape, dtype=np.float32)
    return ((raw - low) / (high - low)).astype(np.float32)


def max_by_source(values: np.ndarray, sources: Sequence[str]) -> np.ndarray:
    """Return the salience of each distinct source at each step, shape = (T, S): the maximum of its columns (T, D)."""
    return np.stack([values[:, columns].max(axis=1) for columns in columns_of(sources)], axis=1)


def scale_above(raw: np.ndarray, neutral: float) -> np.ndarray:
    """Return ``raw`` scaled from ``neutral`` to its maximum, float32; values below ``neutral`` become 0."""
    # A difference within the rounding error does not count.
    above = np.where(raw - neutral > 1e-8 * abs(neutral), raw - neutral, 0.0)
    highest = float(above.max())
    if highest == 0.0:
        return np.zeros(raw.shape, dtype=np.float32)
    return (above / highest).astype(np.float32)
