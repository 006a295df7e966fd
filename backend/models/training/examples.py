"""Examples as the training loop draws and reads them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Examples", "draw_per_group"]


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled windows to train a network on: beats, alarms or stays.

    Attributes
    ----------
    targets : int64 array, shape = (n,)
        Class indices.
    make_inputs : callable
        ``make_inputs(indices, rng)`` returns the windows of these examples, float32, shape = (len(indices), T, D); a
        recipe may augment them at random.
    groups : array of str, shape = (n,), or None
        Examples that resemble each other, such as the beats of one class in one patient.
    n_per_group : int or None
        An epoch draws at most this many examples of each group; None draws all.
    """

    targets: np.ndarray
    make_inputs: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    groups: np.ndarray | None = None
    n_per_group: int | None = None

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return the indices of the examples of one epoch, int64; the loop shuffles them."""
        if self.groups is None or self.n_per_group is None:
            return np.arange(len(self.targets))
        return draw_per_group(self.groups, self.n_per_group, rng)

    def batch(self, indices: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return the windows of some examples, float32, shape = (n, T, D), and their class indices."""
        return self.make_inputs(indices, rng), self.targets[indices]


def draw_per_group(groups: np.ndarray, n_per_group: int, rng: np.random.Generator) -> np.ndarray:
    """Return the indices of at most ``n_per_group`` random members of each group, int64.

    Parameters
    ----------
    groups : array of str, shape = (n,)
    n_per_group : int
    rng : numpy.random.Generator
    """
    order = rng.permutation(len(groups))
    _, inverse = np.unique(groups[order], return_inverse=True)
    by_group = np.argsort(inverse, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(inverse[by_group]) > 0])
    rank = np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)]))
    return order[by_group[rank < n_per_group]]
