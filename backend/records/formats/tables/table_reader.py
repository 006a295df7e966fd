"""Reading of tables: one column per lead, as devices, spreadsheets and scripts write them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from backend.records.channels.heartbeats import EXAMINED_S
from backend.records.channels.lead_decision import decide_leads
from backend.records.channels.lead_names import is_lead_name
from backend.records.channels.units import millivolts_per
from backend.records.formats.tables.cells import parse_clocks, parse_number
from backend.records.formats.tables.columns import Content, content_of, may_be_clock, sentinel_of
from backend.records.formats.tables.dialect import Dialect, Layout, find_layout
from backend.records.formats.tables.headings import Heading, Headings, read_headings
from backend.records.formats.tables.statements import Statements, read_statements
from backend.records.formats.tables.table_values import TableValues, read_values
from backend.records.formats.tables.text_blocks import read_head
from backend.records.formats.tables.times import Clock, Placement, find_seconds_per, measure_clock, place_rows
from backend.records.formats.tables.transposed import is_transposed, read_transposed
from backend.records.formats.tables.unit_names import seconds_per
from backend.records.formats.tables.vocabulary import COUNT_WORDS, TIME_WORDS
from backend.records.record import Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding
from backend.records.validation import check_sampling_rate, check_size, validate_record

__all__ = ["CSV_ENDINGS", "read_table"]

CSV_ENDINGS = (".csv", ".tsv", ".txt", ".asc", ".psv")

# Rates from a statement and from times that differ by more than this cannot both be right.
_CONTRADICTION = 0.02
_IMPLAUSIBLE_MV = 100.0
_LONGEST_SHOWN_NAME = 40
_MOST_GAPS_KEPT = 1000


@dataclass(frozen=True, eq=False)
class _Column:
    heading: Heading
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class _Timing:
    sampling_rate: float
    origin: str
    clock: Clock | None
    clock_column: int | None


def read_table(path: Path, stated: Stated | None = None) -> Record:
    """Return the record in a text of columns separated by comma, semicolon, tab, bar or blanks.

    Understood are metadata above the table, a row of names and one of units, decimal commas, every usual spelling of a
    missing value, clocks in any unit or as dates, and rows that are missing by the clock, which become gaps. Columns
    that count rows, hold one value, codes or text are left out, by their content. What is stated takes precedence
    over the file, and the record says what was understood.

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
    LeadsInDoubt
        If which column is an ECG cannot be determined.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> record = read_table(Path("export.csv"), Stated(sampling_rate=250, unit="mV"))  # doctest: +SKIP
    """
    stated = stated or Stated()
    if stated.unit and millivolts_per(stated.unit) is None:
        raise RecordRefused(f"The unit {stated.unit[:20]!r} of {path.name} is unknown. Use mV, uV, nV or V.")
    lines, _ = read_head(path)
    if is_transposed(lines):
        return _read_rows(path, stated)
    layout = find_layout(lines)
    if layout is None:
        raise _not_a_table(path.name)
    headings = read_headings(lines, layout)
    samples = [[_cell(row, index) for row in layout.rows] for index in range(len(layout.kinds))]
    precise = [
        index
        for index, kind in enumerate(layout.kinds)
        if kind == "number" and _is_precise(headings.columns[index], samples[index], layout.dialect)
    ]
    values = read_values(path, layout, precise)
    return _assemble(path, stated, headings, values, layout, precise)


def _not_a_table(name: str) -> RecordRefused:
    return RecordRefused(
        f"{name} is not a table of numbers. Save one column per lead, a row of names above, and a number in every row; "
        "for an ICU stay, the columns Time, Parameter and Value."
    )


def _cell(row: Sequence[str], index: int) -> str:
    return row[index] if index < len(row) else ""


def _is_precise(heading: Heading, cells: Sequence[str], dialect: Dialect) -> bool:
    """Return whether a column may be a clock, which single precision would blur."""
    found = [parse_number(cell.replace(dialect.thousands, "") if dialect.thousands else cell) for cell in cells]
    values = np.array([np.nan if own is None else own for own in found])
    return may_be_clock(values) or _is_time(heading)


def _words(name: str) -> set[str]:
    text = "".join(letter if letter.isalnum() or letter == "#" else " " for letter in name[:80])
    parts = text.casefold().split() + _camel(text)
    return {part.rstrip("0123456789") or part for part in parts} | set(parts)


def _camel(text: str) -> list[str]:
    spaced = "".join(f" {letter}" if letter.isupper() else letter for letter in text)
    return spaced.casefold().split()


def _is_time(heading: Heading) -> bool:
    words = _words(heading.name)
    is_time = bool(words & TIME_WORDS) or any(
        word.endswith(("time", "timestamp", "zeit")) or word.startswith("timestamp") for word in words
    )
    return is_time or seconds_per(heading.unit) is not None or seconds_per(heading.name) is not None


def _is_count(heading: Heading) -> bool:
    return bool(_words(heading.name) & COUNT_WORDS) or heading.unit.casefold() in ("sample", "samples", "index")


def _read_rows(path: Path, stated: Stated) -> Record:
    headings, rows, others = read_transposed(path)
    matrix = dict(enumerate(rows))
    values = TableValues(matrix, {}, np.zeros(len(rows[0]), dtype=bool))
    layout = Layout(Dialect(","), 0, ("number",) * len(rows), False, [])
    named = Headings(headings, read_statements(others, ","))
    return _assemble(path, stated, named, values, layout, list(matrix), what="Table (one lead per row)")


def _assemble(
    path: Path,
    stated: Stated,
    headings: Headings,
    values: TableValues,
    layout: Layout,
    precise: Sequence[int],
    what: str = "",
) -> Record:
    if _has_clock(headings, values, precise):
        values = _without_empty_lines(values)
    timing = _timing(path.name, stated, headings, values, precise)
    check_sampling_rate(path.stem, timing.sampling_rate)
    notices = list(values.notices)
    columns, ignored = _signals_among(headings, values, timing, layout, notices, stated.leads or ())
    if not columns:
        reasons = ", ".join(f"{name[:_LONGEST_SHOWN_NAME]} ({reason})" for name, reason in ignored[:10])
        raise RecordRefused(
            f"{path.name} has no column of a signal: {reasons or 'all are empty'}. Choose another file, or one column "
            "per lead."
        )
    channels, leads_from = _decide(path, stated, columns, headings.statements, timing)
    channels, unit_from = _with_units(path.name, channels, columns, stated, headings.statements, notices)
    placement = _place(timing, stated, values, notices)
    n_samples = placement.n_samples if placement else len(values.is_empty)
    check_size(path.stem, n_samples, len(columns), path.stat().st_size)
    signals = np.full((n_samples, len(columns)), np.nan, dtype=np.float32)
    rows = placement.samples if placement else slice(None)
    for index, (column, channel) in enumerate(zip(columns, channels, strict=True)):
        factor = millivolts_per(channel.unit) or 1.0
        signals[rows, index] = column.values * np.asarray(factor, dtype=column.values.dtype)
    in_mv = [replace(own, unit="mV" if millivolts_per(own.unit) else own.unit) for own in channels]
    _note_amplitudes(signals, in_mv, notices)
    rate = timing.sampling_rate
    gaps = placement.gaps[:_MOST_GAPS_KEPT] if placement else _empty_stretches(values.is_empty)
    if gaps:
        lost_s = sum(end - start for start, end in gaps) / rate
        notices.append(f"Rows are missing for {lost_s:.3g} s in all; they were read as gaps.")
    understanding = Understanding(
        format=what or f"Table ({layout.dialect.described()})",
        rate_from=timing.origin,
        unit_from=unit_from,
        leads_from=leads_from,
        gaps=tuple((start / rate, end / rate) for start, end in gaps),
        ignored=tuple(ignored),
        notices=tuple(notices),
    )
    return validate_record(path.stem, signals, rate, in_mv, {}, stated=stated, understanding=understanding)


def _has_clock(headings: Headings, values: TableValues, precise: Sequence[int]) -> bool:
    return bool(values.texts) or any(_is_time(headings.columns[index]) for index in precise)


def _without_empty_lines(values: TableValues) -> TableValues:
    """Return the values without empty lines, which mean nothing where rows have times."""
    if not values.is_empty.any():
        return values
    kept = np.flatnonzero(~values.is_empty)
    numbers = {index: own[kept] for index, own in values.numbers.items()}
    texts = {index: [own[row] for row in kept] for index, own in values.texts.items()}
    return TableValues(numbers, texts, np.zeros(len(kept), dtype=bool), values.notices)


def _timing(name: str, stated: Stated, headings: Headings, values: TableValues, precise: Sequence[int]) -> _Timing:
    """Return the sampling rate: as stated, else as the file states, else by its clock."""
    clock, column = _find_clock(headings, values, precise)
    clock_name = "" if column is None else headings.columns[column].name
    written = headings.statements.sampling_rate
    if stated.sampling_rate is not None:
        return _Timing(stated.sampling_rate, "stated", clock, column)
    if clock is not None:
        if written is not None and abs(written / clock.sampling_rate - 1) > _CONTRADICTION:
            raise RecordRefused(
                f"{name} states {written:g} Hz, but its column {clock_name[:_LONGEST_SHOWN_NAME]!r} gives "
                f"{clock.sampling_rate:.4g} Hz. Enter the right sampling rate in Hz."
            )
        unit = headings.columns[column or 0].unit
        origin = f"time column {clock_name}" + (f" ({unit})" if unit else "")
        return _Timing(written or clock.sampling_rate, "header" if written else origin, clock, column)
    if written is not None:
        return _Timing(written, "header", None, column)
    if column is not None:
        raise RecordRefused(
            f"The times in column {clock_name[:_LONGEST_SHOWN_NAME]!r} of {name} give no sampling rate. "
            "Enter it in Hz, or write the unit after the name: time (s)."
        )
    raise RecordRefused(f"{name} does not state its sampling rate. Enter it in Hz, or add a column 'time (s)'.")


def _find_clock(headings: Headings, values: TableValues, precise: Sequence[int]) -> tuple[Clock | None, int | None]:
    """Return the clock with the steadiest times and its column; the column alone if its times give no rate."""
    found: list[tuple[tuple[bool, bool, float], Clock, int]] = []
    unclear: int | None = None
    for index in sorted({*values.texts, *precise}):
        heading = headings.columns[index]
        if index in values.texts:
            clock = measure_clock(parse_clocks(values.texts[index]))
        else:
            times = values.numbers[index]
            known = times[np.isfinite(times)]
            is_rising = len(known) > 1 and known[-1] > known[0] and np.mean(np.diff(known) < 0) <= 0.05
            if not is_rising or (_is_count(heading) and not _is_time(heading)) or is_lead_name(heading.name):
                continue
            seconds = find_seconds_per(times, heading.unit or _unit_in(heading.name), _is_time(heading))
            clock = None if seconds is None else measure_clock(times * seconds)
        if clock is None or not _is_supported(clock.sampling_rate):
            if _is_time(heading) and unclear is None:
                unclear = index
            continue
        found.append(((clock.is_packeted, not _is_time(heading), clock.jitter_s), clock, index))
    if not found:
        return None, unclear
    _, clock, index = min(found, key=lambda own: own[0])
    return clock, index


def _unit_in(name: str) -> str:
    """Return the unit of time that a name is or holds: ``millis``, ``time_ms_rel``; empty if none."""
    return next((word for word in sorted(_words(name), key=len, reverse=True) if _is_time_unit(word)), "")


def _is_time_unit(word: str) -> bool:
    return len(word) > 1 and seconds_per(word) is not None and word not in ("days", "day", "std", "min", "mins")


def _is_supported(rate: float) -> bool:
    try:
        check_sampling_rate("", rate)
    except RecordRefused:
        return False
    return True


def _signals_among(
    headings: Headings, values: TableValues, timing: _Timing, layout: Layout, notices: list[str], wanted: Sequence[str]
) -> tuple[list[_Column], list[tuple[str, str]]]:
    """Return the columns that are signals, and the others with the reason that each is left out."""
    columns: list[_Column] = []
    ignored: list[tuple[str, str]] = []
    flat: list[_Column] = []
    stated = {name.strip().casefold() for name in wanted}
    for index, kind in enumerate(layout.kinds):
        heading = headings.columns[index]
        if kind != "number":
            reason = {"clock": "times", "text": "text", "empty": "no values"}[kind]
            if kind != "empty" or heading.is_named:
                ignored.append((heading.name, reason))
            continue
        if index == timing.clock_column:
            ignored.append((heading.name, "times"))
            continue
        own = values.numbers.pop(index)
        sentinel = sentinel_of(own)
        if sentinel is not None:
            n_missing = int((own == own.dtype.type(sentinel)).sum())
            own = np.where(own == own.dtype.type(sentinel), own.dtype.type(np.nan), own)
            notices.append(f"{sentinel:g} in column {heading.name} was read as missing ({n_missing:,} values).")
        content = content_of(own)
        column = _Column(heading, own)
        if content is Content.SIGNAL or heading.name.casefold() in stated:
            columns.append(column)
        elif content is Content.CONSTANT and is_lead_name(heading.name):
            flat.append(column)
        else:
            reason = "times" if content is Content.COUNTER and _is_time(heading) else content.value
            ignored.append((heading.name, reason))
    # A flat lead is kept beside others, as an electrode that came off says something; alone it says nothing.
    if any(is_lead_name(column.heading.name) for column in columns):
        columns += flat
        order = [heading.name for heading in headings.columns]
        columns.sort(key=lambda column: order.index(column.heading.name))
    else:
        ignored += [(column.heading.name, Content.CONSTANT.value) for column in flat]
    return columns, ignored


def _decide(
    path: Path, stated: Stated, columns: Sequence[_Column], statements: Statements, timing: _Timing
) -> tuple[tuple[Channel, ...], str]:
    """Return the channels with their leads; columns without names by their heartbeats."""
    channels = [Channel.named(column.heading.name, column.heading.unit) for column in columns]
    lone = [index for index, column in enumerate(columns) if not column.heading.is_named]
    if len(lone) == len(columns) == 1 and statements.names and is_lead_name(statements.names[-1]):
        channels = [Channel.named(statements.names[-1], columns[0].heading.unit)]
    n_examined = round(EXAMINED_S * timing.sampling_rate)

    def examine(index: int) -> tuple[np.ndarray, float]:
        return columns[index].values[:n_examined], timing.sampling_rate

    return decide_leads(path.name, channels, stated, examine)


def _with_units(
    name: str,
    channels: Sequence[Channel],
    columns: Sequence[_Column],
    stated: Stated,
    statements: Statements,
    notices: list[str],
) -> tuple[tuple[Channel, ...], str]:
    """Return the channels with the units of their leads: as stated, else of the heading, else as the file states."""
    found, origins = [], []
    for channel in channels:
        if not channel.is_lead:
            found.append(channel)
            continue
        own = channel.unit if millivolts_per(channel.unit) is not None else ""
        unit = stated.unit or own or statements.unit
        if not unit:
            raise RecordRefused(
                f"{name} does not state the unit of {channel.name[:_LONGEST_SHOWN_NAME]!r}. "
                "Enter mV, uV, nV or V, or write it after the name: II (mV)."
            )
        if stated.unit and own and millivolts_per(own) != millivolts_per(stated.unit):
            notices.append(f"{channel.name} is in {own} by the file, and was read in {stated.unit} as stated.")
        origins.append("stated" if stated.unit else "heading" if own else "header")
        found.append(replace(channel, unit=unit))
    return tuple(found), ", ".join(dict.fromkeys(origins))


def _place(timing: _Timing, stated: Stated, values: TableValues, notices: list[str]) -> Placement | None:
    """Return where the rows lie by the clock; None without one that fits the sampling rate."""
    clock = timing.clock
    if clock is None:
        return None
    if abs(timing.sampling_rate / clock.sampling_rate - 1) > _CONTRADICTION:
        notices.append(
            f"The times in the file give {clock.sampling_rate:.4g} Hz; they were not used, as "
            f"{timing.sampling_rate:g} Hz is stated."
        )
        return None
    placement = place_rows(clock, timing.sampling_rate)
    if clock.is_packeted:
        notices.append("Many rows share a time; within each packet they were spread evenly.")
    return placement


def _empty_stretches(is_empty: np.ndarray) -> tuple[tuple[int, int], ...]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_empty, [False]]).astype(np.int8)))
    return tuple((int(start), int(end)) for start, end in edges.reshape(-1, 2)[:_MOST_GAPS_KEPT])


def _note_amplitudes(signals: np.ndarray, channels: Sequence[Channel], notices: list[str]) -> None:
    """Note leads whose heights no electrode gives; a wrong unit is the usual reason."""
    for index, channel in enumerate(channels):
        if not channel.is_lead:
            continue
        known = signals[:: max(1, len(signals) // 100_000), index]
        known = known[np.isfinite(known)]
        if len(known) and np.ptp(np.percentile(known, [1, 99])) > _IMPLAUSIBLE_MV:
            notices.append(f"{channel.name} spans more than {_IMPLAUSIBLE_MV:g} mV; check its unit.")
