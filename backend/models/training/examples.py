"""Examples as the training loop draws and reads them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Examples", "draw_by_class", "draw_per_group", "one_class"]


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled windows to train a network on: beats, alarms or stays.

    Attributes
    ----------
    allowed : float32 array, shape = (n, C)
        1 for each class that the label of an example allows: one, unless the label leaves open which of several.
    make_batch : callable
        ``make_batch(indices, rng)`` returns the windows of these examples, float32, shape = (m, T, D), and the classes
        that they allow, float32, shape = (m, C); a recipe may augment them at random, and a label that no longer fits
        an augmented window changes with it.
    draw : callable
        ``draw(rng)`` returns the indices of the examples of one epoch, int64; the loop shuffles them.
    """

    allowed: np.ndarray
    make_batch: Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]
    draw: Callable[[np.random.Generator], np.ndarray]

    @classmethod
    def of_targets(
        cls,
        targets: np.ndarray,
        n_classes: int,
        make_inputs: Callable[[np.ndarray, np.random.Generator], np.ndarray],
    ) -> "Examples":
        """Return examples of one class each, all of which every epoch draws.

        Parameters
        ----------
        targets : int64 array, shape = (n,)
            Class indices.
        n_classes : int
            C.
        make_inputs : callable
            ``make_inputs(indices, rng)`` returns the windows of these examples.
        """
        allowed = one_class(targets, n_classes)
        return cls(
            allowed,
            lambda indices, rng: (make_inputs(indices, rng), allowed[indices]),
            lambda rng: np.arange(len(allowed)),
        )


def one_class(targets: np.ndarray, n_classes: int) -> np.ndarray:
    """Return 1 at the class of each target and 0 elsewhere, float32, shape = (n, C)."""
    return np.eye(n_classes, dtype=np.float32)[targets]


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


def draw_by_class(
    labels: np.ndarray, patients: np.ndarray, counts: Mapping[str, int], most_beats: int
) -> Callable[[np.random.Generator], np.ndarray]:
    """Return a function that draws so many examples of each label, balanced over its patients.

    A patient's share of a label is the fifth root of the number of its examples, of at most ``most_beats``: half an
    hour of beats weighs twice as much as ten seconds, not 180 times. Examples are drawn with replacement.

    Parameters
    ----------
    labels, patients : arrays of str, shape = (n,)
    counts : mapping of label to int
        A label without examples is not drawn.
    most_beats : int
    """
    groups: dict[str, list[np.ndarray]] = {}
    for label in counts:
        own = np.flatnonzero(labels == label)
        if len(own):
            _, patient = np.unique(patients[own], return_inverse=True)
            order = np.argsort(patient, kind="stable")
            groups[label] = np.split(own[order], np.flatnonzero(np.diff(patient[order])) + 1)
    shares = {label: _patient_shares(members, most_beats) for label, members in groups.items()}

    def draw(rng: np.random.Generator) -> np.ndarray:
        drawn = []
        for label, members in groups.items():
            chosen = rng.choice(len(members), counts[label], p=shares[label])
            within = rng.random(counts[label])
            drawn += [members[own][int(part * len(members[own]))] for own, part in zip(chosen, within, strict=True)]
        return np.array(drawn, dtype=np.int64)

    return draw


def _patient_shares(members: Sequence[np.ndarray], most_beats: int) -> np.ndarray:
    weights = np.minimum([len(own) for own in members], most_beats) ** 0.2
    return np.asarray(weights / weights.sum())
