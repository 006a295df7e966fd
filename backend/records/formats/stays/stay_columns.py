"""The rows of a stay column by column, each distinct cell once, so that a long file is read in little time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.records.formats.tables.dialect import BLANKS, COMMENT_SIGNS, Dialect, is_comment, split_line

__all__ = ["CodedCells", "StayRows", "split_rows"]

# No text holds it, as such files are refused.
_PROTECTED = "\0"
_FIRST_OF_COMMENT = (*(sign[0] for sign in COMMENT_SIGNS), " ", "\t")
_MORE_CELLS = 8


@dataclass(frozen=True, eq=False)
class CodedCells:
    """The cells of some rows.

    Attributes
    ----------
    distinct : list of str
        Without blanks around them.
    codes : int64 array, shape = (n_rows,)
        The place of each row's cell in ``distinct``.
    """

    distinct: list[str]
    codes: np.ndarray

    @classmethod
    def one_each(cls, cells: Sequence[str]) -> "CodedCells":
        """Return a row for each of some cells."""
        return cls(list(cells), np.arange(len(cells)))

    def __getitem__(self, row: int) -> str:
        """Return the cell of a row."""
        return self.distinct[int(self.codes[row])]


class StayRows:
    """The cells of the rows of a stay.

    Attributes
    ----------
    n_cells : int64 array, shape = (n_rows,)
        Cells in each row.
    """

    def __init__(self, columns: Sequence[Sequence[str]], n_cells: np.ndarray, separator: str) -> None:
        self._columns, self._separator = columns, separator
        self._coded: dict[int, CodedCells] = {}
        self.n_cells = n_cells

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.n_cells)

    @property
    def width(self) -> int:
        """The most cells in a row, of those that are kept."""
        return len(self._columns)

    def column(self, place: int) -> CodedCells:
        """Return the cells of a column; empty ones for a place that no row has, such as -1."""
        if not 0 <= place < len(self._columns):
            return CodedCells([""], np.zeros(len(self), dtype=np.int64))
        if place not in self._coded:
            self._coded[place] = _code(self._columns[place], self._separator)
        return self._coded[place]


def _code(cells: Sequence[str], separator: str) -> CodedCells:
    places = {cell: place for place, cell in enumerate(dict.fromkeys(cells))}
    codes = np.fromiter(map(places.__getitem__, cells), dtype=np.int64, count=len(cells))
    return CodedCells([cell.strip().replace(_PROTECTED, separator) for cell in places], codes)


def split_rows(lines: Sequence[str], dialect: Dialect, n_columns: int) -> StayRows:
    """Return the rows in some lines; empty lines and comments are none.

    Parameters
    ----------
    n_columns : int
        Columns that are expected; some more are kept of a row that has them.
    """
    separator = dialect.separator
    held = [
        _protected(line, dialect) if '"' in line or "'" in line else line
        for line in _rows_of(_unquoted(lines, separator))
    ]
    if separator == BLANKS:
        held = [" ".join(line.split()) for line in held]
    most = n_columns + _MORE_CELLS
    n_cells = np.fromiter((line.count(separator) for line in held), dtype=np.int64, count=len(held)) + 1
    if not len(held):
        return StayRows([], n_cells, separator)
    width = int(min(n_cells.max(), most))
    if (n_cells != width).any():
        held = [_of_width(line, separator, int(count), width) for line, count in zip(held, n_cells, strict=True)]
    flat = separator.join(held).split(separator)
    return StayRows([flat[place::width] for place in range(width)], n_cells, separator)


def _unquoted(lines: Sequence[str], separator: str) -> Sequence[str]:
    """Return the lines without their quotes if none of these protects a separator."""
    text = "\n".join(lines)
    if '"' not in text or "'" in text:
        return lines
    parts = text.split('"')
    if len(parts) % 2 == 0 or any(separator in part or "\n" in part for part in parts[1::2]):
        return lines
    return "".join(parts).split("\n")


def _rows_of(lines: Sequence[str]) -> list[str]:
    return [
        line
        for line in lines
        if line and (not line.startswith(_FIRST_OF_COMMENT) or (line.strip() and not is_comment(line)))
    ]


def _protected(line: str, dialect: Dialect) -> str:
    """Return a line without quotes, with a sign of its own for separators that were between quotes."""
    return dialect.separator.join(cell.replace(dialect.separator, _PROTECTED) for cell in split_line(line, dialect))


def _of_width(line: str, separator: str, n_cells: int, width: int) -> str:
    if n_cells > width:
        return separator.join(line.split(separator, width)[:width])
    return line + separator * (width - n_cells)
