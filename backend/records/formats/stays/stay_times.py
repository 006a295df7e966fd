"""The times of charted values, in minutes after admission."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.records.formats.stays.moments import are_compact_moments, duration_minutes, moment_seconds
from backend.records.formats.stays.stay_columns import CodedCells
from backend.records.formats.tables.cells import is_missing, parse_number
from backend.records.formats.tables.unit_names import seconds_per, split_name
from backend.records.record import RecordRefused
from backend.records.stays import LAST_MINUTE

__all__ = ["StayTimes", "parse_times"]

_MINUTE_NAMES = ("offset", "minute", "min", "mins", "minuten")
_HOUR_NAMES = ("hour", "hours", "hr", "hrs", "iculos", "stunde", "stunden", "heure", "hoursin", "icuhour")
_CLOCK_NAMES = ("uhrzeit", "clock", "timeofday", "clocktime")
_FROM_FIRST = "counted from the first of them"
_FROM_ADMISSION = "counted from admission"
_DAY_MINUTES = 1440.0
# Excel counts days from the end of 1899: these are 1968 to 2173.
_LOWEST_SERIAL, _HIGHEST_SERIAL = 25_000, 100_000
_LOWEST_UNIX, _HIGHEST_UNIX = 1e8, 8e9
_LONGEST_SPAN_DAYS = 400
_MOST_MIDNIGHTS = 2
_TIME_ERROR = 0.02


@dataclass(frozen=True, eq=False)
class StayTimes:
    """Minutes after admission of each row; NaN where a cell holds no time.

    Attributes
    ----------
    minutes : float64 array
    described : str
        What the times were understood as, for a reader.
    """

    minutes: np.ndarray
    described: str


def parse_times(
    name: str, heading: str, cells: CodedCells, origin: str = "", groups: np.ndarray | None = None
) -> StayTimes:
    """Return the minutes of the times in one column.

    Understood are hours and minutes (``7:30``, ``07:30:00``), durations (``0 days 07:30:00``, ``1 h 30 min``), numbers
    of hours or minutes, and dates with times, also as numbers (of a spreadsheet, or Unix time), which count from
    admission or from the first of them. Clock times that pass midnight count from the first.

    Parameters
    ----------
    origin : str
        The moment of admission, if the file has it.
    groups : int64 array, optional
        Rows of one group are charted in the order of time; by default, all are.

    Raises
    ------
    RecordRefused
        If numbers may be hours as well as minutes, or clock times belong to unknown days.
    """
    durations = np.array([duration_minutes(cell) for cell in cells.distinct], dtype=np.float64)
    if np.isfinite(durations).sum() >= 0.5 * len(cells.distinct):
        minutes = durations[cells.codes]
        is_clock = "".join(filter(str.isalpha, heading.casefold())) in _CLOCK_NAMES
        if is_clock or _passes_midnight(name, minutes, groups):
            return StayTimes(_unrolled(name, minutes), f"clock times without dates, {_FROM_FIRST}")
        return StayTimes(minutes, "hours and minutes after admission")
    numbers = np.array([_number(cell) for cell in cells.distinct])
    if are_compact_moments(cells.distinct):
        numbers[:] = np.nan
    if np.isfinite(numbers).sum() >= 0.5 * len(cells.distinct):
        own = _numbered(name, heading, numbers, origin)
        return StayTimes(own.minutes[cells.codes], own.described)
    own = _dated(cells.distinct, origin)
    return StayTimes(own.minutes[cells.codes], own.described)


def _passes_midnight(name: str, minutes: np.ndarray, groups: np.ndarray | None) -> bool:
    """Return whether times are those of a clock: in order but for a fall of half a day or more within a group.

    Rows that are there twice fall so too, to times that were there before.
    """
    known = np.flatnonzero(np.isfinite(minutes))
    times = minutes[known]
    falls = _falls(times) if len(times) > 1 else None
    if falls is None or not falls.any() or times.max() >= _DAY_MINUTES or times.min() < 0:
        return False
    own = np.zeros(len(times)) if groups is None else groups[known]
    order = np.argsort(own, kind="stable")
    within = np.diff(own[order]) == 0
    first_fall = int(np.flatnonzero(falls)[0]) + 1
    is_repeated = set(times[first_fall:].tolist()) <= set(times[:first_fall].tolist())
    if is_repeated or not (np.diff(times[order])[within] < -_DAY_MINUTES / 2).any():
        return False
    if times[first_fall] >= times[0]:
        raise RecordRefused(
            f"The times of {name} fall back by half a day or more, so they may be clock times. Add the dates, or sort "
            "the rows by time."
        )
    return True


def _falls(times: np.ndarray) -> np.ndarray | None:
    """Return where times pass midnight; None if they fall otherwise, or more often than in a stay."""
    steps = np.diff(times)
    falls = steps < -_DAY_MINUTES / 2
    return None if (steps[~falls] < 0).any() or falls.sum() > _MOST_MIDNIGHTS else falls


def _unrolled(name: str, minutes: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(np.isfinite(minutes))
    falls = _falls(minutes[known])
    if falls is None:
        raise RecordRefused(
            f"{name} gives clock times without dates, and not in their order. Add the dates, or sort the rows by time."
        )
    unrolled = minutes.copy()
    unrolled[known[1:]] += _DAY_MINUTES * np.cumsum(falls)
    return unrolled - unrolled[known[0]]


def _number(cell: str) -> float:
    value = None if is_missing(cell) else parse_number(cell)
    return np.nan if value is None else value


def _numbered(name: str, heading: str, numbers: np.ndarray, origin: str) -> StayTimes:
    known = numbers[np.isfinite(numbers)]
    low, high = float(known.min()), float(known.max())
    per_minute, what = 0.0, ""
    if low >= _LOWEST_SERIAL and high <= _HIGHEST_SERIAL and high - low <= _LONGEST_SPAN_DAYS and _has_parts(known):
        per_minute, what = _DAY_MINUTES, "dates of a spreadsheet"
    elif low >= 1000 * _LOWEST_UNIX and high <= 1000 * _HIGHEST_UNIX:
        per_minute, what = 1 / 60_000, "Unix time in ms"
    elif low >= _LOWEST_UNIX and high <= _HIGHEST_UNIX:
        per_minute, what = 1 / 60, "Unix time in s"
    if what:
        admitted = _number(origin) if origin else np.nan
        start = admitted if np.isfinite(admitted) else low
        described = _FROM_ADMISSION if np.isfinite(admitted) else _FROM_FIRST
        # A spreadsheet rounds its days to some microseconds.
        return StayTimes(np.round((numbers - start) * per_minute, 2), f"{what}, {described}")
    factor, described = _minutes_per(name, heading, known)
    # Hours and days are rounded to some digits, so that a minute can lie just below its own.
    return StayTimes(np.round(numbers * factor) if factor >= 60 else numbers * factor, described)


def _has_parts(numbers: np.ndarray) -> bool:
    return bool((numbers != np.round(numbers)).any())


def _dated(cells: Sequence[str], origin: str) -> StayTimes:
    admitted, *others = moment_seconds([origin, *cells])
    seconds = np.array(others)
    if not np.isfinite(seconds).any():
        return StayTimes(np.full(len(cells), np.nan), "times")
    if np.isfinite(admitted):
        return StayTimes((seconds - admitted) / 60, f"dates and times, {_FROM_ADMISSION}")
    return StayTimes((seconds - np.nanmin(seconds)) / 60, f"dates and times, {_FROM_FIRST}")


def _minutes_per(name: str, heading: str, numbers: np.ndarray) -> tuple[float, str]:
    bare, unit = split_name(heading)
    seconds = seconds_per(unit) if unit else None
    words = "".join(letter if letter.isalpha() else " " for letter in bare.casefold()).split()
    joined = "".join(words)
    if seconds is None and (any(word in _MINUTE_NAMES for word in words) or joined.endswith(_MINUTE_NAMES)):
        seconds = 60.0
    if seconds is None and (any(word in _HOUR_NAMES for word in words) or joined.endswith(("hour", "hours", "iculos"))):
        seconds = 3600.0
    if seconds is None and any(seconds_per(word) is not None and len(word) > 1 for word in words):
        seconds = next(seconds_per(word) for word in words if seconds_per(word) is not None and len(word) > 1)
    if seconds is not None:
        return seconds / 60, {60.0: "minutes", 3600.0: "hours"}.get(seconds, "times") + " after admission"
    highest = float(np.abs(numbers).max())
    if highest <= LAST_MINUTE / _DAY_MINUTES and _are_whole(numbers * _DAY_MINUTES) and not _are_whole(numbers * 60):
        return _DAY_MINUTES, "days after admission"
    if highest <= LAST_MINUTE / 60:
        return 60.0, "hours after admission"
    steps = np.diff(np.unique(numbers))
    if (
        not _has_parts(numbers)
        and highest <= 30 * LAST_MINUTE
        and len(steps)
        and np.median(steps) >= 2
        and highest > 120
    ):
        return 1.0, "minutes after admission"
    raise RecordRefused(
        f"{name} does not say whether its times are hours or minutes. Name the column Hours or Minutes, or write 07:30."
    )


def _are_whole(numbers: np.ndarray) -> bool:
    return bool((np.abs(numbers - np.round(numbers)) < _TIME_ERROR).all())
