"""Markdown for model cards: tables, lists, percentages and intervals."""

from collections.abc import Iterable, Sequence

__all__ = [
    "bullets",
    "count",
    "figure_with_interval",
    "interval",
    "paragraphs",
    "percent",
    "percent_with_interval",
    "table",
    "with_interval",
]


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table with a header row."""
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def bullets(lines: Iterable[str]) -> str:
    """Return a Markdown list, one item a line."""
    return "\n".join(f"- {line}" for line in lines)


def paragraphs(parts: Iterable[str]) -> str:
    """Return the parts that are not empty, with a blank line between them."""
    return "\n\n".join(part for part in parts if part)


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with thousands separators and its noun: ``1 patient``, ``2,000 beats``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float | None, decimals: int = 1) -> str:
    """Return a share from 0 to 1 in per cent, ``88.3%``; an en dash where it is None."""
    return "–" if share is None else f"{100 * share:.{decimals}f}%"


def interval(low: float, high: float, pattern: str = "{:.3f}") -> str:
    """Return the limits of an interval with an en dash, or with ``to`` where the en dash would meet a minus sign."""
    between = "–" if low >= 0 and "+" not in pattern else " to "
    return f"{pattern.format(low)}{between}{pattern.format(high)}"


def with_interval(value: float, limits: Sequence[float], pattern: str = "{:.3f}") -> str:
    """Return a value with its interval in brackets: ``0.841 (0.812–0.868)``."""
    return f"{pattern.format(value)} ({interval(limits[0], limits[1], pattern)})"


def percent_with_interval(figure: Sequence[float | None]) -> str:
    """Return a share and the limits of its interval in per cent, ``88.3% (80.1–93.0%)``, without limits if unknown."""
    value, low, high = figure
    if value is None or low is None or high is None:
        return percent(value)
    return f"{percent(value)} ({interval(100 * low, 100 * high, '{:.1f}')}%)"


def figure_with_interval(figure: Sequence[float | None]) -> str:
    """Return a figure with its interval, ``0.841 (0.812–0.868)``, without limits if unknown, an en dash for None."""
    value, low, high = figure
    if value is None:
        return "–"
    return f"{value:.3f}" if low is None or high is None else with_interval(value, (low, high))
