"""The windows that a model reads: one for each beat, alarm or stay."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np

__all__ = ["WindowKind", "Windows", "blanked", "columns_of", "distinct"]


class WindowKind(Protocol):
    """How a model wants its windows cut, as its card says it; one for beats, one for alarms, one for stays.

    Attributes
    ----------
    kind : ``beat``, ``alarm`` or ``stay``
    """

    kind: ClassVar[str]

    @property
    def steps(self) -> int:
        """Length T of a window."""
        ...

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the D columns that the network reads."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """For each of the D columns what it tells of: a lead, a sensor, a charted parameter. Columns may share one."""
        ...

    @property
    def absent(self) -> np.ndarray:
        """What stands in each column where its source was not measured, float32, shape = (D,)."""
        ...

    def without(self, values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """What the network would read had some sources not been measured at some steps.

        Parameters
        ----------
        values : float32 array, shape = (n, T, D)
        hidden : bool array, shape = (n, T, S)
            S distinct sources, in the order in which ``sources`` names them first. Either n may be 1.

        Returns
        -------
        float32 array, shape = (n, T, D)
        """
        ...


@dataclass(frozen=True, eq=False)
class Windows:
    """Stretches of a record, ready for a model.

    Attributes
    ----------
    values : float32 array, shape = (n, T, D)
        Exactly what the network reads, after all preprocessing.
    variables : tuple of str, length D
        For instance ``("lead II", "lead V1", "RR before", "RR after")``.
    sampling_rate : float
        Hz, of the T steps.
    anchor : int64 array, shape = (n,)
        The sample of the record (at the record's own sampling rate) that each window hangs on: the R peak, the alarm,
        the end of the stay.
    anchor_step : int
        The step of the window at which the anchor lies.
    reference : tuple of str, length n, or None
        The reference label of each window, empty where the reference says nothing; None without a reference.
    sources : tuple of str, length D, or None
        For each column the sensor or the charted parameter that it tells of, as a reader knows it; None where every
        column is a source of its own.
    """

    values: np.ndarray
    variables: tuple[str, ...]
    sampling_rate: float
    anchor: np.ndarray
    anchor_step: int
    reference: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None

    def where(self, kept: np.ndarray) -> "Windows":
        """The windows that the mask ``kept`` selects."""
        reference = None
        if self.reference is not None:
            reference = tuple(label for label, is_kept in zip(self.reference, kept, strict=True) if is_kept)
        return replace(self, values=self.values[kept], anchor=self.anchor[kept], reference=reference)


def distinct(sources: Sequence[str]) -> tuple[str, ...]:
    """Each source once, in the order in which they come first."""
    return tuple(dict.fromkeys(sources))


def columns_of(sources: Sequence[str]) -> np.ndarray:
    """Which columns belong to each distinct source, bool, shape = (S, D)."""
    return np.array([[own == source for own in sources] for source in distinct(sources)], dtype=bool)


def blanked(values: np.ndarray, hidden: np.ndarray, sources: Sequence[str], instead: np.ndarray) -> np.ndarray:
    """Values with others where the column's source is hidden.

    Parameters
    ----------
    values : float32 array, shape = (n, T, D)
    hidden : bool array, shape = (n, T, S)
        Either n may be 1.
    sources : sequence of str, length D
    instead : float32 array, shape = (D,) or (T, D)
    """
    if len(distinct(sources)) < len(sources):
        hidden = hidden[:, :, columns_of(sources).argmax(axis=0)]
    return np.where(hidden, instead, values).astype(np.float32, copy=False)
