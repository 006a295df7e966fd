"""The values of a table, read a block of lines at a time."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from backend.records.formats.tables.cells import MISSING_SPELLINGS, is_missing, parse_number
from backend.records.formats.tables.dialect import BLANKS, Layout, is_comment, split_line
from backend.records.formats.tables.text_blocks import read_blocks
from backend.records.record import RecordRefused

__all__ = ["TableValues", "read_values"]

_MISSING_IN_CAPITALS = [own.upper() for own in MISSING_SPELLINGS] + [own.title() for own in MISSING_SPELLINGS]
_NA_VALUES = sorted({*MISSING_SPELLINGS, *_MISSING_IN_CAPITALS})
_LONGEST_FOOTER = 50
_LONGEST_WORD = 20
_FEWEST_RECURRING = 5


@dataclass(eq=False)
class TableValues:
    """The values of a table.

    Attributes
    ----------
    numbers : dict of int to array, shape = (n_rows,)
        By column; float64 for columns that may be a clock, float32 for all others, NaN where a cell is missing or a
        line empty.
    texts : dict of int to list of str, length n_rows
        The cells of columns of clock times.
    is_empty : bool array, shape = (n_rows,)
        Rows that are empty lines.
    notices : list of str
        What was left out, in whole sentences.
    """

    numbers: dict[int, np.ndarray]
    texts: dict[int, list[str]]
    is_empty: np.ndarray
    notices: list[str] = field(default_factory=list)


@dataclass
class _Odd:
    """A line that is not a row of the table."""

    row: int
    line_number: int
    reason: str


def read_values(path: Path, layout: Layout, precise: Sequence[int]) -> TableValues:
    """Return the values below a table's headings.

    Lines at the end that do not fit the table are left out with a notice.

    Parameters
    ----------
    precise : sequence of int
        Columns to be read as float64.

    Raises
    ------
    RecordRefused
        If another line does not fit, or no row remains.
    """
    reader = _Reader(path.name, layout, precise)
    to_skip, line_number = layout.first_row, 0
    for lines in read_blocks(path):
        skipped = min(to_skip, len(lines))
        to_skip -= skipped
        reader.read(lines[skipped:], line_number + skipped)
        line_number += len(lines)
    return reader.finish()


class _Reader:
    def __init__(self, name: str, layout: Layout, precise: Sequence[int]) -> None:
        self.name, self.layout = name, layout
        self.numeric = [index for index, kind in enumerate(layout.kinds) if kind == "number"]
        self.clocks = [index for index, kind in enumerate(layout.kinds) if kind == "clock"]
        self.precise = set(precise)
        self.blocks: dict[int, list[np.ndarray]] = {index: [] for index in self.numeric}
        self.texts: dict[int, list[str]] = {index: [] for index in self.clocks}
        self.empty: list[np.ndarray] = []
        self.odd: list[_Odd] = []
        self.short: list[int] = []
        self.words: dict[tuple[int, str], list[tuple[int, int]]] = {}
        self.n_rows = 0

    def read(self, lines: Sequence[str], line_number: int) -> None:
        """Read the lines of a block; comments, and empty lines between all rows, are not rows."""
        if self.layout.is_spaced:
            kept = [(number, line) for number, line in enumerate(lines, line_number + 1) if line.strip()]
        else:
            kept = list(enumerate(lines, line_number + 1))
        kept = [(number, line) for number, line in kept if not is_comment(line)]
        if not kept:
            return
        texts = [line for _, line in kept]
        is_empty = np.array([not line.strip() for line in texts])
        if not self._read_at_once(texts, is_empty):
            self._read_each([number for number, _ in kept], texts)
        self.empty.append(is_empty)
        self.n_rows += len(texts)

    def _read_at_once(self, lines: list[str], is_empty: np.ndarray) -> bool:
        """Read lines of regular rows by pandas; False if they are not regular enough."""
        dialect, n_columns = self.layout.dialect, len(self.layout.kinds)
        separator, text = dialect.separator, "\n".join(lines)
        if dialect.n_joined > 1 or dialect.thousands or '"' in text or "'" in text or "\u2212" in text:
            return False
        if separator not in ("", BLANKS):
            n_expected = (n_columns - 1) * int((~is_empty).sum())
            if text.count(separator) != n_expected:
                return False
        elif separator == "":
            if "\t" in text or ";" in text:
                return False
            separator = "\t"
        kinds: dict[int, type] = dict.fromkeys(range(n_columns), str)
        kinds |= {index: np.float64 if index in self.precise else np.float32 for index in self.numeric}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                frame = pd.read_csv(
                    io.StringIO(text),
                    sep=r"\s+" if separator == BLANKS else separator,
                    decimal=dialect.decimal,
                    header=None,
                    names=range(n_columns),
                    index_col=False,
                    dtype=kinds,
                    na_values=_NA_VALUES,
                    skip_blank_lines=False,
                    skipinitialspace=True,
                    quoting=3,
                    engine="c",
                )
        except (ValueError, OverflowError, pd.errors.ParserError):
            return False
        if len(frame) != len(lines) or (separator == BLANKS and frame[n_columns - 1].isna().any()):
            return False
        for index in self.numeric:
            values = frame[index].to_numpy(copy=True)
            values[~np.isfinite(values)] = np.nan
            self.blocks[index].append(values)
        for index in self.clocks:
            self.texts[index] += frame[index].fillna("").tolist()
        return True

    def _read_each(self, numbers: Sequence[int], lines: Sequence[str]) -> None:
        dialect, n_columns, thousands = self.layout.dialect, len(self.layout.kinds), self.layout.dialect.thousands
        columns: dict[int, list[float]] = {index: [] for index in self.numeric}
        for place, (number, line) in enumerate(zip(numbers, lines, strict=True)):
            cells = split_line(line, dialect) if line.strip() else []
            reason = ""
            if len(cells) > n_columns and any(cells[n_columns:]):
                reason = f"has {len(cells)} cells under {n_columns} columns"
            elif 0 < len(cells) < n_columns:
                self.short.append(self.n_rows + place)
            for index in self.numeric:
                cell = cells[index] if index < len(cells) and not reason else ""
                value = np.nan
                if not is_missing(cell):
                    found = parse_number(cell.replace(thousands, "") if thousands else cell.partition(" #")[0].strip())
                    if found is None and _may_be_word(cell):
                        self.words.setdefault((index, cell), []).append((self.n_rows + place, number))
                    elif found is None:
                        reason = f"has {cell[:20]!r} in place of a number"
                    else:
                        value = found
                columns[index].append(value)
            for index in self.clocks:
                self.texts[index].append(cells[index] if index < len(cells) else "")
            if reason:
                self.odd.append(_Odd(self.n_rows + place, number, reason))
        for index, values in columns.items():
            kind = np.float64 if index in self.precise else np.float32
            with np.errstate(over="ignore"):
                block = np.array(values, dtype=kind)
            block[~np.isfinite(block)] = np.nan
            self.blocks[index].append(block)

    def finish(self) -> TableValues:
        is_empty = np.concatenate(self.empty) if self.empty else np.zeros(0, dtype=bool)
        notices = self._judge_words()
        last = self._last_row(is_empty)
        n_left_out = int((~is_empty[last:]).sum())
        if n_left_out:
            lines = f"{n_left_out} lines" if n_left_out > 1 else "One line"
            notices.append(f"{lines} at the end of the file did not fit the table and {_were(n_left_out)} left out.")
        n_short = sum(row < last for row in self.short)
        if n_short and n_short < last:
            rows = f"{n_short:,} rows" if n_short > 1 else "One row"
            notices.append(f"{rows} had fewer cells than columns; the missing cells were read as gaps.")
        numbers = {}
        for index in self.numeric:
            numbers[index] = np.concatenate(self.blocks.pop(index))[:last]
        texts = {index: self.texts[index][:last] for index in self.clocks}
        return TableValues(numbers, texts, is_empty[:last], notices)

    def _judge_words(self) -> list[str]:
        """Return a notice for each word that stands for missing values, as it recurs; others are odd lines."""
        notices = []
        for (_, word), places in self.words.items():
            if len(places) >= _FEWEST_RECURRING:
                notices.append(f"{word!r} was read as missing ({len(places):,} values).")
            else:
                self.odd += [_Odd(row, number, f"has {word!r} in place of a number") for row, number in places]
        self.odd.sort(key=lambda own: own.row)
        return notices

    def _last_row(self, is_empty: np.ndarray) -> int:
        """Return the number of rows before the footer; refuse other lines that do not fit."""
        odd = {own.row for own in self.odd} | set(self.short[-_LONGEST_FOOTER:])
        last = self.n_rows
        while last > 0 and (is_empty[last - 1] or (last - 1 in odd and self.n_rows - last < _LONGEST_FOOTER)):
            last -= 1
        within = next((own for own in self.odd if own.row < last), None)
        if within is not None:
            raise RecordRefused(
                f"{self.name}, line {within.line_number} {within.reason}, so it is not a table of numbers there. "
                "Correct the line or leave its cells empty."
            )
        if last == 0:
            raise RecordRefused(f"{self.name} holds no rows of numbers. Choose another file.")
        return last


def _may_be_word(cell: str) -> bool:
    """Return whether a cell can be a word or dashes that stand for a missing value."""
    return len(cell) <= _LONGEST_WORD and not any(letter.isdigit() for letter in cell)


def _were(count: int) -> str:
    return "were" if count > 1 else "was"
