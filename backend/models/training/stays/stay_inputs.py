"""The windows that a network reads of labelled stays, with or without random augmentation."""

from dataclasses import dataclass

import numpy as np

from backend.models.training.examples import Examples
from backend.models.training.stays.labelled_stays import LabelledStays
from backend.records.stays import OUTCOMES, PARAMETERS
from backend.windows.base import distinct
from backend.windows.stay_windows import HOURS, StayWindow

__all__ = ["StayAugmentation", "augment", "compose_inputs", "stay_examples"]


@dataclass(frozen=True)
class StayAugmentation:
    """Parameters of the random augmentation of training stays; part of the card.

    Attributes
    ----------
    parameter_dropout : float
        Mean share of the parameters that are removed from a stay; each stay's own share is drawn from 0 to twice the
        mean. The network thus learns from stays without any one parameter, and its prediction for a stay from which a
        parameter was deleted is meaningful.
    hour_dropout : float
        Mean share of the hours from which a parameter, independently of the others, is removed; drawn in the same way.
        The network thus learns from stays with deleted stretches.
    """

    parameter_dropout: float = 0.15
    hour_dropout: float = 0.15


def compose_inputs(stays: LabelledStays, window: StayWindow) -> np.ndarray:
    """Return the windows without augmentation, float32, shape = (n, 48, D)."""
    return window.values_of(stays.grid[:, :, [list(PARAMETERS).index(name) for name in window.parameters]])


def augment(
    values: np.ndarray, window: StayWindow, augmentation: StayAugmentation, rng: np.random.Generator
) -> np.ndarray:
    """Return windows from which parameters and hours are removed at random, float32, shape = (n, 48, D).

    Parameters
    ----------
    values : float32 array, shape = (n, 48, D)
        From `compose_inputs`.
    window : StayWindow
    augmentation : StayAugmentation
    rng : numpy.random.Generator
    """
    n, sources = len(values), distinct(window.sources)
    # What is known on admission is charted once, so that it can only be removed whole.
    is_charted_again = np.array([(source, "measured") in window.columns for source in sources])
    hours = rng.random((n, HOURS, len(sources))) < 2 * augmentation.hour_dropout * rng.random((n, 1, 1))
    whole = rng.random((n, 1, len(sources))) < 2 * augmentation.parameter_dropout * rng.random((n, 1, 1))
    return window.without(values, (hours & is_charted_again) | whole)


def stay_examples(
    values: np.ndarray, targets: np.ndarray, window: StayWindow, augmentation: StayAugmentation
) -> Examples:
    """Return the stays, augmented, as the training loop takes them."""
    return Examples.of_targets(
        targets, len(OUTCOMES), lambda indices, rng: augment(values[indices], window, augmentation, rng)
    )
