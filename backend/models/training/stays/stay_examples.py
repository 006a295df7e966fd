"""Labelled stays as a training loop takes them."""

from dataclasses import dataclass

import numpy as np

from backend.windows.base import distinct
from backend.windows.stay_windows import HOURS, StayWindow

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
    hour_dropout : float
        Mean share of the hours in which a parameter, each for itself, is taken not to have been charted; drawn in the
        same way. So that a stretch that is deleted is nothing that the network has never met.
    """

    parameter_dropout: float = 0.15
    hour_dropout: float = 0.15


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
        values = self.values[indices]
        return self.window.without(values, self._hidden(len(indices), rng)), self.targets[indices]

    def _hidden(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Which hours of which parameters are taken away, bool, shape = (n, 48, S)."""
        sources = distinct(self.window.sources)
        # What is known on admission is charted once, so that it can only be dropped whole.
        is_charted_again = np.array([(source, "measured") in self.window.columns for source in sources])
        hours = rng.random((n, HOURS, len(sources))) < 2 * self.augmentation.hour_dropout * rng.random((n, 1, 1))
        whole = rng.random((n, 1, len(sources))) < 2 * self.augmentation.parameter_dropout * rng.random((n, 1, 1))
        return (hours & is_charted_again) | whole
