"""Tables with one lead per row: few long lines, turned into columns."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backend.records.formats.tables.cells import is_missing, parse_number
from backend.records.formats.tables.dialect import Dialect, is_comment, split_line
from backend.records.formats.tables.headings import Heading, made_up_name
from backend.records.formats.tables.text_blocks import open_text
from backend.records.formats.tables.unit_names import split_name
from backend.records.record import RecordRefused

__all__ = ["is_transposed", "read_transposed"]

_FEWEST_VALUES = 300
_MOST_ROWS = 64
_LARGEST_BYTES = 64 * 2**20
_AT_ONCE = 2**16
_SEPARATORS = ("\t", ";", ",", " ")


def is_transposed(lines: Sequence[str]) -> bool:
    """Return whether the first lines of a file are so long that each must hold a lead."""
    held = [line for line in lines if line.strip() and not is_comment(line)]
    longest = max(held, key=len, default="")
    separator = _separator_of(longest)
    n_cells = longest.count(separator) + 1 if separator != " " else len(longest.split())
    return n_cells >= _FEWEST_VALUES and len(held) <= _MOST_ROWS


def read_transposed(path: Path) -> tuple[tuple[Heading, ...], list[np.ndarray], list[str]]:
    """Return the headings and values of the rows, and the lines that hold no values.

    A row may begin with its name. The values are float64.

    Raises
    ------
    RecordRefused
        If the file is too large, or a cell is neither a number nor missing.
    """
    if path.stat().st_size > _LARGEST_BYTES:
        raise RecordRefused(f"{path.name} has one lead per row and is too large for that. Save one column per lead.")
    headings: list[Heading] = []
    rows: list[np.ndarray] = []
    others: list[str] = []
    with open_text(path) as file:
        for line in file:
            text = line.strip()
            if not text or is_comment(text) or len(text) < _FEWEST_VALUES:
                others.append(text)
                continue
            heading, values = _read_row(path.name, text, len(rows))
            headings.append(heading)
            rows.append(values)
            if len(rows) > _MOST_ROWS:
                raise RecordRefused(f"{path.name} has too many rows for one lead each. Save one column per lead.")
    if len({len(row) for row in rows}) != 1:
        raise RecordRefused(f"{path.name} has rows of unequal length. Save one column per lead.")
    return tuple(headings), rows, others


def _separator_of(line: str) -> str:
    start = line[:_AT_ONCE]
    counts = {separator: start.count(separator) for separator in _SEPARATORS}
    if counts[";"] or counts["\t"]:
        return max(("\t", ";"), key=lambda own: counts[own])
    return "," if counts[","] else " "


def _read_row(name: str, text: str, index: int) -> tuple[Heading, np.ndarray]:
    separator = _separator_of(text)
    blocks: list[np.ndarray] = []
    heading = Heading(made_up_name(index), "", is_named=False)
    start = 0
    while start <= len(text):
        end = text.find(separator, start + _AT_ONCE)
        end = len(text) if end < 0 else end
        cells = split_line(text[start:end], Dialect(separator))
        if start == 0 and cells and parse_number(cells[0]) is None and not is_missing(cells[0]):
            heading = Heading(*split_name(cells[0]))
            cells = cells[1:]
        if end == len(text):
            while cells and not cells[-1]:
                cells.pop()
        blocks.append(np.array([_value(name, index, cell) for cell in cells], dtype=np.float64))
        start = end + 1
    return heading, np.concatenate(blocks)


def _value(name: str, index: int, cell: str) -> float:
    if is_missing(cell):
        return np.nan
    value = parse_number(cell)
    if value is None:
        raise RecordRefused(
            f"{name}, row {index + 1} has {cell[:20]!r} in place of a number, so it is not a table of numbers. "
            "Save one column per lead."
        )
    return value
