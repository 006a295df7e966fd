"""The training loop: resumable, and the same from the same seed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from backend.models.network.denormals import flushed_denormals
from backend.models.network.lstm import Architecture, ScoringLSTM, scored
from backend.records.record import RecordRefused

__all__ = ["Examples", "History", "Plan", "train_network"]

Progress = Callable[[str], None]


class Examples(Protocol):
    """What a network is trained on: beats, alarms or stays."""

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Indices of the examples of one epoch, int64; the loop shuffles them."""
        ...

    def batch(self, indices: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """What the network reads of some examples, float32 (n, T, D), perhaps changed at random; and class indices."""
        ...


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
    replication : float
        Share of the loss that is the mean loss over all prefixes of the window rather than that of the whole window
        (target replication, Lipton et al. 2016), so that scores over time mean something.
    augmentation : dataclass or None
        How much the examples are changed at random, such as ``Augmentation`` for beats.
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
    replication: float = 0.0
    augmentation: Any = None
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
    training: Examples,
    validation: tuple[np.ndarray, np.ndarray],
    architecture: Architecture,
    plan: Plan,
    checkpoint: Path,
    progress: Progress = lambda line: None,
) -> tuple[ScoringLSTM, History]:
    """Train and return the network of the best validation loss.

    Each epoch draws its own random numbers from (seed, epoch), so that a run that was cut and resumed from
    ``checkpoint`` gives the same network as one that was not.

    Parameters
    ----------
    training : Examples
    validation : (float32 array, shape = (n, T, D), int64 array, shape = (n,))
        What the network reads of other patients, unchanged, and their class indices.
    checkpoint : Path
        Written after every epoch; an existing one is continued.
    progress : callable
        Gets a line for each epoch.

    Raises
    ------
    RecordRefused
        If the checkpoint is of another architecture or plan; only the number of epochs may differ.
    """
    torch.manual_seed(plan.seed)
    run = _Run(architecture, plan)
    run.resume(checkpoint)
    with flushed_denormals():
        _run_epochs(run, training, validation, checkpoint, progress)
    run.network.load_state_dict(run.best)
    run.network.eval()
    return run.network, run.history


def _run_epochs(
    run: "_Run", training: Examples, validation: tuple[np.ndarray, np.ndarray], checkpoint: Path, progress: Progress
) -> None:
    """Epoch after epoch until the plan's patience ends; the best weights are in ``run``."""
    plan = run.plan
    while len(run.history.validation) < plan.epochs and run.history.epochs_without_gain < plan.patience:
        epoch = len(run.history.validation) + 1
        torch.manual_seed(plan.seed * 1000 + epoch)
        rng = np.random.default_rng((plan.seed, epoch))
        run.history.training.append(_run_epoch(run, training, rng))
        averaged = cast(ScoringLSTM, run.averaged.module)
        loss = _validation_loss(averaged, *validation, plan.balanced_validation)
        run.history.validation.append(loss)
        if run.history.best_epoch == epoch:
            run.best = {key: value.clone() for key, value in averaged.state_dict().items()}
        run.save(checkpoint)
        progress(f"epoch {epoch}: training {run.history.training[-1]:.4f}, validation {loss:.4f}")


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


def _run_epoch(run: _Run, training: Examples, rng: np.random.Generator) -> float:
    """One pass over the examples that are drawn for this epoch; the mean loss."""
    plan = run.plan
    run.network.train()
    order = rng.permutation(training.drawn(rng))
    total = 0.0
    for start in range(0, len(order), plan.batch):
        chosen = order[start : start + plan.batch]
        values, targets = training.batch(chosen, rng)
        loss = _training_loss(run.network, torch.from_numpy(values), torch.from_numpy(targets), plan)
        run.optimizer.zero_grad()
        loss.backward()
        run.optimizer.step()
        run.averaged.update_parameters(run.network)
        total += float(loss.detach()) * len(chosen)
    return total / len(order)


def _training_loss(network: ScoringLSTM, values: torch.Tensor, targets: torch.Tensor, plan: Plan) -> torch.Tensor:
    criterion = nn.CrossEntropyLoss(label_smoothing=plan.label_smoothing)
    if not plan.replication:
        return criterion(network(values), targets)
    prefixes = network.prefix_scores(values)
    of_prefixes = criterion(prefixes.transpose(1, 2), targets[:, None].expand(prefixes.shape[:2]))
    return (1 - plan.replication) * criterion(prefixes[:, -1], targets) + plan.replication * of_prefixes


def _validation_loss(network: ScoringLSTM, values: np.ndarray, targets: np.ndarray, balanced: bool) -> float:
    scores, _ = scored(network, values)
    scores = scores - scores.max(axis=1, keepdims=True)
    losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(targets)), targets]
    if not balanced:
        return float(losses.mean())
    return float(np.mean([losses[targets == target].mean() for target in np.unique(targets)]))
