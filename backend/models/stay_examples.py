"""Labelled stays as a training loop takes them."""

from dataclasses import dataclass

import numpy as np

from backend.windows.stays import StayWindow
from backend.windows.windows import blanked, distinct

__all__ = ["StayAugmentation", "StayExamples"]


@dataclass(frozen=True)
class StayAugmentation:
    """How much the stays are changed at random while training; part of the card.

    Attributes
    ----------
    parameter_dropout : float
        Mean share of the parameters that a stay is taken to have never been measured for; each stay's own share is
        drawn from 0 to twice that. So that the network has met stays without any one parameter, and what it says of a
        stay whose parameter was taken away means something.
    """

    parameter_dropout: float = 0.25


@dataclass(frozen=True, eq=False)
class StayExamples:
    """Stays to train on.

    Attributes
    ----------
    values : float32 array, shape = (n, 48, D)
    targets : int64 array, shape = (n,)
        Class indices.
    window : StayWindow
    augmentation : StayAugmentation
    """

    values: np.ndarray
    targets: np.ndarray
    window: StayWindow
    augmentation: StayAugmentation

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Indices of the stays of one epoch: all of them."""
        return np.arange(len(self.targets))

    def batch(self, indices: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Windows of some stays, float32 (n, 48, D), changed at random, and their class indices."""
        n_sources = len(distinct(self.window.sources))
        share = 2 * self.augmentation.parameter_dropout * rng.random((len(indices), 1, 1))
        hidden = rng.random((len(indices), 1, n_sources)) < share
        # Without any of its values a parameter is absent throughout, which spares the reckoning of `without`.
        return blanked(self.values[indices], hidden, self.window.sources, self.window.absent), self.targets[indices]
