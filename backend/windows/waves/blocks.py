"""The beats of a long record in blocks, so that the memory for a day of them is that of an hour."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["Block", "split_beats"]

MARGIN_BEATS = 100
"""Beats on either side that a block includes; a mark depends on beats up to 90 beats away."""


@dataclass(frozen=True)
class Block:
    """Beats that are processed together.

    Attributes
    ----------
    beats : slice
        The block with its margins, within all beats.
    own : slice
        The block without its margins, within ``beats``.
    steps : slice
        The part of the signal around ``beats``.
    """

    beats: slice
    own: slice
    steps: slice


def split_beats(r_steps: np.ndarray, n_steps: int, reach: int, n_beats: int) -> Iterator[Block]:
    """Return blocks of ``n_beats`` beats (the last may be shorter) that together hold every beat once.

    Parameters
    ----------
    r_steps : int64 array, shape = (n_all_beats,)
        R peaks, ascending.
    n_steps : int
        Length of the signal.
    reach : int
        Steps before the first and after the last R peak that belong to a block.
    n_beats : int
        Beats in a block, without its margins.
    """
    for start in range(0, len(r_steps), n_beats):
        stop = min(start + n_beats, len(r_steps))
        first, last = max(start - MARGIN_BEATS, 0), min(stop + MARGIN_BEATS, len(r_steps))
        steps = slice(max(int(r_steps[first]) - reach, 0), min(int(r_steps[last - 1]) + reach + 1, n_steps))
        yield Block(slice(first, last), slice(start - first, stop - first), steps)
