"""The test windows of a model with their labels and patients, of any kind."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

__all__ = ["Cases", "TestSet"]


@dataclass(frozen=True, eq=False)
class Cases:
    """Windows that a model was not trained on.

    Attributes
    ----------
    values : float32 array, shape = (n, T, D)
        Windows without gaps.
    labels : array of str, shape = (n,)
        Reference labels.
    patients : array of str, shape = (n,)
    variables : tuple of tuple of str, length n
        The variables of each window; see ``Windows.variables``.
    anchor_step : int
        The step of the anchor in each window.
    marks : tuple of mapping, length n, or None
        The marks of each window's waves in steps (see ``steps_of_marks``); None for windows without waves.
    """

    values: np.ndarray
    labels: np.ndarray
    patients: np.ndarray
    variables: tuple[tuple[str, ...], ...]
    anchor_step: int
    marks: tuple[Mapping[str, int | None], ...] | None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def digest(self) -> str:
        """SHA-256 of windows, labels and patients, as hexadecimal text."""
        sha = hashlib.sha256(np.ascontiguousarray(self.values).data)
        sha.update("\n".join([*self.labels, *self.patients]).encode())
        return sha.hexdigest()


class TestSet(Protocol):
    """All windows of a model's test patients."""

    @property
    def labels(self) -> np.ndarray:
        """Reference labels, array of str, shape = (n,)."""
        ...

    @property
    def patients(self) -> np.ndarray:
        """The patient of each window, array of str, shape = (n,)."""
        ...

    def cases(self, chosen: np.ndarray) -> Cases:
        """Return the windows at some positions, ascending."""
        ...

    def shifted(self, chosen: np.ndarray) -> Mapping[int, np.ndarray]:
        """Return the windows at some positions, cut some steps later or, for a negative shift, earlier, each (n, T, D).

        The mapping is empty for windows that cannot be shifted.
        """
        ...
