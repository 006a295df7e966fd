"""MATLAB 4 files without a WFDB header beside them: plain matrices, as PhysioNet's exports hold them."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from backend.records.formats.matrices.named_matrices import record_of_matrices
from backend.records.formats.sniffing import refuse_errors
from backend.records.record import Record, RecordRefused
from backend.records.understanding import Stated

__all__ = ["is_matlab_4", "read_matlab_4"]

_MAX_FILE_BYTES = 2**28
_HEADER_BYTES = 20
_LONGEST_NAME = 64
_MOST_MATRICES = 1000
_PHYSIONET_NAME = "val"
# The second digit of the type, and what follows: numbers, or the letters of a text.
_NUMBERS = {0: "f8", 1: "f4", 2: "i4", 3: "i2", 4: "u2", 5: "u1"}
_LITTLE_ENDIAN_TYPES = {10 * number + kind for number in _NUMBERS for kind in (0, 1)}
_BIG_ENDIAN = 1000


def is_matlab_4(head: bytes) -> bool:
    """Return whether the first bytes are the header of a MATLAB 4 matrix with a plain name."""
    if len(head) <= _HEADER_BYTES:
        return False
    _, kind, n_rows, n_columns, is_complex, n_name = _header(head, 0)
    name = head[_HEADER_BYTES : _HEADER_BYTES + max(0, n_name)]
    is_possible = n_rows > 0 and n_columns > 0 and is_complex in (0, 1) and 2 <= n_name <= _LONGEST_NAME
    bare = name[:-1].decode("latin-1")
    return (
        kind in _LITTLE_ENDIAN_TYPES and is_possible and name.endswith(b"\0") and bare.isascii() and bare.isidentifier()
    )


def read_matlab_4(path: Path, stated: Stated) -> Record:
    """Return the ECG among the matrices of a MATLAB 4 file; see `record_of_matrices`.

    Raises
    ------
    RecordRefused
        If the file is damaged or holds no ECG.

    References
    ----------
    MathWorks, MAT-File Format (R2019b), level 4.
    """
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise RecordRefused(f"{path.name} is larger than {_MAX_FILE_BYTES // 2**20} MiB. Save a part of the recording.")
    with refuse_errors(f"{path.name} is a damaged MATLAB file. Save it again with -v7."):
        named = dict(_matrices(path.read_bytes()))
    if list(named) == [_PHYSIONET_NAME] and not stated.sampling_rate:
        raise RecordRefused(
            f"{path.name} is a signal file without its header. "
            "Open the .hea file together with it, or state its sampling rate and unit."
        )
    return record_of_matrices(path, named, "MATLAB 4", stated)


def _header(content: bytes, position: int) -> tuple[str, int, int, int, int, int]:
    """Return the byte order, the type without it, rows, columns, whether it is complex, and the length of the name."""
    for order, offset in (("<", 0), (">", _BIG_ENDIAN)):
        fields = struct.unpack_from(f"{order}5i", content, position)
        if fields[0] - offset in _LITTLE_ENDIAN_TYPES:
            return order, fields[0] - offset, *fields[1:]
    return "<", -1, 0, 0, 0, 0


def _matrices(content: bytes) -> Iterator[tuple[str, np.ndarray | str]]:
    position = 0
    for _ in range(_MOST_MATRICES):
        if position + _HEADER_BYTES > len(content):
            return
        order, kind, n_rows, n_columns, is_complex, n_name = _header(content, position)
        if kind < 0 or n_rows < 0 or n_columns < 0 or not 1 <= n_name <= _LONGEST_NAME:
            raise ValueError("a header of impossible values")
        start = position + _HEADER_BYTES + n_name
        dtype = np.dtype(order + _NUMBERS[kind // 10])
        n_values = n_rows * n_columns
        position = start + n_values * dtype.itemsize * (2 if is_complex else 1)
        if position > len(content):
            raise ValueError("a matrix is cut")
        name = content[start - n_name : start].split(b"\0")[0].decode("ascii", errors="replace")
        values = np.frombuffer(content, dtype=dtype, count=n_values, offset=start).reshape(n_rows, n_columns, order="F")
        if kind % 10:
            yield name, "".join(chr(int(code)) for code in values.reshape(-1)[:1000] if 31 < code < 127)
        elif not is_complex:
            yield name, values
