"""Numbers as charts and screens print them: one rule for percentages, decimals, ranges and times of day."""

import math

__all__ = [
    "MINUTES_SECONDS_LABEL",
    "MISSING",
    "format_decimal",
    "format_hours_minutes",
    "format_minutes_seconds",
    "format_percent",
    "format_range",
    "format_signed",
]

MISSING = "–"
"""Printed in place of a missing number."""

MINUTES_SECONDS_LABEL = "format(floor(round(datum.value) / 60), 'd') + ':' + format(round(datum.value) % 60, '02d')"
"""Vega's expression for an axis label in minutes and seconds; rounds to seconds before it splits them."""


def format_percent(share: float | None, n_decimals: int = 0) -> str:
    """Return a share as a percentage: 88%; a dash for None and NaN.

    Rounding never claims certainty: 0.996 is >99%, 0.004 is <1%, and only 1 and 0 are 100% and 0%.

    Parameters
    ----------
    share : float or None
        0 to 1.
    n_decimals : int
    """
    if share is None or math.isnan(share):
        return MISSING
    smallest = 10.0**-n_decimals
    rounded = round(100 * share, n_decimals)
    if rounded >= 100 and share < 1:
        return f">{100 - smallest:.{n_decimals}f}%"
    if rounded <= 0 and share > 0:
        return f"<{smallest:.{n_decimals}f}%"
    return f"{rounded:.{n_decimals}f}%"


def format_decimal(value: float, n_decimals: int = 2) -> str:
    """Return a number with a true minus sign and without minus zero: −0.31; a dash for NaN and infinity."""
    if not math.isfinite(value):
        return MISSING
    # Adding 0 turns minus zero into zero.
    return f"{round(float(value), n_decimals) + 0.0:.{n_decimals}f}".replace("-", "−")


def format_signed(value: float, n_decimals: int = 2) -> str:
    """Return a number with its sign: +0.12, −0.31; 0.00 has none."""
    text = format_decimal(value, n_decimals)
    return f"+{text}" if round(value, n_decimals) > 0 else text


def format_range(low: float, high: float, n_decimals: int = 2) -> str:
    """Return a range with an en dash: 0.81–0.88; with ``to`` where a minus sign would meet the dash: −0.2 to 0.1."""
    between = " to " if min(round(low, n_decimals), round(high, n_decimals)) < 0 else "–"
    return f"{format_decimal(low, n_decimals)}{between}{format_decimal(high, n_decimals)}"


def format_minutes_seconds(seconds: float, n_decimals: int = 0) -> str:
    """Return seconds as minutes and seconds: 4:59.9, 5:00.0.

    The time is rounded to its smallest unit before it is split, so that the seconds never read 60.

    Parameters
    ----------
    seconds : float
        0 or more.
    n_decimals : int
        Decimals of the seconds.
    """
    units_per_second = 10**n_decimals
    minutes, units = divmod(round(seconds * units_per_second), 60 * units_per_second)
    whole_seconds, fraction = divmod(units, units_per_second)
    decimals = f".{fraction:0{n_decimals}d}" if n_decimals else ""
    return f"{minutes}:{whole_seconds:02d}{decimals}"


def format_hours_minutes(minute: float) -> str:
    """Return minutes since admission as hours and minutes: 7:05; a minute counts once it is complete."""
    hours, minutes = divmod(int(minute), 60)
    return f"{hours}:{minutes:02d}"
