"""The result of every technique."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.windows.base import WindowKind, columns_of_varying, varying_columns

__all__ = [
    "Salience",
    "max_by_source",
    "max_of_sources",
    "scale_above",
    "scale_to_unit",
    "spread_over_columns",
]


@dataclass(frozen=True, eq=False)
class Salience:
    """The importance of each value of a window for one class score.

    Every technique leaves the sources that are measured once for the whole window (``WindowKind.whole_sources``: the
    RR intervals of a beat) as they are: no stretch of them can be deleted. Their columns are 0 in both arrays.

    Attributes
    ----------
    values : float32 array, shape = (T, D)
        Scaled to 0..1 over all other columns.
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

    @property
    def explained(self) -> str:
        """The explained output, ``score`` or ``probability``; the score for a technique without the choice."""
        return str(self.parameters.get("explained", "score"))


def scale_to_unit(raw: np.ndarray, window: WindowKind) -> np.ndarray:
    """Return ``raw`` (T, D) scaled from its minimum and maximum to 0..1, float32, of the same shape.

    All zeros where the columns of the varying sources are constant. Those of other sources do not count, and become 0.
    """
    is_scaled = varying_columns(window)
    low, high = float(raw[:, is_scaled].min()), float(raw[:, is_scaled].max())
    if high <= low:
        return np.zeros(raw.shape, dtype=np.float32)
    return np.where(is_scaled, (raw - low) / (high - low), 0.0).astype(np.float32)


def spread_over_columns(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the values (T, G) of groups of columns in each of their columns, shape = (T, D); 0 in all others.

    Parameters
    ----------
    groups : bool array, shape = (G, D)
    """
    return np.where(groups.any(axis=0), values[:, groups.argmax(axis=0)], values.dtype.type(0))


def max_by_source(values: np.ndarray, window: WindowKind) -> np.ndarray:
    """Return the salience of each of V varying sources at each step, shape = (T, V): the maximum of its columns."""
    return np.stack([values[:, columns].max(axis=1) for columns in columns_of_varying(window)], axis=1)


def max_of_sources(values: np.ndarray, sources: Sequence[str], columns: Sequence[int]) -> np.ndarray:
    """Return the salience (T, D) of the sources that some columns belong to, shape = (T, n).

    A lead that is read as a tracing and as its difference from the usual beat has the maximum of both columns.

    Parameters
    ----------
    sources : sequence of str, length D
        As in ``WindowKind.sources``.
    columns : sequence of int, length n
    """
    of_columns = np.empty((len(values), len(columns)), dtype=values.dtype)
    for place, column in enumerate(columns):
        of_columns[:, place] = values[:, [source == sources[column] for source in sources]].max(axis=1)
    return of_columns


def scale_above(raw: np.ndarray, neutral: float, window: WindowKind) -> np.ndarray:
    """Return ``raw`` (T, D) scaled from ``neutral`` to its maximum, float32, of the same shape.

    Values below ``neutral`` become 0, as do all columns of sources that are measured once for the whole window.
    """
    is_scaled = varying_columns(window)
    # A difference within the rounding error does not count.
    above = np.where(is_scaled & (raw - neutral > 1e-8 * abs(neutral)), raw - neutral, 0.0)
    highest = float(above.max())
    if highest == 0.0:
        return np.zeros(raw.shape, dtype=np.float32)
    return (above / highest).astype(np.float32)
