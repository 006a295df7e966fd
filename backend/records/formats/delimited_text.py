"""CSV files: one column per lead, with or without a header row and a time column."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from backend.records.channels.lead_names import is_lead_name, is_other_name
from backend.records.channels.units import millivolts_per
from backend.records.formats.sniffing import identify_foreign_file, refuse_errors
from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated
from backend.records.validation import check_sampling_rate, check_size, validate_record

__all__ = ["CSV_ENDINGS", "read_csv"]

CSV_ENDINGS = (".csv", ".tsv", ".txt")

_SNIFFED_BYTES = 64 * 2**10
_MAX_COLUMNS = 256
_VALUES_AT_ONCE = 2**19
_MIN_STEPS = 20
# Times in whole milliseconds jitter by one or two samples at high rates, and shift the end by half a sample.
_MAX_JITTER_SAMPLES = 3
_MAX_DRIFT_SAMPLES = 1

_TIME_NAMES = {
    "time",
    "t",
    "elapsed",
    "elapsedtime",
    "timestamp",
    "seconds",
    "sec",
    "s",
    "milliseconds",
    "msec",
    "ms",
    "us",
}
_COUNT_NAMES = {"", "sample", "samples", "sample#", "sampleno", "samplenumber", "sampleinterval", "index", "no", "#"}
_SECONDS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3, "milliseconds": 1e-3, "us": 1e-6}
_NAME_AND_UNIT = re.compile(r"(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]{1,12})[)\]]\s*")
_STATEMENT = re.compile(r"#+\s*(?P<word>[\w ]+?)\s*[:=]\s*(?P<value>.*)")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?|nan", re.IGNORECASE)
_CLOCK = re.compile(r"[\[\]\d:./TZ +-]+")
_RATE_WORDS = {"samplingrate", "samplingratehz", "samplingfrequency", "samplerate", "fs"}
_UNIT_WORDS = {"unit", "units"}


@dataclass(frozen=True)
class _Layout:
    """The layout of a text, from its beginning.

    ``names``, ``units`` and ``first_cells`` have one entry per column; an empty unit is not stated.
    """

    separator: str
    decimal: str
    quote: str
    table_offset: int
    names: tuple[str, ...]
    units: tuple[str, ...]
    first_cells: tuple[str, ...]
    statements: dict[str, str]


def read_csv(path: Path, stated: Stated | None = None) -> Record:
    """Return the record in a text file of columns separated by comma, semicolon, tab or blanks.

    Decimal commas are recognised. Names and units come from a header row (``II (mV)``, ``MLII [uV]``). A column
    ``time``, ``seconds`` or ``ms`` or a comment ``# sampling_rate: 360`` gives the sampling rate, ``# unit: mV`` the
    unit of columns without one. Empty cells are NaN. What is stated takes precedence over the file.

    Parameters
    ----------
    path : Path
    stated : Stated, optional
        Its sampling rate and unit are required if the file does not state them.

    Returns
    -------
    Record
        ECG leads in mV.

    Raises
    ------
    RecordRefused
        If the text is not a table of numbers, or the sampling rate or unit is unknown.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> record = read_csv(Path("export.csv"), Stated(sampling_rate=250, unit="mV"))  # doctest: +SKIP
    """
    stated = stated or Stated()
    layout = _layout(path)
    unit, sampling_rate = _find_unit(path.name, layout, stated.unit), stated.sampling_rate
    if sampling_rate is None:
        sampling_rate = _find_rate(path.name, layout)
    time_column = _time_column(layout) if sampling_rate is None else None
    if sampling_rate is None and time_column is None:
        raise RecordRefused(
            f"{path.name} does not state its sampling rate. Enter it in Hz, or add a column 'time' in seconds."
        )
    columns = [index for index, name in enumerate(layout.names) if not _is_time_or_count(name)]
    channels = [_channel(path.name, layout, index, unit) for index in columns]
    signals, times = _values(path, layout, columns, time_column)
    if sampling_rate is None:
        sampling_rate = _estimate_rate(path.name, times)
    check_sampling_rate(path.stem, sampling_rate)
    for index, channel in enumerate(channels):
        signals[:, index] *= millivolts_per(channel.unit) or 1.0
    read = [replace(channel, unit="mV" if millivolts_per(channel.unit) else channel.unit) for channel in channels]
    return validate_record(path.stem, signals, sampling_rate, read, {}, stated=stated)


def _layout(path: Path) -> _Layout:
    with path.open("rb") as file:
        start = file.read(_SNIFFED_BYTES)
    _check_is_text(path.name, start)
    lines = start.decode("latin-1").splitlines(keepends=True)
    if len(start) == _SNIFFED_BYTES:
        lines = lines[:-1]
    offsets = np.cumsum([0, *map(len, lines)]).tolist()
    table = [
        (offset, _decode_line(line))
        for offset, line in zip(offsets, lines, strict=False)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not table:
        raise _not_a_table(path.name)
    separator, quote = _separator(table), "'" if table[0][1].lstrip().startswith("'") else '"'
    rows = [_cells(line, separator, quote) for _, line in table[:200]]
    n_headings = next((index for index, row in enumerate(rows) if _is_numeric_row(row)), len(rows))
    body = rows[n_headings:]
    if n_headings > 2 or not body or len(body[0]) > _MAX_COLUMNS:
        raise _not_a_table(path.name)
    names, units = _names_and_units(path.name, rows[:n_headings], body)
    return _Layout(
        separator=separator,
        decimal="," if separator != "," and any("," in cell for row in body for cell in row) else ".",
        quote=quote,
        table_offset=table[n_headings][0],
        names=names,
        units=units,
        first_cells=tuple(body[0]),
        statements=dict(_statement(_decode_line(line)) for line in lines if _STATEMENT.match(line.strip())),
    )


def _check_is_text(name: str, start: bytes) -> None:
    if not start.strip():
        raise RecordRefused(f"{name} is empty. Choose another file.")
    kind = identify_foreign_file(start) or ("not UTF-8 text" if b"\0" in start else None)
    if kind:
        raise RecordRefused(f"{name} is {kind} instead of a CSV file. Save the table as CSV in UTF-8.")
    if len(start) == _SNIFFED_BYTES and not re.search(rb"[\r\n]", start):
        raise _not_a_table(name)


def _not_a_table(name: str) -> RecordRefused:
    return RecordRefused(
        f"{name} is not a table of numbers. Save one column per lead, at most one row of names and one of units, and a "
        "number in every row; for an ICU stay, the columns Time, Parameter and Value."
    )


def _decode_line(line: str) -> str:
    """Return a line as UTF-8 if valid; it is Latin-1 at first, as offsets are in bytes."""
    try:
        return line.encode("latin-1").decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return line.rstrip("\r\n")


def _separator(table: Sequence[tuple[int, str]]) -> str:
    """Return the separator in a row of numbers; a single column of decimal commas has a single name."""
    line = table[min(len(table) - 1, 20)][1].strip()
    found = next((separator for separator in (";", "\t", ",") if separator in line), None)
    if found == "," and len(table) > 1 and "," not in table[0][1]:
        return ";"
    if found is None and re.search(r"\S\s+\S", line):
        return r"\s+"
    return found or ","


def _cells(line: str, separator: str, quote: str) -> list[str]:
    cells = line.split() if separator == r"\s+" else line.split(separator)
    return [cell.strip().strip(quote).strip() for cell in cells]


def _is_numeric_row(row: Sequence[str]) -> bool:
    return any(_NUMBER.fullmatch(cell) for cell in row) and all(
        not cell or _NUMBER.fullmatch(cell) or _CLOCK.fullmatch(cell) for cell in row
    )


def _names_and_units(
    name: str, headings: Sequence[Sequence[str]], body: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names and units of the columns; ``col_1``, ... and empty if the file has none."""
    n_columns = len(body[0])
    if any(len(heading) != n_columns for heading in headings):
        raise RecordRefused(
            f"{name} has rows of {n_columns} numbers under {len(headings[0])} names. Give every column one name."
        )
    if not headings:
        made_up = [f"col_{index + 1}" for index in range(n_columns)]
        return (_name_of_steps([row[0] for row in body]) or made_up[0], *made_up[1:]), ("",) * n_columns
    parted = [_NAME_AND_UNIT.fullmatch(cell) for cell in headings[0]]
    names = [part["name"] if part else cell for part, cell in zip(parted, headings[0], strict=True)]
    units = [part["unit"] if part else "" for part in parted]
    if len(headings) == 2:
        units = [cell.strip("()[]") for cell in headings[1]]
    return tuple(names), tuple(units)


def _name_of_steps(cells: Sequence[str]) -> str | None:
    """Return ``time`` or ``sample`` for an unnamed first column that rises in even steps, else None."""
    if len(cells) < _MIN_STEPS or not all(_NUMBER.fullmatch(cell) for cell in cells):
        return None
    steps = np.diff([float(cell.replace(",", ".")) for cell in cells])
    if not (steps > 0).all() or np.ptp(steps) > 0.5 * np.median(steps):
        return None
    return "time" if np.median(steps) < 1 else "sample"


def _statement(line: str) -> tuple[str, str]:
    found = _STATEMENT.match(line.strip())
    assert found is not None
    return re.sub(r"[\s_]", "", found["word"]).casefold(), found["value"].strip()


def _find_unit(name: str, layout: _Layout, unit: str | None) -> str:
    """Return the unit of columns without one: the argument, else that in a comment, else empty."""
    stated = unit or next((value for word, value in layout.statements.items() if word in _UNIT_WORDS), "")
    if stated and millivolts_per(stated) is None:
        raise RecordRefused(f"The unit {stated[:20]!r} of {name} is unknown. Use mV, uV, nV or V.")
    return stated


def _find_rate(name: str, layout: _Layout) -> float | None:
    stated = next((value for word, value in layout.statements.items() if word in _RATE_WORDS), None)
    if stated is None:
        return None
    found = re.match(r"\d+(\.\d+)?", stated)
    if not found:
        raise RecordRefused(f"The sampling rate {stated[:20]!r} in {name} is not a number. Enter it in Hz.")
    return float(found[0])


def _is_time_or_count(name: str) -> bool:
    return _is_time(name) or _folded(name) in _COUNT_NAMES


def _is_time(name: str) -> bool:
    return set(_folded(name).split("_")) <= _TIME_NAMES


def _folded(name: str) -> str:
    return re.sub(r"\s", "", name.casefold())


def _time_column(layout: _Layout) -> int | None:
    """Return the column of times as plain numbers, if any; clock times do not count."""
    return next(
        (
            index
            for index, name in enumerate(layout.names)
            if _is_time(name) and _NUMBER.fullmatch(layout.first_cells[index])
        ),
        None,
    )


def _seconds_per(layout: _Layout, time_column: int) -> float:
    words = [layout.units[time_column].casefold(), *_folded(layout.names[time_column]).split("_")]
    return next((_SECONDS[word] for word in words if word in _SECONDS), 1.0)


def _channel(name: str, layout: _Layout, index: int, unit: str) -> Channel:
    """Return the channel of a column; a possible ECG lead must have a unit."""
    channel = layout.names[index] or f"col_{index + 1}"
    own_unit = layout.units[index]
    if not own_unit and not is_other_name(channel):
        own_unit = unit
        if not unit:
            raise RecordRefused(
                f"{name} does not state the unit of {channel[:40]!r}. "
                "Enter mV, uV, nV or V, or write it after the name: II (mV)."
            )
    is_potential = millivolts_per(own_unit) is not None
    return Channel(channel, own_unit, is_potential and (is_lead_name(channel) or not is_other_name(channel)))


def _values(
    path: Path, layout: _Layout, columns: Sequence[int], time_column: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers, read a block of rows at a time.

    Returns
    -------
    signals : float32 array, shape = (n_samples, n_columns)
    times : float64 array, shape = (n_samples,)
        Seconds; empty without a time column.
    """
    n_lines = _count_lines(path)
    check_size(path.stem, n_lines, len(columns), path.stat().st_size)
    signals = np.empty((n_lines, len(columns)), dtype=np.float32)
    times = np.empty(0 if time_column is None else n_lines)
    n_read = 0
    with refuse_errors(_not_a_table(path.name).args[0]), path.open("rb") as file:
        file.seek(layout.table_offset)
        for rows in _chunks(file, layout, columns, time_column):
            place = slice(n_read, n_read + len(rows))
            for position, index in enumerate(columns):
                signals[place, position] = rows[index]
            if time_column is not None:
                times[place] = rows[time_column] * _seconds_per(layout, time_column)
            n_read += len(rows)
    return signals[:n_read], times[:n_read]


def _count_lines(path: Path) -> int:
    feeds = returns = 0
    with path.open("rb") as file:
        while block := file.read(2**20):
            feeds += block.count(b"\n")
            returns += block.count(b"\r")
    return max(feeds, returns) + 1


def _chunks(file: BinaryIO, layout: _Layout, columns: Sequence[int], time_column: int | None) -> Iterable[pd.DataFrame]:
    # All columns are parsed, as pandas ignores overlong rows if it may skip columns.
    kinds: dict[int, type] = {index: np.float32 if index in columns else str for index in range(len(layout.names))}
    if time_column is not None:
        kinds[time_column] = np.float64
    return pd.read_csv(
        file,
        sep=layout.separator,
        decimal=layout.decimal,
        quotechar=layout.quote,
        header=None,
        names=list(kinds),
        index_col=False,
        dtype=kinds,
        comment="#",
        skipinitialspace=True,
        encoding="latin-1",
        compression=None,
        engine="c",
        chunksize=max(1, _VALUES_AT_ONCE // len(layout.names)),
    )


def _estimate_rate(name: str, times: np.ndarray) -> float:
    """Return the sampling rate of evenly spaced times, in whole Hz if the times are rounded."""
    refusal = RecordRefused(
        f"The times in {name} are not evenly spaced. Enter the sampling rate in Hz, or keep gaps as empty cells."
    )
    if len(times) < 2 or not (np.isfinite(times).all() and times[-1] > times[0]):
        raise refusal
    rate = (len(times) - 1) / (times[-1] - times[0])
    expected = times[0] + np.arange(len(times)) / rate
    if np.abs(times - expected).max() > _MAX_JITTER_SAMPLES / rate:
        raise refusal
    whole = round(rate)
    drift_samples = abs(rate - whole) * (times[-1] - times[0])
    return float(whole) if drift_samples < _MAX_DRIFT_SAMPLES else float(rate)
