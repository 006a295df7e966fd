"""Finished parts on disk, one complete Parquet file each."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backend.records.record import RecordRefused

__all__ = ["Columns", "Store", "write_table"]

_SECONDS = b"seconds"

Columns = Mapping[str, np.ndarray]
"""Arrays of the same length with one or two axes; a row is a window."""


class Store:
    """A folder of finished parts, by their keys."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, key: str) -> bool:
        """Return whether a part is finished."""
        return self._path(key).is_file()

    def keep(self, key: str, columns: Columns, seconds: float) -> None:
        """Write a finished part and its computing time; an interrupted write leaves no file."""
        table = pa.table({name: _column(values) for name, values in columns.items()})
        write_table(table.replace_schema_metadata({_SECONDS: repr(seconds)}), self._path(key))

    def seconds(self, key: str) -> float:
        """Return the computing time of a finished part, 0 if unknown."""
        with _refuse_damaged(self._path(key)):
            metadata = pq.read_schema(self._path(key)).metadata or {}
        return float(metadata.get(_SECONDS, 0.0))

    def read(self, key: str) -> dict[str, np.ndarray]:
        """Return the columns of a finished part.

        Raises
        ------
        FileNotFoundError
            If the part is not finished.
        RecordRefused
            If its file is damaged.
        """
        with _refuse_damaged(self._path(key)):
            table = pq.read_table(self._path(key))
        return {name: _array(table.column(name)) for name in table.column_names}

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.parquet"


@contextmanager
def _refuse_damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except pa.ArrowInvalid as error:
        raise RecordRefused(
            f"The finished part {path} cannot be read. Delete it and run the same command again."
        ) from error


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table atomically.

    Real numbers are byte-stream split, which saves a third of their size; a dictionary of them would save nothing.
    """
    real = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    others = [name for name in table.column_names if name not in real]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".partial{os.getpid()}")
    pq.write_table(table, partial, compression="zstd", use_dictionary=others, use_byte_stream_split=real)
    partial.replace(path)


def _column(values: np.ndarray) -> pa.Array:
    if values.ndim == 1:
        return pa.array(values)
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])


def _array(column: pa.ChunkedArray) -> np.ndarray:
    whole = column.combine_chunks()
    if not pa.types.is_fixed_size_list(whole.type):
        return np.asarray(whole.to_numpy(zero_copy_only=False))
    return np.asarray(whole.flatten().to_numpy(zero_copy_only=False)).reshape(len(whole), whole.type.list_size)
