"""The windows that a model reads: one per beat, alarm or stay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np

__all__ = [
    "WindowKind",
    "Windows",
    "columns_of",
    "columns_of_varying",
    "distinct",
    "hide_varying",
    "replace_hidden",
    "varying_columns",
    "varying_sources",
    "without_sources",
]


class WindowKind(Protocol):
    """How the windows of a model are cut, as stated in its card.

    Attributes
    ----------
    kind : str
        The name under which the kind is registered.
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
        """The source of each of the D columns: a lead, a sensor, a charted parameter. Columns may share a source."""
        ...

    @property
    def whole_sources(self) -> tuple[str, ...]:
        """The distinct sources that are measured once for the whole window, and so are deleted whole or not at all."""
        ...

    @property
    def absent(self) -> np.ndarray:
        """The value of each column where its source is not measured, float32, shape = (D,)."""
        ...

    def without(self, values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """Return the windows if some sources had not been measured at some steps.

        Parameters
        ----------
        values : float32 array, shape = (n, T, D)
        hidden : bool array, shape = (n, T, S)
            S distinct sources, in the order of their first occurrence in ``sources``. Either n may be 1.

        Returns
        -------
        float32 array, shape = (n, T, D)
        """
        ...


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of a record, ready for a model.

    Attributes
    ----------
    values : float32 array, shape = (n, T, D)
        The input of the network, after all preprocessing.
    variables : tuple of str, length D
        For instance ``("lead II", "lead V1", "RR before", "RR after")``.
    sampling_rate : float
        Hz, of the T steps.
    anchor : int64 array, shape = (n,)
        The sample of the record, at its own sampling rate, that each window is aligned to: the R peak, the alarm, the
        end of the stay.
    anchor_step : int
        The step of the anchor within the window.
    reference : tuple of str, length n, or None
        The reference label of each window, empty where there is none; None for a record without a reference.
    sources : tuple of str, length D, or None
        The sensor or charted parameter of each column, by its name for a reader; None if every column is a source of
        its own.
    """

    values: np.ndarray
    variables: tuple[str, ...]
    sampling_rate: float
    anchor: np.ndarray
    anchor_step: int
    reference: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None

    def where(self, kept: np.ndarray) -> "Windows":
        """Return the windows that the mask ``kept`` selects."""
        reference = None
        if self.reference is not None:
            reference = tuple(label for label, is_kept in zip(self.reference, kept, strict=True) if is_kept)
        return replace(self, values=self.values[kept], anchor=self.anchor[kept], reference=reference)


def distinct(sources: Sequence[str]) -> tuple[str, ...]:
    """Return each source once, in the order of first occurrence."""
    return tuple(dict.fromkeys(sources))


def columns_of(sources: Sequence[str]) -> np.ndarray:
    """Return the columns of each distinct source, bool, shape = (S, D)."""
    return np.array([[own == source for own in sources] for source in distinct(sources)], dtype=bool)


def varying_sources(window: WindowKind) -> tuple[str, ...]:
    """Return the distinct sources that vary over a window: all but those that are measured once for all of it."""
    return tuple(source for source in distinct(window.sources) if source not in window.whole_sources)


def varying_columns(window: WindowKind) -> np.ndarray:
    """Return which columns are of a source that varies over a window, bool, shape = (D,)."""
    return np.array([source not in window.whole_sources for source in window.sources], dtype=bool)


def columns_of_varying(window: WindowKind) -> np.ndarray:
    """Return the columns of each of V varying sources, bool, shape = (V, D)."""
    sources = varying_sources(window)
    return columns_of(window.sources)[[source in sources for source in distinct(window.sources)]]


def hide_varying(window: WindowKind, hidden: np.ndarray) -> np.ndarray:
    """Return what is hidden of all sources, bool, shape = (n, T, S), given that of the varying ones (n, T, V)."""
    if not window.whole_sources:
        return hidden
    varying = varying_sources(window)
    of_all = np.zeros((*hidden.shape[:2], len(distinct(window.sources))), dtype=bool)
    of_all[:, :, [source in varying for source in distinct(window.sources)]] = hidden
    return of_all


def without_sources(window: WindowKind, values: np.ndarray, sources: Collection[str]) -> np.ndarray:
    """Return windows (n, T, D) if some sources had not been measured at any step, float32, of the same shape."""
    hidden = np.array([source in sources for source in distinct(window.sources)], dtype=bool)
    return window.without(values, np.broadcast_to(hidden, (1, values.shape[1], len(hidden))))


def replace_hidden(
    values: np.ndarray, hidden: np.ndarray, sources: Sequence[str], replacements: np.ndarray
) -> np.ndarray:
    """Return values with replacements where the source of a column is hidden.

    Parameters
    ----------
    values : float32 array, shape = (n, T, D)
    hidden : bool array, shape = (n, T, S)
        Either n may be 1.
    sources : sequence of str, length D
    replacements : float32 array, shape = (D,) or (T, D)
    """
    if len(distinct(sources)) < len(sources):
        hidden = hidden[:, :, columns_of(sources).argmax(axis=0)]
    return np.where(hidden, replacements, values).astype(np.float32, copy=False)
