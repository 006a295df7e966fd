"""The training loop: resumable, and the same from the same seed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from backend.models.augmentation import Augmentation, augmented_inputs, inputs
from backend.models.lstm import Architecture, ScoringLSTM, scored
from backend.models.training_beats import LabelledBeats
from backend.records.record import RecordRefused
from backend.windows.beats import BeatWindow

__all__ = ["History", "Plan", "drawn", "train_network"]

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
    averaging : float
        Weights are kept as a running mean with this memory for each batch, which steadies them between epochs (Polyak
        & Juditsky 1992); 0 keeps the last ones.
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
    averaging: float = 0.0
    augmentation: Augmentation | None = None
    seed: int = 2018


@dataclass
class History:
    """Losses of each epoch, and which one was kept."""

    training: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """Counted from 1; 0 before the first."""
        return int(np.argmin(self.validation)) + 1 if self.validation else 0

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
        Written after every epoch; an existing one is continued.
    progress : callable
        Gets a line for each epoch.

    Raises
    ------
    RecordRefused
        If the checkpoint is of another architecture or plan; only the number of epochs may differ.
    """
    torch.set_flush_denormal(True)
    torch.manual_seed(plan.seed)
    run = _Run(architecture, plan)
    run.resume(checkpoint)
    validation_inputs, validation_targets = inputs(validation, window), _targets(validation, classes)
    while len(run.history.validation) < plan.epochs and run.history.epochs_without_gain < plan.patience:
        epoch = len(run.history.validation) + 1
        torch.manual_seed(plan.seed * 1000 + epoch)
        rng = np.random.default_rng((plan.seed, epoch))
        run.history.training.append(_run_epoch(run, training, classes, window, rng))
        averaged = cast(ScoringLSTM, run.averaged.module)
        loss = _validation_loss(averaged, validation_inputs, validation_targets, plan.balanced_validation)
        run.history.validation.append(loss)
        if run.history.best_epoch == epoch:
            run.best = {key: value.clone() for key, value in averaged.state_dict().items()}
        run.save(checkpoint)
        progress(f"epoch {epoch}: training {run.history.training[-1]:.4f}, validation {loss:.4f}")
    run.network.load_state_dict(run.best)
    run.network.eval()
    return run.network, run.history


class _Run:
    """All that a training carries from one batch to the next, and through a checkpoint."""

    def __init__(self, architecture: Architecture, plan: Plan) -> None:
        self.plan = plan
        self.network = ScoringLSTM(architecture)
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay
        )
        self.averaged = AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(plan.averaging))
        self.history = History()
        self.best: dict[str, torch.Tensor] = {}

    def save(self, checkpoint: Path) -> None:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        partial = checkpoint.with_suffix(".partial")
        state: dict[str, Any] = {
            "made_by": self._made_by(),
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "averaged": self.averaged.state_dict(),
            "training": self.history.training,
            "validation": self.history.validation,
            "best": self.best,
        }
        torch.save(state, partial)
        partial.replace(checkpoint)

    def _made_by(self) -> dict[str, Any]:
        return {"architecture": asdict(self.network.architecture), "plan": asdict(replace(self.plan, epochs=0))}

    def resume(self, checkpoint: Path) -> None:
        if not checkpoint.exists():
            return
        state = torch.load(checkpoint, weights_only=True)
        if state.get("made_by") != self._made_by():
            raise RecordRefused(
                f"The checkpoint {checkpoint.name} is of another plan or network; remove {checkpoint.parent.name} or "
                "give another folder with --runs."
            )
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.averaged.load_state_dict(state["averaged"])
        self.history = History(state["training"], state["validation"])
        self.best = state["best"]


def _run_epoch(
    run: _Run,
    training: LabelledBeats,
    classes: tuple[str, ...],
    window: BeatWindow,
    rng: np.random.Generator,
) -> float:
    """One pass over the beats that are drawn for this epoch; the mean loss."""
    plan = run.plan
    run.network.train()
    criterion = nn.CrossEntropyLoss(label_smoothing=plan.label_smoothing)
    order = rng.permutation(drawn(training, plan.beats_per_patient_and_class, rng))
    targets = _targets(training, classes)
    total = 0.0
    for start in range(0, len(order), plan.batch):
        chosen = order[start : start + plan.batch]
        values = _batch_inputs(training.only(chosen), window, plan.augmentation, rng)
        loss = criterion(run.network(torch.from_numpy(values)), torch.from_numpy(targets[chosen]))
        run.optimizer.zero_grad()
        loss.backward()
        run.optimizer.step()
        run.averaged.update_parameters(run.network)
        total += float(loss.detach()) * len(chosen)
    return total / len(order)


def _batch_inputs(
    beats: LabelledBeats, window: BeatWindow, augmentation: Augmentation | None, rng: np.random.Generator
) -> np.ndarray:
    return inputs(beats, window) if augmentation is None else augmented_inputs(beats, window, augmentation, rng)


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
