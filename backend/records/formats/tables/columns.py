"""What a column of numbers is by its content: a clock, a counter, a constant, a code, or a signal."""

from enum import Enum

import numpy as np

__all__ = ["Content", "content_of", "may_be_clock", "sentinel_of"]

_N_EXAMINED = 200_000
_MOST_CODES = 8
_SENTINELS = np.array(
    [
        -999,
        -9999,
        -99999,
        -999999,
        999,
        9999,
        99999,
        999999,
        -32768,
        32767,
        -2147483648,
        2147483647,
        -1e30,
        1e30,
        -999.9,
    ],
    dtype=np.float32,
)
_FEWEST_REGULAR = 0.9


class Content(Enum):
    """The content of a column; the value is the reason for which it cannot be a lead, for a reader."""

    EMPTY = "no values"
    CONSTANT = "the same value in every row"
    CODE = "a few codes"
    COUNTER = "counts rows"
    SIGNAL = ""


def may_be_clock(values: np.ndarray) -> bool:
    """Return whether numbers never fall and rise at least once, as those of a clock do."""
    known = values[np.isfinite(values)]
    return len(known) > 1 and bool((np.diff(known) >= 0).all()) and bool(known[-1] > known[0])


def content_of(values: np.ndarray) -> Content:
    """Return what a column is, by its values alone.

    A counter rises, by even steps or never falling, or starts again from its lowest value when it falls. A code takes
    few whole values. No ECG of some seconds does either.
    """
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return Content.EMPTY
    lowest, highest = float(known.min()), float(known.max())
    if lowest == highest:
        return Content.CONSTANT
    part = known[:_N_EXAMINED].astype(np.float64)
    if len(part) < 3:
        return Content.SIGNAL
    distinct = np.unique(part)
    if _counts(part, distinct):
        return Content.COUNTER
    if len(distinct) <= _MOST_CODES and (distinct == np.round(distinct)).all() and len(part) > 20 * len(distinct):
        return Content.CODE
    return Content.SIGNAL


def _counts(part: np.ndarray, distinct: np.ndarray) -> bool:
    steps = np.diff(part)
    moved = steps[steps != 0]
    if len(moved) == 0:
        return False
    for own in (moved, -moved):
        falls = own < 0
        if not falls.any():
            return True
        # It wraps: each fall leads from the top of its range to the bottom, and all else are even or small steps.
        reach = float(distinct[-1] - distinct[0])
        step = float(np.median(own[~falls])) if (~falls).any() else 0.0
        if not step > 0:
            continue
        full_falls = (-own[falls] >= 0.8 * reach - step).all()
        even = np.mean(np.abs(own[~falls] - step) <= 0.01 * step) >= _FEWEST_REGULAR
        n_per_turn = len(part) / (falls.sum() + 1)
        if full_falls and even and n_per_turn >= 3 and len(distinct) >= 3:
            return True
        if full_falls and n_per_turn >= 50 and np.max(own[~falls]) < 0.2 * reach:
            return True
    return False


def sentinel_of(values: np.ndarray) -> float | None:
    """Return the number that stands for missing values, as -9999 does: an extreme far outside all others; else None."""
    known = values[np.isfinite(values)]
    if len(known) < 10:
        return None
    for extreme in (float(known.min()), float(known.max())):
        if not (np.abs(_SENTINELS - np.float32(extreme)) <= 1e-6 * abs(extreme)).any():
            continue
        others = known[known != np.float32(extreme)]
        if not 0 < len(others) < len(known) or len(others) < 0.2 * len(known):
            continue
        reach = float(others.max() - others.min())
        distance = min(abs(extreme - float(others.min())), abs(extreme - float(others.max())))
        if reach > 0 and distance > 3 * reach:
            return extreme
    return None
