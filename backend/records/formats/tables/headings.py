"""The names and units of the columns, from the rows above a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.records.formats.tables.cells import is_clock, is_missing, is_number
from backend.records.formats.tables.dialect import BLANKS, Dialect, Layout, is_comment, split_line
from backend.records.formats.tables.statements import Statements, is_statement, read_statements
from backend.records.formats.tables.unit_names import is_unit, split_name

__all__ = ["Heading", "Headings", "made_up_name", "read_headings"]

_MOST_HEADING_ROWS = 6
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Heading:
    """The name of a column, made up (`is_named` False) where the file has none, and its unit, empty if not stated."""

    name: str
    unit: str
    is_named: bool = True


@dataclass(frozen=True)
class Headings:
    """The headings of all columns and the statements above them."""

    columns: tuple[Heading, ...]
    statements: Statements


def made_up_name(index: int) -> str:
    """Return the name of a column that has none."""
    return f"col_{index + 1}"


def read_headings(lines: Sequence[str], layout: Layout) -> Headings:
    """Return the headings of a table's columns.

    The rows directly above the values that have a cell for every column are names, and units where their cells are
    units (``mV``, ``hh:mm:ss``, ``CAL``). Without such rows, a comment with a cell for every column is taken, then
    the names in a statement (``Labels:= ECG``). All lines above are read for statements.
    """
    above = [line for line in lines[: layout.first_row] if line.strip()]
    statements = read_statements(above, layout.dialect.separator)
    names, units = _rows_of_headings(above, layout)
    n_columns = len(layout.kinds)
    if not names:
        names = _stated_names(statements.names, layout)
    columns = []
    for index in range(n_columns):
        written = names[index] if index < len(names) else ""
        name, unit = split_name(written)
        row_unit = units[index].strip("()[]{} ") if index < len(units) else ""
        name = name[:_LONGEST_NAME]
        columns.append(Heading(name or made_up_name(index), row_unit or unit, bool(name)))
    return Headings(tuple(columns), statements)


def _rows_of_headings(above: Sequence[str], layout: Layout) -> tuple[list[str], list[str]]:
    """Return the names and the units in the rows directly above the values; empty lists without any."""
    names: list[str] = []
    units: list[str] = []
    for line in list(reversed(above))[:_MOST_HEADING_ROWS]:
        is_remark = is_comment(line)
        cells = _heading_cells(line.lstrip("#%/ \t") if is_remark else line, layout)
        is_lone_column = len(layout.kinds) == 1
        is_stated = cells is not None and (
            is_statement(cells) or (is_lone_column and is_statement(_halves(line), may_name=True))
        )
        if cells is None or is_stated or (is_lone_column and is_remark):
            if is_remark:
                continue
            break
        if all(is_unit(cell) or not cell for cell in cells) and any(cells) and not names:
            units = _best_units(cells, units)
        elif any(is_number(cell) and cell.isdigit() for cell in cells[1:]) and names:
            break
        elif not names or len(set(names)) == 1 < len(names):
            names = cells
        if is_remark and names:
            break
    if units and not names and len(layout.kinds) > 1:
        names = [""] * len(units)
    return names, units


def _halves(line: str) -> list[str]:
    """Return what stands before and after the first sign that may divide a statement."""
    sign = next((own for own in line if own in ",;:=\t"), "")
    return [half.strip(" \"'") for half in line.split(sign, 1)] if sign else [line]


def _best_units(cells: list[str], units: list[str]) -> list[str]:
    """Return the row that holds more units than ``CAL`` and ``RAW``."""
    return units if units and sum(cell.casefold() in ("cal", "raw") for cell in cells) else cells


def _heading_cells(line: str, layout: Layout) -> list[str] | None:
    """Return the cells of a row with one for every column, padded or cut where the rest is empty; None otherwise."""
    n_columns = len(layout.kinds)
    for cells in _readings_of(line, layout.dialect):
        while len(cells) > n_columns and not cells[-1]:
            cells = cells[:-1]
        n_padded = n_columns - len(cells)
        # Values may end with a separator that the names above them lack.
        if n_padded > 0 and all(kind == "empty" for kind in layout.kinds[len(cells) :]):
            cells = [*cells, *[""] * n_padded]
        if len(cells) == n_columns and not all(is_missing(cell) or is_number(cell) or is_clock(cell) for cell in cells):
            return cells
    return None


def _readings_of(line: str, dialect: Dialect) -> list[list[str]]:
    """Return the ways to divide a row of names, which can have another separator than the values."""
    plain = Dialect(dialect.separator)
    found = [split_line(line, plain)]
    if dialect.separator == BLANKS:
        wide = [cell.strip(" \"'") for cell in line.replace("\t", "   ").split("  ") if cell.strip()]
        found += [wide, split_line(line, Dialect(",")), split_line(line, Dialect("\t"))]
    elif dialect.separator == "\t":
        found += [split_line(line, Dialect(",")), split_line(line, Dialect(BLANKS))]
    elif dialect.separator in (";", ","):
        found += [split_line(line, Dialect("," if dialect.separator == ";" else ";"))]
    return found


def _stated_names(names: Sequence[str], layout: Layout) -> list[str]:
    """Return the names of a statement for the columns: for all of them, or for those after a clock or counter."""
    n_columns = len(layout.kinds)
    while n_columns > len(names) and layout.kinds[n_columns - 1] == "empty":
        n_columns -= 1
    if len(names) == n_columns:
        return list(names)
    if names and len(names) == n_columns - 1:
        return ["", *names]
    return []
