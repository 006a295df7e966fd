"""MATLAB 5 files (.mat of MATLAB 5 to 7): numbers, texts, structures and cells, read within bounds."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.records.formats.matrices.named_matrices import record_of_matrices
from backend.records.formats.sniffing import refuse_errors
from backend.records.record import Record, RecordRefused
from backend.records.understanding import Stated

__all__ = ["MATLAB_5_START", "read_matlab"]

MATLAB_5_START = b"MATLAB 5.0 MAT-file"

_HEADER_BYTES = 128
_MAX_FILE_BYTES = 2**28
# Integers in double precision compress to a tenth; a bomb compresses to a thousandth.
_MAX_EXPANSION = 40
_ALWAYS_ALLOWED_BYTES = 32 * 2**20
_MOST_ELEMENTS = 20_000
_DEEPEST = 6
_COMPRESSED, _MATRIX, _UTF8, _UTF16, _UTF32 = 15, 14, 16, 17, 18
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_CELL, _STRUCTURE, _TEXT, _FIRST_NUMERIC, _LAST_NUMERIC = 1, 2, 4, 6, 15
_COMPLEX = 0x0800


@dataclass
class _Reader:
    """The byte order of a file, and how much of it was read, to bound the work."""

    order: str
    n_elements: int = 0

    def element(self, content: memoryview, position: int) -> tuple[int, memoryview, int]:
        """Return the type and data of the element at a position, and the position after it."""
        self.n_elements += 1
        if self.n_elements > _MOST_ELEMENTS or position + 8 > len(content):
            raise ValueError("too many elements, or a cut one")
        kind, n_bytes = struct.unpack_from(f"{self.order}II", content, position)
        if kind >> 16:  # up to four bytes within the tag itself
            kind, n_bytes, start = kind & 0xFFFF, kind >> 16, position + 4
            if n_bytes > 4:
                raise ValueError("a small element of impossible size")
            return kind, content[start : start + n_bytes], position + 8
        start = position + 8
        if start + n_bytes > len(content):
            raise ValueError("an element is cut")
        padded = n_bytes if kind == _COMPRESSED else -(-n_bytes // 8) * 8
        return kind, content[start : start + n_bytes], start + padded

    def numbers(self, kind: int, data: memoryview) -> np.ndarray:
        dtype = np.dtype(self.order + _NUMBERS[kind])
        return np.frombuffer(data, dtype=dtype, count=len(data) // dtype.itemsize)


def read_matlab(path: Path, stated: Stated) -> Record:
    """Return the ECG in a MATLAB 5 file: a matrix ``val`` or ``ecg``, alone or in a structure, with or without ``fs``.

    Raises
    ------
    RecordRefused
        If the file is damaged or holds no ECG; see `record_of_matrices`.

    References
    ----------
    MathWorks, MAT-File Format (R2019b), level 5.
    """
    size = path.stat().st_size
    if size > _MAX_FILE_BYTES:
        raise RecordRefused(f"{path.name} is larger than {_MAX_FILE_BYTES // 2**20} MiB. Save a part of the recording.")
    with refuse_errors(f"{path.name} is a damaged MATLAB file. Save it again with -v7."):
        content = memoryview(path.read_bytes())
        order = {b"IM": "<", b"MI": ">"}[bytes(content[126:128])]
        reader = _Reader(order)
        named = dict(_variables(reader, content, path.name))
    return record_of_matrices(path, named, "MATLAB 5", stated)


def _variables(reader: _Reader, content: memoryview, name: str) -> Iterator[tuple[str, np.ndarray | str | list[str]]]:
    """Yield the numbers and texts of a file by their path."""
    allowed_bytes = max(_ALWAYS_ALLOWED_BYTES, _MAX_EXPANSION * len(content))
    position = _HEADER_BYTES
    while position + 8 <= len(content):
        kind, data, position = reader.element(content, position)
        if kind == _COMPRESSED:
            unpacker = zlib.decompressobj()
            unpacked = unpacker.decompress(data, max(1, allowed_bytes))
            if unpacker.unconsumed_tail:
                raise RecordRefused(f"{name} unpacks to far more than signals do. Save it again without compression.")
            allowed_bytes -= len(unpacked)
            kind, data, _ = reader.element(memoryview(unpacked), 0)
        if kind == _MATRIX:
            yield from _flattened(*_matrix(reader, data, 0))


def _flattened(path: str, value: object) -> Iterator[tuple[str, np.ndarray | str | list[str]]]:
    if isinstance(value, dict):
        for name, own in value.items():
            yield from _flattened(f"{path}.{name}" if path else name, own)
    elif isinstance(value, list):
        if value and all(isinstance(own, str) for own in value):
            yield path, [str(own) for own in value]
        elif len(value) == 1:
            yield from _flattened(path, value[0])
    elif isinstance(value, np.ndarray | str):
        yield path, value


def _matrix(reader: _Reader, data: memoryview, depth: int) -> tuple[str, object]:
    """Return the name and value of an array: numbers, a text, a list of cells or a dictionary of fields; else None."""
    if not len(data):
        return "", None
    if depth > _DEEPEST:
        raise ValueError("structures in structures without end")
    kind, flags, position = reader.element(data, 0)
    flag_word = int(reader.numbers(kind, flags)[0])
    kind, dimensions, position = reader.element(data, position)
    shape = tuple(int(own) for own in reader.numbers(kind, dimensions))
    kind, name_bytes, position = reader.element(data, position)
    name = bytes(name_bytes).decode("ascii", errors="replace")[:64]
    array_class = flag_word & 0xFF
    if array_class == _CELL:
        return name, _values(reader, data, position, shape, depth)
    if array_class == _STRUCTURE:
        return name, _structure(reader, data, position, shape, depth)
    if array_class == _TEXT:
        kind, own, _ = reader.element(data, position)
        return name, _text(reader, kind, own, shape)
    if _FIRST_NUMERIC <= array_class <= _LAST_NUMERIC and not flag_word & _COMPLEX:
        kind, own, _ = reader.element(data, position)
        return name, _shaped(reader.numbers(kind, own), shape)
    return name, None


def _values(reader: _Reader, data: memoryview, position: int, shape: tuple[int, ...], depth: int) -> list[object]:
    """Return the values of as many arrays as the shape says."""
    values = []
    for _ in range(_product(shape)):
        _, own, position = reader.element(data, position)
        values.append(_matrix(reader, own, depth + 1)[1])
    return values


def _structure(reader: _Reader, data: memoryview, position: int, shape: tuple[int, ...], depth: int) -> object:
    """Return the fields of a structure; nothing of an array of several structures."""
    kind, length, position = reader.element(data, position)
    width = int(reader.numbers(kind, length)[0])
    _, joined, position = reader.element(data, position)
    if not 1 <= width <= 64:
        raise ValueError("a field name of impossible length")
    names = [
        bytes(joined[start : start + width]).split(b"\0")[0].decode("ascii", "replace")
        for start in range(0, len(joined), width)
    ]
    if _product(shape) != 1:
        return None
    return dict(zip(names, _values(reader, data, position, (len(names),), depth), strict=True))


def _text(reader: _Reader, kind: int, data: memoryview, shape: tuple[int, ...]) -> str | list[str]:
    """Return a text, or one for each row; MATLAB stores columns first."""
    codecs = {_UTF8: "utf-8", _UTF16: "utf-16-le" if reader.order == "<" else "utf-16-be", _UTF32: "utf-32-le"}
    if kind in codecs:
        letters = bytes(data).decode(codecs[kind], errors="replace")
    else:
        letters = "".join(chr(min(int(own), 0x10FFFF)) for own in reader.numbers(kind, data))
    n_rows = shape[0] if len(shape) == 2 else 1
    return letters if n_rows < 2 else [letters[row::n_rows] for row in range(min(n_rows, 256))]


def _shaped(numbers: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    if any(own < 0 for own in shape) or _product(shape) != len(numbers):
        raise ValueError("an array of another size than stated")
    return numbers.reshape(shape, order="F")


def _product(shape: tuple[int, ...]) -> int:
    if any(own < 0 for own in shape):
        raise ValueError("a negative size")
    product = 1
    for own in shape:
        product *= own
    return product
