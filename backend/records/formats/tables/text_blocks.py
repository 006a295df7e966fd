"""The text of a file: its encoding, its beginning, and its lines a block at a time."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from backend.records.formats.sniffing import identify_foreign_file
from backend.records.record import RecordRefused

__all__ = ["HEAD_CHARS", "find_encoding", "open_text", "read_blocks", "read_head"]

HEAD_CHARS = 2**18
"""Characters from the start of a file that its layout is read from."""

_BLOCK_CHARS = 2**20
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LONGEST_CHARACTER = 4


def find_encoding(name: str, start: bytes) -> str:
    """Return the encoding of a text from its first bytes.

    A byte order mark decides; then the place of the zero bytes (UTF-16 without a mark); then whether the bytes are
    UTF-8; all else is Windows-1252, which agrees with Latin-1 on every printed character.

    Raises
    ------
    RecordRefused
        If the file is empty or something else than text.
    """
    if not start.strip():
        raise RecordRefused(f"{name} is empty. Choose another file.")
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if start.startswith(mark)), None)
    if marked:
        return marked
    kind = identify_foreign_file(start)
    if kind:
        raise RecordRefused(f"{name} is {kind} instead of a CSV file. Save the table as CSV in UTF-8.")
    if b"\0" in start:
        return _utf16_without_mark(name, start)
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut_only = error.reason == "unexpected end of data" and error.start > len(start) - _LONGEST_CHARACTER
        return "utf-8" if is_cut_only else "cp1252"
    return "utf-8"


def _utf16_without_mark(name: str, start: bytes) -> str:
    even, odd = start[::2], start[1::2]
    if odd.count(0) > 0.9 * len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) > 0.9 * len(even) and not odd.count(0):
        return "utf-16-be"
    raise RecordRefused(f"{name} is not UTF-8 text instead of a CSV file. Save the table as CSV in UTF-8.")


def open_text(path: Path) -> TextIO:
    """Return an open text file, decoded, every line end (LF, CRLF, CR) as LF.

    Raises
    ------
    RecordRefused
        If the file is empty or not text.
    OSError
        If it cannot be opened.
    """
    with path.open("rb") as file:
        encoding = find_encoding(path.name, file.read(HEAD_CHARS))
    return path.open(encoding=encoding, errors="replace", newline=None)


def read_head(path: Path) -> tuple[list[str], bool]:
    """Return the first lines of a file and whether these are all; a line that the limit cuts is not among them."""
    with open_text(path) as file:
        head = file.read(HEAD_CHARS)
    lines = head.split("\n")
    is_whole = len(head) < HEAD_CHARS
    if is_whole and lines and not lines[-1]:
        lines.pop()
    return (lines if is_whole else lines[:-1] or lines), is_whole


def read_blocks(path: Path) -> Iterator[list[str]]:
    """Return the lines of a file, about a million characters at a time, without their line ends."""
    with open_text(path) as file:
        while block := file.read(_BLOCK_CHARS):
            block += file.readline()
            yield block.removesuffix("\n").split("\n")
