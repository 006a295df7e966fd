"""Durations and moments in the cells of a stay."""

from collections.abc import Sequence

import numpy as np

from backend.records.formats.tables.cells import parse_clocks

__all__ = ["are_compact_moments", "duration_minutes", "moment_seconds"]

_DAY_WORDS = ("days", "day", "tage", "tag", "d")
_MINUTES = {"d": 1440.0, "h": 60.0, "m": 1.0, "s": 1 / 60}
_UNIT_WORDS = {
    "d": ("d", "day", "days", "tag", "tage"),
    "h": ("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"),
    "m": ("m", "min", "mins", "minute", "minutes", "minuten"),
    "s": ("s", "sec", "secs", "second", "seconds", "sekunden"),
}
_MINUTES_PER = {word: _MINUTES[unit] for unit, words in _UNIT_WORDS.items() for word in words}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec mär mrz mai okt dez"
_MONTH_NUMBERS = {
    month: place % 12 + 1 if place < 12 else (3, 3, 5, 10, 12)[place - 12]
    for place, month in enumerate(_MONTHS.split())
}
_LONGEST_CELL = 64
_COMPACT_DIGITS = (12, 14)


def duration_minutes(cell: str) -> float:
    """Return the minutes in ``7:30``, ``-0:10``, ``1 days 02:03:04``, ``PT7H30M``, ``90 min``; NaN in no duration."""
    text = cell.strip().replace(",", " " if ":" in cell else ".")
    sign = -1.0 if text.startswith("-") else 1.0
    words = text.lstrip("+-").split()
    days = 0.0
    is_counted = len(words) == 2 and ":" in words[1]
    if (
        len(words) >= 2
        and (is_counted or words[1].casefold() in _DAY_WORDS)
        and words[0].isdigit()
        and len(words[0]) < 7
    ):
        # pandas writes a negative duration as -1 days +23:50:00: the time of day is added.
        days = sign * float(words[0])
        sign = 1.0
        words = words[1:] if is_counted else words[2:] or ["0:00"]
        words[0] = words[0].lstrip("+")
    if len(words) != 1 or ":" not in words[0]:
        return days * 1440 + sign * _spelled_minutes("".join(words)) if words else np.nan
    return days * 1440 + sign * clock_minutes(words[0])


def clock_minutes(text: str) -> float:
    """Return the minutes in ``7:30`` and ``07:30:00.5``; NaN if it is neither."""
    parts = text.split(":")
    if not 2 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() for part in parts[:2]):
        return np.nan
    seconds = parts[2] if len(parts) == 3 else "0"
    if len(parts[0]) > 6 or len(parts[1]) > 2 or not seconds.replace(".", "", 1).isdigit() or len(seconds) > 12:
        return np.nan
    if int(parts[1]) > 59 or float(seconds) >= 60:
        return np.nan
    return int(parts[0]) * 60 + int(parts[1]) + float(seconds) / 60


def _spelled_minutes(text: str) -> float:
    """Return the minutes in ``P0DT1H30M``, ``1h30min`` and ``90min``; NaN for anything else."""
    rest = text[:_LONGEST_CELL].casefold()
    rest = rest.removeprefix("p").replace("t", "", 1) if rest.startswith("p") else rest
    total = 0.0
    while rest:
        n_digits = next(
            (place for place, letter in enumerate(rest) if not (letter.isdigit() or letter == ".")), len(rest)
        )
        after = rest[n_digits:]
        n_letters = next((place for place, letter in enumerate(after) if not letter.isalpha()), len(after))
        per = _MINUTES_PER.get(after[:n_letters])
        if per is None or not rest[:n_digits].replace(".", "", 1).isdigit():
            return np.nan
        total += float(rest[:n_digits]) * per
        rest = after[n_letters:]
    return total if text else np.nan


def moment_seconds(cells: Sequence[str]) -> np.ndarray:
    """Return the seconds of dates with times from a common origin, in one time zone; NaN where a cell holds none."""
    plain = [_plain_moment(cell) for cell in cells]
    zones = [_zone_seconds(cell) for cell in plain]
    return parse_clocks([cell if any(sign in cell for sign in "-/.") else "" for cell in plain]) - np.array(zones)


def are_compact_moments(cells: Sequence[str]) -> bool:
    """Return whether numbers are dates with times without any signs between: ``20240305185800``."""
    held = [cell for cell in cells if cell]
    if not held or not all(cell.isdigit() and len(cell) in _COMPACT_DIGITS for cell in held):
        return False
    return bool(np.isfinite(moment_seconds(held)).all())


def _plain_moment(cell: str) -> str:
    """Return a moment with its month as a number and its parts divided: ``05-Mar-2024 18:58``, ``20240305185800``."""
    text = cell[:_LONGEST_CELL].strip()
    if text.isascii() and text.isdigit() and len(text) in _COMPACT_DIGITS:
        clock = ":".join(text[place : place + 2] for place in range(8, len(text), 2))
        return f"{text[:4]}-{text[4:6]}-{text[6:8]} {clock}"
    for word in "".join(letter if letter.isalpha() else " " for letter in text.casefold()).split():
        month = _MONTH_NUMBERS.get(word[:3]) if len(word) >= 3 else None
        if month is None:
            continue
        place = text.casefold().find(word)
        before, after = text[:place], text[place + len(word) :]
        digits = "".join(letter if letter.isdigit() else " " for letter in before).split()
        parts = after.replace(",", " ").lstrip(" -.").replace("-", " ", 1).split(maxsplit=2 if not digits else 1)
        if not digits and len(parts) >= 2:
            digits, parts = [parts[0].strip("."), *digits], parts[1:]
        if len(digits) != 1 or not parts:
            return text
        year, _, clock = parts[0].partition(":")
        clock = " ".join([clock, *parts[1:]]).strip()
        return f"{year}-{month:02d}-{digits[0]} {clock}".strip()
    return text


def _zone_seconds(cell: str) -> float:
    """Return how far the time zone that a moment states is ahead of UTC: 7,200 for ``2024-03-05T13:58:58+02:00``."""
    colon = cell.find(":")
    place = max(cell.rfind("+"), cell.rfind("-"))
    if colon < 0 or place < colon:
        return 0.0
    zone = cell[place + 1 :].replace(":", "").strip()
    if not zone.isdigit() or len(zone) not in (2, 4):
        return 0.0
    seconds = 3600.0 * int(zone[:2]) + 60.0 * int(zone[2:] or 0)
    return seconds if cell[place] == "+" else -seconds
