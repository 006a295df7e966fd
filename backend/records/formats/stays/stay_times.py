"""The times of charted values, in minutes after admission."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.records.formats.stays.stay_columns import CodedCells
from backend.records.formats.tables.cells import is_missing, parse_clocks, parse_number
from backend.records.formats.tables.unit_names import seconds_per, split_name
from backend.records.record import RecordRefused
from backend.records.stays import LAST_MINUTE

__all__ = ["StayTimes", "parse_times"]

_MINUTE_NAMES = ("offset", "minute", "min", "mins", "minuten")
_HOUR_NAMES = ("hour", "hours", "hr", "hrs", "iculos", "stunde", "stunden", "heure", "hoursin", "icuhour")
_DAY_WORDS = ("days", "day", "tage", "tag", "d")


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


def parse_times(name: str, heading: str, cells: CodedCells) -> StayTimes:
    """Return the minutes of the times in one column.

    Understood are hours and minutes (``7:30``, ``07:30:00``), durations (``0 days 07:30:00``), numbers of hours or
    minutes, and dates with times, which count from the first of them.

    Raises
    ------
    RecordRefused
        If numbers may be hours as well as minutes.
    """
    minutes, described = _parse_distinct(name, heading, cells.distinct)
    return StayTimes(minutes[cells.codes], described)


def _parse_distinct(name: str, heading: str, cells: Sequence[str]) -> tuple[np.ndarray, str]:
    durations = np.array([_duration_minutes(cell) for cell in cells], dtype=np.float64)
    if np.isfinite(durations).sum() >= 0.5 * len(cells):
        return durations, "hours and minutes after admission"
    numbers = np.array([_number(cell) for cell in cells])
    if np.isfinite(numbers).sum() >= 0.5 * len(cells):
        factor, described = _minutes_per(name, heading, numbers[np.isfinite(numbers)])
        return numbers * factor, described
    seconds = parse_clocks([cell if any(sign in cell for sign in "-/.") else "" for cell in cells])
    known = seconds[np.isfinite(seconds)]
    if not len(known):
        return durations, "times"
    return (seconds - known.min()) / 60, "dates and times, counted from the first of them"


def _number(cell: str) -> float:
    value = None if is_missing(cell) else parse_number(cell)
    return np.nan if value is None else value


def _duration_minutes(cell: str) -> float:
    """Return the minutes in ``7:30``, ``-0:10``, ``07:30:00``, ``1 days 02:03:04``, ``1 day, 2:03:04``; else NaN."""
    text = cell.strip().replace(",", " ")
    sign = -1.0 if text.startswith("-") else 1.0
    words = text.lstrip("+-").split()
    days = 0.0
    if len(words) >= 2 and words[1].casefold() in _DAY_WORDS and words[0].isdigit() and len(words[0]) < 7:
        # pandas writes a negative duration as -1 days +23:50:00: the time of day is added.
        days = sign * float(words[0])
        sign = 1.0
        words = words[2:] or ["0:00"]
        words[0] = words[0].lstrip("+")
    if len(words) != 1:
        return np.nan
    parts = words[0].split(":")
    if not 2 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() for part in parts[:2]):
        return np.nan
    seconds = parts[2] if len(parts) == 3 else "0"
    if len(parts[0]) > 6 or len(parts[1]) > 2 or not seconds.replace(".", "", 1).isdigit() or len(seconds) > 12:
        return np.nan
    if int(parts[1]) > 59 or float(seconds) >= 60:
        return np.nan
    return days * 1440 + sign * (int(parts[0]) * 60 + int(parts[1]) + float(seconds) / 60)


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
    if highest <= LAST_MINUTE / 60:
        return 60.0, "hours after admission"
    steps = np.diff(np.unique(numbers))
    is_whole = bool((numbers == np.round(numbers)).all())
    if is_whole and highest <= 30 * LAST_MINUTE and len(steps) and np.median(steps) >= 2 and highest > 120:
        return 1.0, "minutes after admission"
    raise RecordRefused(
        f"{name} does not say whether its times are hours or minutes. Name the column Hours or Minutes, or write 07:30."
    )
