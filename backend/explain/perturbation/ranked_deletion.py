"""What a model says of windows from which entries are deleted by the rank of their salience."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Value
from backend.explain.perturbation.baselines import deleted
from backend.explain.salience import by_source
from backend.models.bundle import Bundle
from backend.models.scores import compute_scores

__all__ = ["Order", "scores_without"]

_LOTTERY_SEED = 20180
_BYTES_AT_ONCE = 48_000_000
"""Deleted windows in one batch; making them takes a few times as much for a moment."""


@dataclass(frozen=True, eq=False)
class Order:
    """The entries of a window, a step of a distinct source each, by their salience.

    Attributes
    ----------
    salience : float32 array, shape = (T, S)
        The greatest of a source's columns.
    ranks : int64 array, shape = (T, S)
        From 0, the most salient; those of equal salience are ordered by lot, by a seed that hangs on the window alone.
    """

    salience: np.ndarray
    ranks: np.ndarray

    @classmethod
    def of(cls, bundle: Bundle, window: np.ndarray, salience: np.ndarray) -> "Order":
        """From a window and its salience, both of shape (T, D)."""
        entries = by_source(np.asarray(salience, dtype=np.float32), bundle.window.sources)
        lots = np.random.default_rng([_LOTTERY_SEED, zlib.crc32(np.ascontiguousarray(window).data)])
        order = np.lexsort((lots.random(entries.size), -entries.ravel()))
        ranks = np.empty(entries.size, dtype=np.int64)
        ranks[order] = np.arange(entries.size)
        return cls(entries, ranks.reshape(entries.shape))

    def exceeding(self, thresholds: Sequence[float]) -> np.ndarray:
        """How many entries, which are the first ones, exceed each threshold, int64, shape = (n_thresholds,)."""
        return (self.salience.ravel() > np.array(thresholds, dtype=np.float32)[:, np.newaxis]).sum(axis=1)

    def counts(self, shares: Sequence[float]) -> np.ndarray:
        """How many entries shares of them are, at least one, int64, shape = (n_shares,)."""
        return np.maximum(np.round(np.array(shares) * self.ranks.size), 1).astype(np.int64)


def scores_without(
    bundle: Bundle,
    windows: np.ndarray,
    orders: Sequence[Order],
    wanted: Sequence[np.ndarray],
    targets: Sequence[str],
    fill: Value,
) -> list[np.ndarray]:
    """The target's score after each deletion of each window, float64, n arrays of shape (rows,).

    What is deleted twice, since two thresholds are exceeded by the same entries, is scored once.

    Parameters
    ----------
    windows : float32 array, shape = (n, T, D)
    orders : sequence of Order, length n
    wanted : sequence of int64 array, shape = (rows, 2), length n
        For each deletion of a window the first rank that goes, and the first after it that does not.
    targets : sequence of str, length n
    fill : one of FILLS
    """
    once = [np.unique(rows, axis=0, return_inverse=True) for rows in wanted]
    found: list[np.ndarray] = []
    for part in _batches([len(rows) for rows, _ in once], windows[:1].nbytes):
        values = np.concatenate(
            [_without(bundle, windows[own], orders[own], once[own][0], fill, targets[own]) for own in part]
        )
        of_part = np.split(compute_scores(bundle, values), np.cumsum([len(once[own][0]) for own in part])[:-1])
        for own, scores in zip(part, of_part, strict=True):
            of_target = scores[:, bundle.class_index(targets[own])].astype(np.float64)
            found.append(of_target[once[own][1].ravel()])
    return found


def _without(
    bundle: Bundle, window: np.ndarray, order: Order, rows: np.ndarray, fill: Value, target: str
) -> np.ndarray:
    """One window after each of some deletions, float32, shape = (rows, T, D)."""
    first, end = rows[:, 0, np.newaxis, np.newaxis], rows[:, 1, np.newaxis, np.newaxis]
    return deleted(bundle, window, (order.ranks >= first) & (order.ranks < end), fill, target)


def _batches(rows_of_window: Sequence[int], bytes_of_row: int) -> Iterator[range]:
    """Windows, by their positions, whose deletions are scored together."""
    first, rows = 0, 0
    for position, own in enumerate(rows_of_window):
        if rows and (rows + own) * bytes_of_row > _BYTES_AT_ONCE:
            yield range(first, position)
            first, rows = position, 0
        rows += own
    if rows:
        yield range(first, len(rows_of_window))
