"""Committees: small networks, each trained without one fold, merged into one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from backend.models.network.ensemble import merge_networks
from backend.models.network.lstm import Architecture, ScoringLSTM
from backend.models.training.examples import Examples, one_class
from backend.models.training.loop import History, Plan, epoch_bar, train_network

__all__ = ["Committee", "Member", "train_committee"]


@dataclass(frozen=True)
class Member:
    """One network of a committee.

    Attributes
    ----------
    fold : int
        The fold that it is not trained on and that chooses its epoch.
    seed : int
    checkpoint : Path
    """

    fold: int
    seed: int
    checkpoint: Path


@dataclass(frozen=True, eq=False)
class Committee:
    """A trained committee (Krogh & Vedelsby 1995).

    Attributes
    ----------
    network : ScoringLSTM
        All members merged into one network.
    members : tuple of ScoringLSTM
    held_out : tuple of int array
        For each member the indices of the examples of its fold.
    held_out_scores : float32 array, shape = (n, ...)
        Scores of each example by the members that were not trained on it, averaged.
    histories : tuple of History
    """

    network: ScoringLSTM
    members: tuple[ScoringLSTM, ...]
    held_out: tuple[np.ndarray, ...]
    held_out_scores: np.ndarray
    histories: tuple[History, ...]

    @property
    def best_epochs(self) -> list[int]:
        """The epoch that each member's weights are from."""
        return [history.best_epoch for history in self.histories]


def train_committee(
    members: Sequence[Member],
    folds: np.ndarray,
    values: np.ndarray,
    targets: np.ndarray,
    make_examples: Callable[[np.ndarray], Examples],
    architecture: Architecture,
    plan: Plan,
    score: Callable[[ScoringLSTM, np.ndarray], np.ndarray],
) -> Committee:
    """Train every member on all folds but its own and return the committee.

    Parameters
    ----------
    members : sequence of Member
    folds : int array, shape = (n,)
        The fold of each example.
    values : float32 array, shape = (n, T, D)
        The windows without augmentation.
    targets : int64 array, shape = (n,)
        Class indices.
    make_examples : callable
        ``make_examples(mask)`` returns what a member is trained on.
    architecture : Architecture
        Of one member.
    plan : Plan
        Its seed is replaced by that of each member.
    score : callable
        ``score(network, values)`` returns the held-out scores.
    """
    networks, histories = [], []
    for member in members:
        is_out = folds == member.fold
        with epoch_bar(member.checkpoint.stem, plan.epochs) as progress:
            network, history = train_network(
                make_examples(~is_out),
                (values[is_out], one_class(targets[is_out], architecture.classes)),
                architecture,
                replace(plan, seed=member.seed),
                member.checkpoint,
                progress,
            )
        networks.append(network)
        histories.append(history)
    held_out = tuple(np.flatnonzero(folds == member.fold) for member in members)
    scores = [score(network, values[out]) for network, out in zip(networks, held_out, strict=True)]
    average = np.zeros((len(targets), *scores[0].shape[1:]), dtype=np.float32)
    for member, out, part in zip(members, held_out, scores, strict=True):
        average[out] += part / sum(other.fold == member.fold for other in members)
    return Committee(merge_networks(networks), tuple(networks), held_out, average, tuple(histories))
