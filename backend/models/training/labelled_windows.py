"""The base of the labelled data: arrays with one row for each beat, alarm or stay."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from backend.windows.rows import concatenate_rows, select_rows

__all__ = ["LabelledWindows"]


@dataclass(frozen=True, eq=False)
class LabelledWindows:
    """Arrays of the same length n, one row for each labelled window; a subclass names them."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def select(self, rows: np.ndarray) -> Self:
        """Return the windows that a mask or an array of indices selects."""
        return select_rows(self, rows)

    @classmethod
    def concatenate(cls, parts: Iterable[Self]) -> Self:
        """Return the windows of all parts, in order."""
        return concatenate_rows(list(parts))
