"""The beats of a long record a block at a time, so that a day of them needs no more memory than an hour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

__all__ = ["Block", "blocks", "cut", "joined"]

MARGIN_BEATS = 100
"""Beats on either side that a block also holds: no beat's marks hang on one farther away than 90."""


@dataclass(frozen=True)
class Block:
    """Beats that are worked through together.

    Attributes
    ----------
    beats : slice
        Of all beats: those of the block with its margins.
    own : slice
        Of these: those whose marks the block gives.
    steps : slice
        Of the signal: what lies around these beats.
    """

    beats: slice
    own: slice
    steps: slice


def blocks(r_steps: np.ndarray, n_steps: int, reach: int, n_beats: int) -> Iterator[Block]:
    """Blocks of ``n_beats`` each (the last may be shorter) that together give every beat once.

    Parameters
    ----------
    r_steps : int64 array, shape = (n_beats,)
        In rising order.
    n_steps : int
        Of the signal.
    reach : int
        Steps before the first and after the last R peak that belong to a block.
    n_beats : int
        In a block, without its margins.
    """
    for start in range(0, len(r_steps), n_beats):
        stop = min(start + n_beats, len(r_steps))
        first, last = max(start - MARGIN_BEATS, 0), min(stop + MARGIN_BEATS, len(r_steps))
        steps = slice(max(int(r_steps[first]) - reach, 0), min(int(r_steps[last - 1]) + reach + 1, n_steps))
        yield Block(slice(first, last), slice(start - first, stop - first), steps)


def cut(found: Any, beats: slice) -> Any:
    """The same, of these beats only: an array with a row a beat, or a dataclass of such."""
    if isinstance(found, np.ndarray):
        return found[beats]
    return type(found)(*(cut(getattr(found, each.name), beats) for each in fields(found)))


def joined(parts: Sequence[Any]) -> Any:
    """What was found block by block, in one: arrays with a row a beat, or dataclasses of such."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return type(parts[0])(*(joined([getattr(part, each.name) for part in parts]) for each in fields(parts[0])))
