"""What every technique of explanation returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.windows.base import columns_of

__all__ = ["Salience", "by_source", "scaled_above", "scaled_to_unit"]


@dataclass(frozen=True, eq=False)
class Salience:
    """How much each step of a window mattered to one class score.

    Attributes
    ----------
    values : float32 array, shape = (T, D)
        Scaled to 0..1 over the whole array.
    raw : float32 array, shape = (T, D)
        As the technique computed it, unscaled.
    technique : str
    parameters : mapping of str to float, int or str
        All parameters by name, the seed included where there is one.
    target : str
        The explained class.
    seconds : float
        The time it took.
    """

    values: np.ndarray
    raw: np.ndarray
    technique: str
    parameters: Mapping[str, float | int | str]
    target: str
    seconds: float


def scaled_to_unit(raw: np.ndarray) -> np.ndarray:
    """``raw`` moved and stretched to span 0..1, as float32; all zeros where it is constant."""
    low, high = float(raw.min()), float(raw.max())
    if high <= low:
        return np.zeros(raw.shape, dtype=np.float32)
    return ((raw - low) / (high - low)).astype(np.float32)


def by_source(values: np.ndarray, sources: Sequence[str]) -> np.ndarray:
    """The salience of each distinct source at each step, shape = (T, S): the greatest of its columns (T, D)."""
    return np.stack([values[:, own].max(axis=1) for own in columns_of(sources)], axis=1)


def scaled_above(raw: np.ndarray, neutral: float) -> np.ndarray:
    """``raw`` scaled so that ``neutral`` and all below is 0 and the maximum 1, as float32; zeros if none is above."""
    # Rounding alone lifts nothing above neutral.
    above = np.where(raw - neutral > 1e-8 * abs(neutral), raw - neutral, 0.0)
    highest = float(above.max())
    if highest == 0.0:
        return np.zeros(raw.shape, dtype=np.float32)
    return (above / highest).astype(np.float32)
