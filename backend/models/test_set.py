"""What is evaluated: test windows with their labels and patients, whatever kind of record they are cut from."""

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
        Without gaps.
    labels : array of str, shape = (n,)
        The reference's.
    patients : array of str, shape = (n,)
    variables : tuple of tuple of str, length n
        For each window, as in ``Windows.variables``: which leads its record has.
    anchor_step : int
        The step that each window hangs on.
    marks : tuple of mapping, length n, or None
        For each window the marks of its waves in steps (``steps_of_marks``); None where there are no waves.
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
        """SHA-256 over windows, labels and patients, as hexadecimal text."""
        sha = hashlib.sha256(np.ascontiguousarray(self.values).data)
        sha.update("\n".join([*self.labels, *self.patients]).encode())
        return sha.hexdigest()


class TestSet(Protocol):
    """All windows of a model's test patients."""

    @property
    def labels(self) -> np.ndarray:
        """The reference label of each, array of str, shape = (n,)."""
        ...

    @property
    def patients(self) -> np.ndarray:
        """Whose each is, array of str, shape = (n,)."""
        ...

    def cases(self, chosen: np.ndarray) -> Cases:
        """The windows at some positions, ascending."""
        ...

    def shifted(self, chosen: np.ndarray) -> Mapping[int, np.ndarray]:
        """The same windows cut some steps later, or earlier where a shift is negative, each (n, T, D).

        Empty where windows of this kind cannot be shifted.
        """
        ...
