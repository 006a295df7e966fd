"""The cells of a table: numbers in every spelling, missing values, clock times and dates."""

import math
from collections.abc import Sequence
from datetime import date

import numpy as np

__all__ = [
    "MISSING_SPELLINGS",
    "are_clocks",
    "is_clock",
    "is_missing",
    "is_number",
    "parse_clocks",
    "parse_number",
]

MISSING_SPELLINGS = (
    *("nan", "+nan", "-nan", "na", "n/a", "n.a.", "n.a", "#n/a", "#na", "<na>", "nat", "nan(ind)", "-nan(ind)"),
    *("null", "(null)", "[null]", "nil", "none", "void", "undefined", "undef", "invalid", "error", "err", "unknown"),
    *("-1.#ind", "1.#ind", "1.#qnan", "-1.#qnan", "1.#inf", "-1.#inf", "1.#snan", "1.#j", "-1.#j", "\\n"),
    *("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "#div/0!", "#value!", "#num!", "#null!", "#ref!"),
    *("-", "--", "---", "–", "—", "?", "??", "???", ".", "..", "...", "…", "*", "**", "***", "****", "_", "x", "xxx"),
    *("missing", "miss", "lost", "off", "lead off", "leadoff", "empty", "blank", "no data", "nodata", "no value"),
    *("nd", "n.d.", "not available", "not measured", "unk", "fehlt", "fehlend", "k.a.", "s/d", "#name?", "overflow"),
)
"""What stands in a cell without a value, in lower case; spreadsheets, numpy, R, SQL and C write most of them."""

_MISSING = frozenset(MISSING_SPELLINGS)
_LONGEST_NUMBER = 64
_DAY_S = 86400.0
_QUOTES_AND_BRACKETS = " \t[]\"'"


def is_missing(cell: str) -> bool:
    """Return whether a cell holds no value, in any usual spelling: empty, ``NaN``, ``N/A``, ``-``, ``-1.#IND``."""
    return not cell or cell.casefold() in _MISSING


def parse_number(cell: str) -> float | None:
    """Return the number in a cell, with a point or a comma as its decimal sign; None if it is not one.

    A cell with both (``1.234,5`` or ``1,234.5``) has the last of them as its decimal sign.
    """
    if len(cell) > _LONGEST_NUMBER or "_" in cell or not any(character in "0123456789" for character in cell):
        return None
    plain = cell.replace("\u2212", "-").replace("\u00a0", "").replace(" ", "")
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        plain = plain.replace("." if comma > point else ",", "")
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_number(cell: str) -> bool:
    """Return whether a cell holds a number."""
    return parse_number(cell) is not None


def is_clock(cell: str) -> bool:
    """Return whether a cell holds a clock time or a date: ``0:00.004``, ``13:58:58``, ``2024-03-05T13:58:58.004Z``."""
    return _split_moment(cell) is not None


def are_clocks(cells: Sequence[str]) -> bool:
    """Return whether nearly all cells that hold something hold a clock time or a date."""
    held = [cell for cell in cells if not is_missing(cell)]
    return bool(held) and sum(map(is_clock, held)) >= 0.9 * len(held)


def parse_clocks(cells: Sequence[str]) -> np.ndarray:
    """Return the seconds of clock times and dates from a common origin; float64, NaN where a cell holds neither.

    Dates count in full; without dates, a clock that falls back by more than twelve hours has passed midnight. A date
    such as 05/03/2024 is read with the order of day and month that makes consecutive dates follow each other.
    """
    days: dict[str, list[int]] = {}
    moments = [_split_moment(cell) for cell in cells]
    for moment in moments:
        if moment and moment[0] and moment[0] not in days:
            days[moment[0]] = _possible_days(moment[0])
    chosen = _follow(list(days.values()))
    day_of = dict(zip(days, chosen, strict=True))
    seconds = np.array(
        [np.nan if moment is None else moment[1] + _DAY_S * day_of.get(moment[0], 0) for moment in moments]
    )
    return seconds if days else _past_midnight(seconds)


def _past_midnight(seconds: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(np.isfinite(seconds))
    if len(known) < 2:
        return seconds
    falls = np.diff(seconds[known]) < -_DAY_S / 2
    passed = seconds.copy()
    passed[known[1:]] += _DAY_S * np.cumsum(falls)
    return passed


def _follow(possible: list[list[int]]) -> list[int]:
    """Return one day for each date: the reading under which the dates rise by the smallest steps."""
    if not possible:
        return []
    n_orders = min(map(len, possible))
    orders = [[days[min(order, len(days) - 1)] for days in possible] for order in range(max(1, n_orders))]
    return min(orders, key=lambda days: (any(np.diff(days) < 0), abs(days[-1] - days[0])))


def _split_moment(cell: str) -> tuple[str, float] | None:
    """Return the date (empty without one) and the seconds of the day in a cell; None if it holds neither."""
    text = cell.strip(_QUOTES_AND_BRACKETS)
    if not 3 <= len(text) <= _LONGEST_NUMBER or not any(character.isdigit() for character in text):
        return None
    after_noon = None
    if text[-2:].casefold() in ("am", "pm"):
        after_noon = text[-2:].casefold() == "pm"
        text = text[:-2].rstrip()
    text = text.removesuffix("UTC").removesuffix("GMT").rstrip("Zz ")
    parts = text.replace("T", " ").replace(", ", " ").split()
    if len(parts) == 2 and parts[1][:1] in "+-" and ":" in parts[0]:
        parts = parts[:1]
    if len(parts) == 3 and parts[2][:1] in "+-":
        parts = parts[:2]
    if len(parts) == 1:
        seconds = _clock_seconds(parts[0], after_noon)
        if seconds is not None:
            return "", seconds
        return (parts[0], 0.0) if _possible_days(parts[0]) else None
    if len(parts) != 2:
        return None
    for day, clock in (parts, parts[::-1]):
        seconds = _clock_seconds(clock, after_noon)
        if seconds is not None and _possible_days(day):
            return day, seconds
    return None


def _clock_seconds(text: str, after_noon: bool | None) -> float | None:
    """Return the seconds in ``13:58:58.004``, ``0:00.004``, ``13:58`` (hours) or ``13:58:58:004``."""
    for sign in "+-":
        place = text.find(sign, 1)
        text = text[:place] if place > 0 else text
    words = text.replace(",", ".").split(":")
    if len(words) == 4 and "." not in text:
        words = [*words[:2], f"{words[2]}.{words[3]}"]
    if not 2 <= len(words) <= 3 or not all(word.isascii() and word.isdigit() for word in words[:-1]):
        return None
    last = words[-1]
    if not (last.isascii() and last[:1].isdigit() and last.replace(".", "", 1).isdigit()) or len(last) > 16:
        return None
    if len(words) == 2 and "." not in last:
        words = [*words, "0"]
    numbers = [float(word) for word in words]
    hours = numbers[0] if len(numbers) == 3 else 0.0
    if after_noon is not None:
        hours = hours % 12 + 12 * after_noon
    if numbers[-1] >= 61 or (len(numbers) == 3 and numbers[1] >= 60) or hours > 10_000:
        return None
    return hours * 3600 + numbers[-2] * 60 + numbers[-1]


def _possible_days(text: str) -> list[int]:
    """Return the day numbers that a date can mean; two where day and month could change places."""
    words = text.replace("/", "-").replace(".", "-").strip("-").split("-")
    if len(words) == 1 and len(text) == 8 and text.isdigit():
        words = [text[:4], text[4:6], text[6:]]
    if len(words) != 3 or not all(word.isascii() and word.isdigit() and len(word) <= 4 for word in words):
        return []
    first, second, third = map(int, words)
    if len(words[0]) == 4:
        orders = [(first, second, third)]
    else:
        year = third + 2000 if third < 100 else third
        orders = [(year, second, first), (year, first, second)]
    days = []
    for order in orders:
        try:
            days.append(date(*order).toordinal())
        except ValueError:
            continue
    return days
