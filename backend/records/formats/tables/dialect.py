"""The layout of a table in a text: what separates its cells, its decimal sign, and where its rows begin."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from backend.records.formats.tables.cells import is_clock, is_missing, is_number, parse_number

__all__ = ["BLANKS", "COMMENT_SIGNS", "Dialect", "Layout", "find_layout", "is_comment", "split_line"]

BLANKS = " "
"""The separator of cells with any number of blanks between them."""

COMMENT_SIGNS = ("#", "%", "//")

_SEPARATORS = ("\t", ";", "|", ",", BLANKS)
_NAMED = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas", BLANKS: "blanks", "": "one column"}
_N_EXAMINED = 400
_N_IN_ROW = 3
_FEWEST_ALIKE = 0.8
_MOST_COLUMNS = 256
_LONGEST_LINE = 2**14


@dataclass(frozen=True)
class Dialect:
    """How the cells of a line are written.

    Attributes
    ----------
    separator : str
        A character; `BLANKS` for any number of blanks; empty for a single column.
    decimal : str
        ``.``, or ``,`` where numbers have decimal commas.
    thousands : str
        What groups digits, or empty.
    n_joined : int
        Cells of the separator per number: 2 where a comma both separates cells and begins their decimals.
    """

    separator: str
    decimal: str = "."
    thousands: str = ""
    n_joined: int = 1

    def described(self) -> str:
        """Return the dialect for a reader: ``semicolons, decimal commas``."""
        return _NAMED[self.separator] + (", decimal commas" if self.decimal == "," else "")


@dataclass(frozen=True)
class Layout:
    """Where the rows of a table begin, and what its columns hold.

    Attributes
    ----------
    dialect : Dialect
    first_row : int
        Number of lines before the first row of values.
    kinds : tuple of str
        For each column ``number``, ``clock``, ``text`` or ``empty``.
    is_spaced : bool
        Whether every row is followed by an empty line, which then means nothing.
    rows : list of list of str
        The first rows of values.
    """

    dialect: Dialect
    first_row: int
    kinds: tuple[str, ...]
    is_spaced: bool
    rows: list[list[str]]


def is_comment(line: str) -> bool:
    """Return whether a line is a comment."""
    return line.lstrip().startswith(COMMENT_SIGNS)


def split_line(line: str, dialect: Dialect) -> list[str]:
    """Return the cells of a line without blanks and quotes around them."""
    cells = _split(line, dialect.separator)
    if dialect.n_joined == 2 and len(cells) % 2 == 0:
        return [f"{whole},{part}" for whole, part in zip(cells[::2], cells[1::2], strict=True)]
    return cells


def _split(line: str, separator: str) -> list[str]:
    if separator == BLANKS:
        return [cell.strip("\"'") for cell in line.split()]
    if separator == "":
        return [line.strip().strip("\"'").strip()]
    if '"' in line or "'" in line:
        return _split_quoted(line, separator)
    return [cell.strip() for cell in line.split(separator)]


def _split_quoted(line: str, separator: str) -> list[str]:
    quote = '"' if '"' in line else "'"
    is_quoted = line.lstrip().startswith(quote) or any(
        separator + blank + quote in line for blank in ("", " ", "  ", "\t")
    )
    if is_quoted:
        try:
            cells = next(csv.reader([line], delimiter=separator, quotechar=quote, skipinitialspace=True), [])
            return [cell.strip().strip("\"'").strip() for cell in cells]
        except csv.Error:
            pass
    return [cell.strip().strip("\"'").strip() for cell in line.split(separator)]


def find_layout(lines: Sequence[str]) -> Layout | None:
    """Return the layout of the table in the first lines of a text; None if they hold none.

    The cells are judged in the middle of the lines, where metadata before the table no longer confuse. The separator is
    the one that divides most lines alike into the most cells that are numbers, clock times or missing.
    """
    held = [line for line in lines if line.strip() and not is_comment(line) and len(line) <= _LONGEST_LINE]
    sample = held[len(held) // 2 :][:_N_EXAMINED] if len(held) > 4 else held
    if not sample:
        return None
    scored = [(_score(sample, separator), separator) for separator in _SEPARATORS]
    best_score, separator = max(scored, key=lambda own: own[0])
    if best_score <= 0:
        separator = ""
    dialect = _with_decimals(sample, separator, held)
    rows = [split_line(line, dialect) for line in sample]
    n_columns = Counter(map(len, rows)).most_common(1)[0][0]
    alike = [row for row in rows if len(row) == n_columns]
    kinds = tuple(_kind_of_column([row[index] for row in alike]) for index in range(n_columns))
    if n_columns > _MOST_COLUMNS or not any(kind == "number" for kind in kinds):
        return None
    first = _first_row(lines, dialect, kinds)
    if first is None:
        return None
    body = lines[first:]
    values = [split_line(line, dialect) for line in body if line.strip() and not is_comment(line)]
    return Layout(dialect, first, kinds, _is_spaced(body), values)


def _score(sample: Sequence[str], separator: str) -> float:
    """Return the share of cells that a table would hold, if the separator divides the lines alike; else 0."""
    rows = [_split(line, separator) for line in sample]
    n_columns, count = Counter(map(len, rows)).most_common(1)[0]
    if n_columns < 2 or count < _FEWEST_ALIKE * len(rows):
        return 0.0
    cells = [cell for row in rows if len(row) == n_columns for cell in row]
    if not any(map(is_number, cells)):
        return 0.0
    # A comma in a cell of commas was quoted, so it is a decimal sign.
    good = sum(is_missing(cell) or is_number(cell) or is_clock(cell) for cell in cells)
    # Of two separators that both explain the cells, the one that also divides text is preferred by their order.
    return good / len(cells) if good > 0.3 * len(cells) else 0.0


def _with_decimals(sample: Sequence[str], separator: str, held: Sequence[str]) -> Dialect:
    rows = [_split(line, separator) for line in sample]
    if separator == ",":
        return _with_joined_commas(rows, held)
    cells = [cell for row in rows for cell in row if is_number(cell)]
    with_comma = [cell for cell in cells if "," in cell]
    if any("." in cell for cell in with_comma):
        decimal = "," if with_comma and _last_sign(with_comma) == "," else "."
        return Dialect(separator, decimal, "." if decimal == "," else ",")
    if with_comma and _groups_thousands(cells):
        return Dialect(separator, ".", ",")
    return Dialect(separator, "," if with_comma else ".")


def _last_sign(cells: Sequence[str]) -> str:
    both = next(cell for cell in cells if "." in cell)
    return "," if both.rfind(",") > both.rfind(".") else "."


def _groups_thousands(cells: Sequence[str]) -> bool:
    """Return whether commas group the digits of whole numbers: 950 beside 1,020."""
    bare = [cell.lstrip("+-") for cell in cells]
    grouped = [cell for cell in bare if "," in cell]
    whole = [cell for cell in bare if "," not in cell and cell.isdigit() and len(cell) <= 3 and int(cell) > 0]
    return (
        len(whole) > 0.02 * len(bare)
        and len(whole) + len(grouped) == len(bare)
        and all(not cell.startswith("0") and len(cell.rpartition(",")[2]) == 3 for cell in grouped)
    )


def _with_joined_commas(rows: Sequence[Sequence[str]], held: Sequence[str]) -> Dialect:
    """Return the dialect of lines with commas, which may be the decimal signs of their numbers.

    They are if there is half as many names as cells, or in each pair the second cell is digits alone, in some with a
    leading zero, which no number of its own has.
    """
    n_columns = Counter(map(len, rows)).most_common(1)[0][0]
    alike = [row for row in rows if len(row) == n_columns]
    if n_columns % 2 or not alike:
        return Dialect(",")
    fractions = [cell for row in alike for cell in row[1::2]]
    wholes = [cell for row in alike for cell in row[::2]]
    if not all(cell.isascii() and cell.isdigit() for cell in fractions):
        return Dialect(",")
    if not all(cell.lstrip("+-").isdigit() for cell in wholes):
        return Dialect(",")
    columns = zip(*(row[1::2] for row in alike), strict=True)
    are_fractions = all(any(cell[0] == "0" and len(cell) > 1 for cell in column) for column in columns)
    above = [_split(line, ",") for line in held[: len(held) // 2 + 1]]
    has_half_the_names = any(
        2 * len(cells) == n_columns and not any(map(is_number, cells)) and all(cells) for cells in above[:40]
    )
    if not (are_fractions or has_half_the_names):
        return Dialect(",")
    return Dialect("", ",") if n_columns == 2 else Dialect(",", ",", "", 2)


def _kind_of_column(cells: Sequence[str]) -> str:
    held = [cell for cell in cells if not is_missing(cell)]
    if not held:
        return "empty"
    if sum(map(is_number, held)) >= _FEWEST_ALIKE * len(held):
        # Dates of eight digits are read as numbers only if they are no days.
        return "number"
    return "clock" if sum(map(is_clock, held)) >= _FEWEST_ALIKE * len(held) else "text"


def _first_row(lines: Sequence[str], dialect: Dialect, kinds: Sequence[str]) -> int | None:
    """Return the first of several rows in a row that have the columns of the table."""
    numbered = [index for index, line in enumerate(lines) if line.strip() and not is_comment(line)]
    fitting = [_fits(split_line(lines[index], dialect), kinds) for index in numbered]
    for place, index in enumerate(numbered):
        following = fitting[place : place + _N_IN_ROW]
        if all(following):
            return index
    return None


def _fits(cells: Sequence[str], kinds: Sequence[str]) -> bool:
    """Return whether a row can be one of values: numbers where its columns have numbers."""
    if len(cells) > len(kinds) and any(cells[len(kinds) :]):
        return False
    if not any(cells):
        return False
    n_numbers = kinds.count("number")
    held = 0
    for cell, kind in zip(cells, kinds, strict=False):
        if kind == "number":
            if not (is_missing(cell) or parse_number(cell) is not None):
                return False
            held += not is_missing(cell)
        elif kind == "clock" and not (is_missing(cell) or is_clock(cell)):
            return False
    return len(cells) >= len(kinds) - kinds.count("empty") or (held > 0 and n_numbers > 1 and len(cells) > 1)


def _is_spaced(body: Sequence[str]) -> bool:
    """Return whether an empty line follows nearly every row."""
    is_empty = [not line.strip() for line in body[:_N_EXAMINED]]
    pairs = list(zip(is_empty[::2], is_empty[1::2], strict=False))
    return len(pairs) > 2 and sum(not first and second for first, second in pairs) > 0.95 * len(pairs)
