"""The charted values in the rows of a stay, by the layout of its text."""

from collections.abc import Sequence

import numpy as np

from backend.records.formats.stays.charting import Charting
from backend.records.formats.stays.moments import duration_minutes
from backend.records.formats.stays.parameter_names import (
    GCS_PARTS,
    PRESSURE_NAMES,
    coma_part_named,
    fold_name,
    is_other_fluid,
    parameter_and_unit,
)
from backend.records.formats.stays.stay_columns import CodedCells, StayRows
from backend.records.formats.stays.stay_layouts import FlowLayout, LongLayout, StayLayout, WideLayout, pressure_named
from backend.records.formats.stays.stay_times import parse_times
from backend.records.formats.stays.value_cells import decimals_of, without_groups
from backend.records.formats.tables.cells import is_missing, is_number, parse_number
from backend.records.formats.tables.dialect import Dialect, split_line
from backend.records.record import RecordRefused
from backend.records.stays import STATICS

__all__ = ["chart_admission", "chart_flow", "chart_long", "chart_wide"]

_RECORD_ID = "recordid"
_UNKNOWN = "unknown parameter"
_TOO_MANY_CELLS = "more cells than headings"
_MOST_COLUMNS = 2**20
_MOST_EARLIER_LINES = 60
_MOST_DAY_NUMBER = 400


def chart_admission(lines: Sequence[str], dialect: Dialect, charting: Charting) -> None:
    """Chart what the lines above a table say of the patient on admission: ``Age,71``, ``# Weight: 68 kg``."""
    for place, line in enumerate(lines[:-1][:_MOST_EARLIER_LINES]):
        cells = [cell for cell in split_line(line[:200].lstrip("#%/ "), dialect) if cell]
        if len(cells) == 1:
            sign = ":" if ":" in cells[0] else "="
            cells = [cell.strip() for cell in cells[0].split(sign)]
        parameter, unit = parameter_and_unit(cells[0]) if 2 <= len(cells) <= 3 else (None, "")
        if (parameter in STATICS and any(map(str.isdigit, cells[1]))) or parameter == "Gender":
            stated = cells[2] if len(cells) == 3 else unit
            charting.chart(
                str(parameter),
                cells[0],
                stated,
                np.array([place - len(lines)]),
                np.zeros(1),
                CodedCells.one_each([cells[1]]),
            )


def chart_long(name: str, layout: StayLayout, rows: StayRows, charting: Charting) -> str:
    """Chart the values of a long table, and return what its times were understood as."""
    assert isinstance(layout, LongLayout)
    names, units, values = rows.column(layout.name), rows.column(layout.unit), _long_values(layout, rows)
    fluids = rows.column(layout.fluid)
    minutes, described = _minutes(name, layout, rows, names.codes)
    known = [parameter_and_unit(written)[0] or coma_part_named(written) for written in names.distinct]
    # Rows of one name, unit and fluid are read together.
    groups = (names.codes * len(units.distinct) + units.codes) * len(fluids.distinct) + fluids.codes
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
        first = int(order[start])
        written, unit, fluid = names[first], units[first], fluids[first]
        parameter = known[names.codes[first]]
        if parameter is None and fold_name(written) in PRESSURE_NAMES:
            held = np.unique(values.codes[order[start:end]])
            parameter = pressure_named(written, [values.distinct[code] for code in held])
        if parameter is not None and fluid and is_other_fluid(parameter, fluid):
            charting.count_left_out(parameter, f"measured in {fluid[:20]}", end - start, first)
        elif parameter is not None:
            own = order[start:end]
            cells = CodedCells(values.distinct, values.codes[own])
            _chart(charting, parameter, written, unit, own, minutes[own], cells)
        elif written and fold_name(written) != _RECORD_ID:
            charting.count_left_out(written, _UNKNOWN, end - start, first)
    return described


def _chart(
    charting: Charting,
    parameter: str,
    written: str,
    unit: str,
    order: np.ndarray,
    minutes: np.ndarray,
    cells: CodedCells,
) -> None:
    """Chart values of a parameter, of a part of the GCS, or of two or three pressures in a cell."""
    if parameter in GCS_PARTS:
        charting.chart_coma_part(parameter, order, minutes, cells)
    elif parameter in PRESSURE_NAMES:
        parts = [_pressures(cell) for cell in cells.distinct]
        for place, own in enumerate(PRESSURE_NAMES[parameter]):
            held = np.array([place == 0 or place < len(part) for part in parts])[cells.codes]
            distinct = [part[place] if place < len(part) else "" for part in parts]
            charting.chart(own, own, unit, order[held], minutes[held], CodedCells(distinct, cells.codes[held]))
    else:
        charting.chart(parameter, written, unit, order, minutes, cells)


def _pressures(cell: str) -> list[str]:
    """Return the pressures in ``120/80``, ``120/80/93`` and ``120/80 (93)``."""
    return [part.strip() for part in cell[:60].replace("(", "/").replace(")", "").split("/")]


def _long_values(layout: LongLayout, rows: StayRows) -> CodedCells:
    """Return the cells of values: of the second column of values where the first is empty."""
    values, codes = list(rows.column(layout.value).distinct), rows.column(layout.value).codes
    if layout.other_value >= 0:
        others = rows.column(layout.other_value)
        missing = np.array([is_missing(cell) for cell in values])[codes]
        codes = np.where(missing, others.codes + len(values), codes)
        values += others.distinct
    # A comma that separates cells and begins decimals divides the value in two.
    expected = layout.n_columns if layout.time_heading else 1 + max(layout.time, layout.name, layout.value)
    if layout.value == expected - 1 and layout.dialect.separator == ",":
        after = rows.column(layout.value + 1)
        codes = codes.copy()
        for row in np.flatnonzero(rows.n_cells > expected).tolist():
            if after[row].isdigit() and values[codes[row]].lstrip("-").isdigit():
                values.append(f"{values[codes[row]]}.{after[row]}")
                codes[row] = len(values) - 1
    return CodedCells(without_groups(values, decimals_of(values, layout.dialect.separator)), codes)


def chart_wide(name: str, layout: StayLayout, rows: StayRows, charting: Charting) -> str:
    """Chart the values of a grid with a column for each parameter, and return what its times were understood as."""
    assert isinstance(layout, WideLayout)
    minutes, described = _minutes(name, layout, rows, None)
    is_whole = _check_widths(name, layout, rows, charting)
    columns = [(own, _held(rows, own[0], is_whole)) for own in layout.parameters]
    decimal = decimals_of((cell for _, (_, cells) in columns for cell in cells.distinct), layout.dialect.separator)
    # Empty cells are most of a grid, and not worth a word.
    for (place, heading, parameter, unit), (own, cells) in columns:
        ungrouped = CodedCells(without_groups(cells.distinct, decimal), cells.codes)
        _chart(charting, parameter, heading, unit, own * _MOST_COLUMNS + place, minutes[own], ungrouped)
    for place, heading in layout.unknown:
        own, _ = _held(rows, place, is_whole)
        charting.leave_out(heading, _UNKNOWN, own * _MOST_COLUMNS + _MOST_COLUMNS // 2 + place)
    return described


def _check_widths(name: str, layout: WideLayout, rows: StayRows, charting: Charting) -> np.ndarray:
    """Return which rows have no more cells than there are headings, so that each lies below its own."""
    is_whole = rows.n_cells <= layout.n_columns
    if is_whole.all():
        return is_whole
    extra = np.zeros(len(rows), dtype=bool)
    for place in range(layout.n_columns, rows.width):
        cells = rows.column(place)
        extra |= np.array([bool(cell) for cell in cells.distinct])[cells.codes]
    if extra.sum() > 0.5 * len(rows):
        raise RecordRefused(
            f"The rows of {name} have more cells than its {layout.n_columns} headings, as when commas both separate "
            "cells and begin decimals. Save it with semicolons between the cells."
        )
    charting.leave_out("rows", _TOO_MANY_CELLS, np.flatnonzero(extra) * _MOST_COLUMNS)
    return ~extra


def _held(rows: StayRows, place: int, is_whole: np.ndarray) -> tuple[np.ndarray, CodedCells]:
    """Return the rows with something in a column, and what it is."""
    cells = rows.column(place)
    is_held = ~np.array([is_missing(cell) for cell in cells.distinct])[cells.codes]
    own = np.flatnonzero(is_held & is_whole)
    return own, CodedCells(cells.distinct, cells.codes[own])


def chart_flow(name: str, layout: StayLayout, rows: StayRows, charting: Charting) -> str:
    """Chart the values of a flow sheet, with a row for each parameter."""
    assert isinstance(layout, FlowLayout)
    times = parse_times(name, "", CodedCells.one_each(layout.times))
    minutes = np.floor(np.round(times.minutes, 6))
    columns = [rows.column(layout.first_time + place) for place in range(len(layout.times))]
    decimal = decimals_of((cell for column in columns for cell in column.distinct), layout.dialect.separator)
    for row in range(len(rows)):
        written = rows.column(0)[row]
        own = [column[row] for column in columns]
        held = np.flatnonzero([not is_missing(cell) for cell in own])
        parameter, unit = parameter_and_unit(written)
        parameter = parameter or coma_part_named(written) or pressure_named(written, own)
        order = row * _MOST_COLUMNS + held
        if parameter is None:
            charting.leave_out(written, _UNKNOWN, order)
        elif len(held):
            cells = CodedCells.one_each(without_groups([own[place] for place in held], decimal))
            stated = rows.column(layout.unit)[row] or unit
            _chart(charting, parameter, written, stated, order, minutes[held], cells)
    return times.described


def _minutes(
    name: str, layout: LongLayout | WideLayout, rows: StayRows, groups: np.ndarray | None
) -> tuple[np.ndarray, str]:
    cells = rows.column(layout.time)
    origin = next((cell for cell in rows.column(layout.origin).distinct if not is_missing(cell)), "")
    dates = rows.column(layout.date)
    days = np.array([_day_number(cell) for cell in dates.distinct])[dates.codes] if layout.date >= 0 else np.zeros(1)
    if layout.date >= 0 and np.isfinite(days).all() and _counts_from_midnight(cells):
        times = parse_times(name, layout.time_heading, cells)
        minutes, described = times.minutes + 1440 * (days - days.min()), "days and times, counted from the first day"
    elif layout.date >= 0 and np.isfinite([duration_minutes(cell) for cell in cells.distinct]).mean() >= 0.5:
        times = parse_times(name, "", _joined(dates, cells), origin)
        minutes, described = times.minutes, times.described
    else:
        times = parse_times(name, layout.time_heading, cells, origin, groups)
        minutes, described = times.minutes, times.described
    if not np.isfinite(minutes).any():
        example = next((cell for cell in cells.distinct if cell), "")
        raise RecordRefused(
            f"{name}: {example[:40]!r} is not a time. Write hours and minutes after admission, as in 07:30."
        )
    # Rounded first: 29/60 h is 28.999... minutes.
    return np.floor(np.round(minutes, 6)), described


def _joined(dates: CodedCells, clocks: CodedCells) -> CodedCells:
    """Return dates and clock times as one cell for each pair."""
    pairs, codes = np.unique(dates.codes * len(clocks.distinct) + clocks.codes, return_inverse=True)
    joined = [
        f"{dates.distinct[pair // len(clocks.distinct)]} {clocks.distinct[pair % len(clocks.distinct)]}"
        for pair in pairs.tolist()
    ]
    return CodedCells(joined, codes)


def _day_number(cell: str) -> float:
    number = parse_number(cell.casefold().removeprefix("day").removeprefix("tag").strip())
    return np.nan if number is None or not 0 <= number <= _MOST_DAY_NUMBER or number % 1 else number


def _counts_from_midnight(cells: CodedCells) -> bool:
    """Return whether times are those within a day: clock times or hours below 24."""
    minutes = [duration_minutes(cell) for cell in cells.distinct if cell]
    hours = [parse_number(cell) for cell in cells.distinct if cell and is_number(cell)]
    return all(minute < 1440 for minute in minutes if minute == minute) and all(
        hour is not None and 0 <= hour < 24 for hour in hours
    )
