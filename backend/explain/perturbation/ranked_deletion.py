"""Scores of windows after deleting entries by the rank of their salience."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Value
from backend.explain.perturbation.baselines import delete_sources
from backend.explain.salience import max_by_source
from backend.models.bundle import Bundle
from backend.models.scores import compute_scores

__all__ = ["SalienceRanks", "rank_entries", "score_deletions"]

_TIES_SEED = 20180
_BYTES_AT_ONCE = 48_000_000
"""Size of one batch of deleted windows; its peak memory is a few times larger."""


@dataclass(frozen=True, eq=False)
class SalienceRanks:
    """The entries of a window, one step of one varying source each, ranked by their salience.

    Attributes
    ----------
    salience : float32 array, shape = (T, V)
        The maximum of a source's columns.
    ranks : int64 array, shape = (T, V)
        From 0, the most salient. Ties are broken at random with a seed that depends only on the window.
    """

    salience: np.ndarray
    ranks: np.ndarray

    def count_above(self, thresholds: Sequence[float]) -> np.ndarray:
        """Return how many entries exceed each threshold, int64, shape = (n_thresholds,); they rank first."""
        return (self.salience.ravel() > np.array(thresholds, dtype=np.float32)[:, np.newaxis]).sum(axis=1)

    def count_shares(self, shares: Sequence[float]) -> np.ndarray:
        """Return how many entries each share of them is, at least one, int64, shape = (n_shares,)."""
        return np.maximum(np.round(np.array(shares) * self.ranks.size), 1).astype(np.int64)


def rank_entries(bundle: Bundle, window: np.ndarray, salience: np.ndarray) -> SalienceRanks:
    """Return the entries of a window by their salience, both of shape (T, D)."""
    entries = max_by_source(np.asarray(salience, dtype=np.float32), bundle.window)
    rng = np.random.default_rng([_TIES_SEED, zlib.crc32(np.ascontiguousarray(window).data)])
    order = np.lexsort((rng.random(entries.size), -entries.ravel()))
    ranks = np.empty(entries.size, dtype=np.int64)
    ranks[order] = np.arange(entries.size)
    return SalienceRanks(entries, ranks.reshape(entries.shape))


def score_deletions(
    bundle: Bundle,
    windows: np.ndarray,
    ranked: Sequence[SalienceRanks],
    deletions: Sequence[np.ndarray],
    targets: Sequence[str],
    baseline: Value,
) -> list[np.ndarray]:
    """Return the score of the target after each deletion of each window, float64, n arrays of shape (n_deletions,).

    Equal deletions, where the same entries exceed two thresholds, are scored once.

    Parameters
    ----------
    windows : float32 array, shape = (n, T, D)
    ranked : sequence of SalienceRanks, length n
    deletions : sequence of int64 array, shape = (n_deletions, 2), length n
        The first deleted rank, and the first rank after it that stays.
    targets : sequence of str, length n
    fill : one of FILLS
    """
    unique = [np.unique(rows, axis=0, return_inverse=True) for rows in deletions]
    target_scores: list[np.ndarray] = []
    for batch in _batches([len(rows) for rows, _ in unique], windows[:1].nbytes):
        values = np.concatenate(
            [_delete_ranks(bundle, windows[i], ranked[i], unique[i][0], baseline, targets[i]) for i in batch]
        )
        ends = np.cumsum([len(unique[i][0]) for i in batch])
        for i, scores in zip(batch, np.split(compute_scores(bundle, values), ends[:-1]), strict=True):
            of_target = scores[:, bundle.class_index(targets[i])].astype(np.float64)
            target_scores.append(of_target[unique[i][1].ravel()])
    return target_scores


def _delete_ranks(
    bundle: Bundle, window: np.ndarray, ranked: SalienceRanks, deletions: np.ndarray, baseline: Value, target: str
) -> np.ndarray:
    """Return one window after each of several deletions, float32, shape = (n_deletions, T, D)."""
    first, end = deletions[:, 0, np.newaxis, np.newaxis], deletions[:, 1, np.newaxis, np.newaxis]
    return delete_sources(bundle, window, (ranked.ranks >= first) & (ranked.ranks < end), baseline, target)


def _batches(n_rows: Sequence[int], bytes_per_row: int) -> Iterator[range]:
    """Return ranges of windows whose deletions are scored together."""
    first, rows = 0, 0
    for position, own_rows in enumerate(n_rows):
        if rows and (rows + own_rows) * bytes_per_row > _BYTES_AT_ONCE:
            yield range(first, position)
            first, rows = position, 0
        rows += own_rows
    if rows:
        yield range(first, len(n_rows))
