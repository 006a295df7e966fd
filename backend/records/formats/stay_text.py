"""The text files of ICU stays: three columns, Time, Parameter and Value."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from backend.records.formats.sniffing import identify_foreign_file
from backend.records.record import Annotations, Record, RecordRefused
from backend.records.stays import (
    LAST_MINUTE,
    OUTCOMES,
    PARAMETERS,
    STATICS,
    STAY_CHANNELS,
    annotate_outcome,
    canonical_name,
    chart_cell,
    check_parameter_names,
    make_stay,
)

__all__ = ["looks_like_stay", "read_stay"]

_RECORD_ID = "recordid"
_MISSING = -1.0
_HEADER = ("time", "parameter", "value")
_CLOCK = re.compile(r"(-?\d{1,6}):([0-5]\d)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
_OUTCOME = re.compile(r"#+\s*outcome\s*[:=]\s*(\w+)", re.IGNORECASE)
_MAX_BYTES = 16 * 2**20  # about seven lines for each parameter and minute
_SNIFFED_BYTES = 4096
_MAX_LISTED_IDS = 5


@dataclass(frozen=True)
class _Line:
    """One line of a file: its number and its three cells."""

    number: int
    time: str
    parameter: str
    value: str


def looks_like_stay(path: Path) -> bool:
    """Return whether a file starts like a stay: the header Time, Parameter, Value, or a clock time, a name, a number.

    Either of the first two lines decides, so that a file with a wrong header still reaches `read_stay`, which explains
    what is wrong with it.
    """
    with path.open("rb") as file:
        start = file.read(_SNIFFED_BYTES)
    if b"\0" in start:
        return False
    first_lines = list(islice(_parse_lines(_decode(start)), 2))
    return any(_is_header(line) or _is_charted_value(line) for line in first_lines)


def read_stay(path: Path) -> Record:
    """Return the stay in a text file with one line for each charted value and the columns Time, Parameter and Value.

    The format is that of the PhysioNet challenge 2012 (``00:07,HR,73``). The header line is optional, and cells may be
    separated by commas, semicolons or tabs. Lines that begin with ``#`` are comments; ``# Outcome: death`` (or
    ``survival``) gives the outcome. Lines without a parameter name occur in the challenge's files and are skipped. The
    value -1 means missing, and implausible values count as missing. If a parameter has two values in one minute, the
    later line wins. Age, sex, height and ICU type count as charted at 00:00. The RecordID is not kept.

    Returns
    -------
    Record
        One sample per minute from 00:00 to 48:00 and one channel for each of `PARAMETERS`, NaN where nothing was
        charted. The annotations ``impossible`` list the excluded values, ``outcome`` gives the outcome.

    Raises
    ------
    RecordRefused
        If the file is not such a text, contains only values recorded on admission, unknown parameters, times before
        00:00 or after 48:00, values that are not numbers, or more than one stay.
    OSError
        If the file cannot be opened.

    References
    ----------
    Silva et al. 2012, "Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in Cardiology
    challenge 2012", Computing in Cardiology 39:245-248.

    Examples
    --------
    >>> record = read_stay(Path("132539.txt"))  # doctest: +SKIP
    """
    name, text = path.name, _read_text(path)
    lines = [line for line in _parse_lines(text) if not _is_header(line)]
    if not lines:
        raise RecordRefused(f"{name} contains no charted values. Add a line 'Time,Parameter,Value' for each value.")
    _check_columns(name, lines[0])
    _check_single_stay(name, lines)
    charted = [line for line in lines if line.parameter and line.parameter.casefold() != _RECORD_ID]
    check_parameter_names(name, list(dict.fromkeys(line.parameter for line in charted)))
    signals = np.full((LAST_MINUTE + 1, len(STAY_CHANNELS)), np.nan, dtype=np.float32)
    impossible: list[tuple[int, str]] = []
    for line in charted:
        minute, value = _parse_minute(name, line), _parse_value(name, line)
        parameter = PARAMETERS[canonical_name(line.parameter)]
        if parameter.is_possible(value):
            signals[chart_cell(parameter.name, minute)] = value
        elif value != _MISSING:
            impossible.append((minute, f"{parameter.name} {line.value}"))
    _check_measured(name, signals, len(impossible))
    return make_stay(path.stem, signals, _annotations(impossible, text))


def _read_text(path: Path) -> str:
    n_bytes = path.stat().st_size
    if n_bytes > _MAX_BYTES:
        raise RecordRefused(
            f"{path.name} is {n_bytes / 2**20:,.0f} MiB, more than 48 hours of one stay. Choose the file of one stay."
        )
    content = path.read_bytes()
    if not content.strip():
        raise RecordRefused(f"{path.name} is empty. Choose another file.")
    kind = identify_foreign_file(content) or ("not UTF-8 text" if b"\0" in content else None)
    if kind:
        raise RecordRefused(
            f"{path.name} is {kind}, so it cannot be read as a stay. Save the columns Time, Parameter and Value as CSV."
        )
    return _decode(content)


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _parse_lines(text: str) -> Iterator[_Line]:
    """Return the lines that are not comments, each split into three cells; missing cells are empty."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            separator = next((mark for mark in ("\t", ";") if mark in line), ",")
            cells = [cell.strip().strip("\"'").strip() for cell in line.split(separator, 2)]
            yield _Line(number, *cells, *[""] * (3 - len(cells)))


def _is_header(line: _Line) -> bool:
    return (line.time.casefold(), line.parameter.casefold(), line.value.casefold()) == _HEADER


def _is_charted_value(line: _Line) -> bool:
    is_name = bool(line.parameter) and not _NUMBER.fullmatch(line.parameter)
    return bool(_CLOCK.fullmatch(line.time)) and is_name and bool(_NUMBER.fullmatch(line.value))


def _check_columns(name: str, line: _Line) -> None:
    if line.parameter and not re.search(r"\d", line.time + line.value):
        raise RecordRefused(
            f"{name}, line {line.number}: the columns are {line.time[:20]!r}, {line.parameter[:20]!r} and "
            f"{line.value[:20]!r}. Rename and order them as Time, Parameter, Value."
        )


def _check_single_stay(name: str, lines: Sequence[_Line]) -> None:
    ids = list(dict.fromkeys(line.value for line in lines if line.parameter.casefold() == _RECORD_ID))
    if len(ids) > 1:
        raise RecordRefused(
            f"{name} contains {len(ids)} stays (RecordID {', '.join(ids[:_MAX_LISTED_IDS])}). "
            "Save each stay in a file of its own."
        )


def _parse_minute(name: str, line: _Line) -> int:
    """Return the minutes from admission to a line's time."""
    clock = _CLOCK.fullmatch(line.time)
    if not clock:
        raise RecordRefused(
            f"{name}, line {line.number}: {line.time[:40]!r} is not a time. "
            "Write hours and minutes after admission, as in 07:30."
        )
    if line.time.startswith("-"):
        raise RecordRefused(f"{name}, line {line.number}: {line.time} lies before admission. Remove such lines.")
    minute = int(clock[1]) * 60 + int(clock[2])
    if minute > LAST_MINUTE:
        raise RecordRefused(
            f"{name}, line {line.number}: {line.time} lies beyond 48:00. Keep only the first 48 hours of the stay."
        )
    return minute


def _parse_value(name: str, line: _Line) -> float:
    if not _NUMBER.fullmatch(line.value):
        raise RecordRefused(
            f"{name}, line {line.number}: {line.value[:40]!r} is not a number. "
            f"Write {line.parameter} with a decimal point, or remove the line if nothing was measured."
        )
    return float(line.value)


def _check_measured(name: str, signals: np.ndarray, n_impossible: int) -> None:
    measured = [column for column, parameter in enumerate(PARAMETERS) if parameter not in STATICS]
    if not np.isfinite(signals[:, measured]).any():
        excluded = f" ({n_impossible} implausible values excluded)" if n_impossible else ""
        raise RecordRefused(
            f"{name} contains values recorded on admission but no measurements{excluded}. "
            "Choose a stay with measured values."
        )


def _annotations(impossible: list[tuple[int, str]], text: str) -> dict[str, Annotations]:
    annotations = {}
    if impossible:
        minutes, notes = zip(*sorted(impossible), strict=True)
        annotations["impossible"] = Annotations(np.array(minutes, dtype=np.int64), ('"',) * len(notes), notes)
    outcome = next((match[1].casefold() for match in map(_OUTCOME.match, text.splitlines()) if match), None)
    if outcome in OUTCOMES:
        annotations["outcome"] = annotate_outcome(outcome)
    return annotations
