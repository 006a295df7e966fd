"""Dataclasses whose fields are arrays with one row per beat, window or candidate."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

__all__ = ["concatenate_rows", "select_rows"]

_Rows = TypeVar("_Rows")


def select_rows(table: _Rows, rows: Any) -> _Rows:
    """Return some rows of an array, or of a dataclass of such arrays; dataclasses may be nested.

    Parameters
    ----------
    table : array or dataclass of arrays
        All arrays have the same length.
    rows : slice, bool array or int array
        As numpy indexes the first axis.
    """
    if isinstance(table, np.ndarray):
        return table[rows]
    table_fields: Any = table
    return type(table)(*(select_rows(getattr(table, field.name), rows) for field in fields(table_fields)))


def concatenate_rows(parts: Sequence[_Rows]) -> _Rows:
    """Return the rows of several arrays, or of several dataclasses of arrays, in order.

    Parameters
    ----------
    parts : sequence of array or of dataclass of arrays
        At least one; all of the same type.
    """
    tables: Any = parts
    if isinstance(tables[0], np.ndarray):
        joined: Any = np.concatenate(tables)
        return joined
    columns = ([getattr(table, field.name) for table in tables] for field in fields(tables[0]))
    return type(parts[0])(*map(concatenate_rows, columns))
