"""The training loop: resumable, and the same from the same seed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from backend.models.augmentation import Augmentation, augmented_inputs, inputs
from backend.models.lstm import Architecture, ScoringLSTM
from backend.models.training_beats import LabelledBeats
from backend.windows.beats import BeatWindow

__all__ = ["History", "Plan", "drawn", "scored", "train_network"]

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How a network is trained; part of its card.

    Attributes
    ----------
    epochs : int
        At most.
    patience : int
        Training ends after this many epochs without a better validation loss.
    batch : int
    learning_rate, weight_decay : float
        Of Adam; the decay is added to the gradient.
    beats_per_patient_and_class : int or None
        Drawn anew for each epoch; None takes all.
    balanced_validation : bool
        Whether the validation loss is the mean over classes rather than over beats.
    label_smoothing : float
        Share of each target that is spread over all classes.
    augmentation : Augmentation or None
    seed : int
    """

    epochs: int = 100
    patience: int = 8
    batch: int = 200
    learning_rate: float = 0.001
    weight_decay: float = 0.001
    beats_per_patient_and_class: int | None = None
    balanced_validation: bool = False
    label_smoothing: float = 0.0
    augmentation: Augmentation | None = None
    seed: int = 2018


@dataclass
class History:
    """Losses of each epoch, and which one was kept."""

    training: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """Counted from 1."""
        return int(np.argmin(self.validation)) + 1

    @property
    def epochs_without_gain(self) -> int:
        """Epochs since the best one."""
        return len(self.validation) - self.best_epoch


def train_network(
    training: LabelledBeats,
    validation: LabelledBeats,
    classes: tuple[str, ...],
    architecture: Architecture,
    window: BeatWindow,
    plan: Plan,
    checkpoint: Path,
    progress: Progress = lambda line: None,
) -> tuple[ScoringLSTM, History]:
    """Train and return the network of the best validation loss.

    Each epoch draws its own random numbers from (seed, epoch), so that a run that was cut and resumed from
    ``checkpoint`` gives the same network as one that was not.

    Parameters
    ----------
    training, validation : LabelledBeats
        Of different patients.
    checkpoint : Path
        Written after every epoch; an existing one of the same plan is continued.
    progress : callable
        Gets a line for each epoch.
    """
    torch.set_flush_denormal(True)
    torch.manual_seed(plan.seed)
    network = ScoringLSTM(architecture)
    optimizer = torch.optim.Adam(network.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay)
    history, best = _resumed(checkpoint, network, optimizer)
    validation_inputs, validation_targets = inputs(validation, window), _targets(validation, classes)
    while len(history.validation) < plan.epochs and not (
        history.validation and history.epochs_without_gain >= plan.patience
    ):
        epoch = len(history.validation) + 1
        torch.manual_seed(plan.seed * 1000 + epoch)
        rng = np.random.default_rng((plan.seed, epoch))
        history.training.append(_run_epoch(network, optimizer, training, classes, window, plan, rng))
        loss = _validation_loss(network, validation_inputs, validation_targets, plan.balanced_validation)
        history.validation.append(loss)
        if history.best_epoch == epoch:
            best = {key: value.clone() for key, value in network.state_dict().items()}
        _save(checkpoint, network, optimizer, history, best)
        progress(f"epoch {epoch}: training {history.training[-1]:.4f}, validation {loss:.4f}")
    network.load_state_dict(best)
    network.eval()
    return network, history


def scored(network: ScoringLSTM, values: np.ndarray, batch: int = 512) -> tuple[np.ndarray, np.ndarray]:
    """Class scores (n, C) and features (n, hidden) of window values (n, T, D), float32."""
    network.eval()
    with torch.inference_mode():
        features = torch.cat([network.features(part) for part in torch.from_numpy(values).split(batch)])
        return network.readout(features).numpy(), features.numpy()


def _run_epoch(
    network: ScoringLSTM,
    optimizer: torch.optim.Optimizer,
    training: LabelledBeats,
    classes: tuple[str, ...],
    window: BeatWindow,
    plan: Plan,
    rng: np.random.Generator,
) -> float:
    network.train()
    criterion = nn.CrossEntropyLoss(label_smoothing=plan.label_smoothing)
    order = rng.permutation(drawn(training, plan.beats_per_patient_and_class, rng))
    targets = _targets(training, classes)
    total = 0.0
    for start in range(0, len(order), plan.batch):
        chosen = order[start : start + plan.batch]
        beats = training.only(chosen)
        values = (
            inputs(beats, window)
            if plan.augmentation is None
            else augmented_inputs(beats, window, plan.augmentation, rng)
        )
        loss = criterion(network(torch.from_numpy(values)), torch.from_numpy(targets[chosen]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += float(loss.detach()) * len(chosen)
    return total / len(order)


def drawn(beats: LabelledBeats, most: int | None, rng: np.random.Generator) -> np.ndarray:
    """Indices of at most ``most`` beats for each patient and class."""
    if most is None:
        return np.arange(len(beats))
    groups = np.char.add(np.char.add(beats.patients.astype(str), "|"), beats.labels.astype(str))
    order = rng.permutation(len(beats))
    _, inverse = np.unique(groups[order], return_inverse=True)
    by_group = np.argsort(inverse, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(inverse[by_group]) > 0])
    rank = np.arange(len(beats)) - np.repeat(starts, np.diff(np.r_[starts, len(beats)]))
    return order[by_group[rank < most]]


def _targets(beats: LabelledBeats, classes: tuple[str, ...]) -> np.ndarray:
    index = {name: position for position, name in enumerate(classes)}
    return np.array([index[str(label)] for label in beats.labels], dtype=np.int64)


def _validation_loss(network: ScoringLSTM, values: np.ndarray, targets: np.ndarray, balanced: bool) -> float:
    scores, _ = scored(network, values)
    scores = scores - scores.max(axis=1, keepdims=True)
    losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(targets)), targets]
    if not balanced:
        return float(losses.mean())
    return float(np.mean([losses[targets == target].mean() for target in np.unique(targets)]))


def _save(
    checkpoint: Path,
    network: ScoringLSTM,
    optimizer: torch.optim.Optimizer,
    history: History,
    best: dict[str, torch.Tensor],
) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    partial = checkpoint.with_suffix(".partial")
    state: dict[str, Any] = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "training": history.training,
        "validation": history.validation,
        "best": best,
    }
    torch.save(state, partial)
    partial.replace(checkpoint)


def _resumed(
    checkpoint: Path, network: ScoringLSTM, optimizer: torch.optim.Optimizer
) -> tuple[History, dict[str, torch.Tensor]]:
    if not checkpoint.exists():
        return History(), {}
    state = torch.load(checkpoint, weights_only=True)
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    return History(state["training"], state["validation"]), state["best"]
