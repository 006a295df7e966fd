"""The training loop: resumable, and reproducible from its seed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from backend.models.network.denormals import flush_denormals
from backend.models.network.lstm import Architecture, ScoringLSTM, score_with_features
from backend.models.training.examples import Examples
from backend.records.record import RecordRefused

__all__ = ["History", "Plan", "epoch_bar", "train_network"]

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """Hyperparameters of the training; part of the card.

    Attributes
    ----------
    epochs : int
        At most this many.
    patience : int
        Training stops after this many epochs without a lower validation loss.
    batch : int
        Examples in a batch.
    learning_rate, weight_decay : float
        Of Adam; the decay is added to the gradient (L2 penalty).
    decay : float
        Share of the epochs, at the end, over which the learning rate falls linearly towards 0.
    draw : mapping of str to int, or None
        Examples of each label that an epoch draws; None draws all.
    balanced_validation : bool
        Whether the validation loss is the mean over classes rather than over beats.
    label_smoothing : float
        Share of each target that is spread over all classes.
    averaging : float
        Decay, per batch, of the exponential moving average of the weights, which reduces their variation between
        epochs (Polyak & Juditsky 1992); 0 keeps the last weights.
    replication : float
        Share of the loss that is the mean loss over all prefixes of the window rather than that of the whole window
        (target replication, Lipton et al. 2016), so that class scores over time are meaningful.
    augmentation : dataclass or None
        Parameters of the random augmentation of the examples.
    max_gradient : float
        The gradient of all weights together is scaled down to this norm; 0 leaves it as it is.
    seed : int
    """

    epochs: int = 100
    patience: int = 8
    batch: int = 200
    learning_rate: float = 0.001
    weight_decay: float = 0.001
    decay: float = 0.0
    draw: Mapping[str, int] | None = None
    balanced_validation: bool = False
    label_smoothing: float = 0.0
    averaging: float = 0.0
    replication: float = 0.0
    augmentation: Any = None
    max_gradient: float = 0.0
    seed: int = 2018


@dataclass
class History:
    """Training and validation loss of each epoch."""

    training: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """The epoch of the lowest validation loss, counted from 1; 0 before the first."""
        return int(np.argmin(self.validation)) + 1 if self.validation else 0

    @property
    def epochs_without_gain(self) -> int:
        """The number of epochs since the best one."""
        return len(self.validation) - self.best_epoch


def train_network(
    training: Examples,
    validation: tuple[np.ndarray, np.ndarray],
    architecture: Architecture,
    plan: Plan,
    checkpoint: Path,
    progress: Progress = lambda line: None,
) -> tuple[ScoringLSTM, History]:
    """Train a network and return it with the weights of the lowest validation loss, and its history.

    The random numbers of an epoch depend on (seed, epoch) alone, so that a run that is interrupted and resumed from
    ``checkpoint`` gives the same network, bit for bit, as an uninterrupted one.

    Parameters
    ----------
    training : Examples
    validation : (float32 array, shape = (n, T, D), float32 array, shape = (n, C))
        Windows of other patients, without augmentation, and the classes that their labels allow.
    checkpoint : Path
        Written after every epoch; training resumes from an existing one.
    progress : callable
        Called with one line of text after each epoch.

    Raises
    ------
    RecordRefused
        If the checkpoint belongs to another architecture or plan; only the number of epochs may differ.
    """
    torch.manual_seed(plan.seed)
    run = _Run(architecture, plan)
    run.resume(checkpoint)
    history = run.history
    with flush_denormals():
        while len(history.validation) < plan.epochs and history.epochs_without_gain < plan.patience:
            epoch = len(history.validation) + 1
            torch.manual_seed(plan.seed * 1000 + epoch)
            for group in run.optimizer.param_groups:
                group["lr"] = _learning_rate(plan, epoch)
            history.training.append(_train_one_epoch(run, training, np.random.default_rng((plan.seed, epoch))))
            averaged = cast(ScoringLSTM, run.averaged.module)
            history.validation.append(_validation_loss(averaged, *validation, plan.balanced_validation))
            if history.best_epoch == epoch:
                run.best = {key: value.clone() for key, value in averaged.state_dict().items()}
            run.save(checkpoint)
            progress(f"epoch {epoch}: training {history.training[-1]:.4f}, validation {history.validation[-1]:.4f}")
    run.network.load_state_dict(run.best)
    run.network.eval()
    return run.network, history


@contextmanager
def epoch_bar(description: str, epochs: int) -> Iterator[Progress]:
    """Show a progress bar of the epochs on the terminal; yields what `train_network` takes as ``progress``."""
    with tqdm(total=epochs, desc=description, unit="epoch") as bar:

        def report(line: str) -> None:
            bar.update()
            bar.set_postfix_str(line)

        yield report


class _Run:
    """The state of a training run: all that a checkpoint holds."""

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
                f"The checkpoint {checkpoint.name} belongs to another plan or network. Remove {checkpoint.parent.name} "
                "or give another folder with --runs."
            )
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.averaged.load_state_dict(state["averaged"])
        self.history = History(state["training"], state["validation"])
        self.best = state["best"]


def _train_one_epoch(run: _Run, training: Examples, rng: np.random.Generator) -> float:
    """Update the weights on one draw of the examples and return the mean loss."""
    plan = run.plan
    run.network.train()
    order = rng.permutation(training.draw(rng))
    total = 0.0
    for start in range(0, len(order), plan.batch):
        chosen = order[start : start + plan.batch]
        values, allowed = training.make_batch(chosen, rng)
        loss = _training_loss(run.network, torch.from_numpy(values), torch.from_numpy(allowed), plan)
        run.optimizer.zero_grad()
        loss.backward()
        if plan.max_gradient:
            nn.utils.clip_grad_norm_(run.network.parameters(), plan.max_gradient)
        run.optimizer.step()
        run.averaged.update_parameters(run.network)
        total += float(loss.detach()) * len(chosen)
    return total / len(order)


def _learning_rate(plan: Plan, epoch: int) -> float:
    """Return the learning rate of an epoch, counted from 1."""
    if not plan.decay:
        return plan.learning_rate
    return plan.learning_rate * min(1.0, (plan.epochs - epoch + 1) / (plan.epochs * plan.decay))


def _training_loss(network: ScoringLSTM, values: torch.Tensor, allowed: torch.Tensor, plan: Plan) -> torch.Tensor:
    if not plan.replication:
        return _label_loss(network(values), allowed, plan.label_smoothing).mean()
    prefixes = network.prefix_scores(values)
    prefix_loss = _label_loss(prefixes, allowed[:, None], plan.label_smoothing).mean()
    whole_loss = _label_loss(prefixes[:, -1], allowed, plan.label_smoothing).mean()
    return (1 - plan.replication) * whole_loss + plan.replication * prefix_loss


def _label_loss(scores: torch.Tensor, allowed: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Return minus the log probability that the class is one of the allowed ones, smoothed over all classes.

    Parameters
    ----------
    scores : tensor, shape = (..., C)
    allowed : tensor, shape = (..., C)
    smoothing : float
        Share of the loss that is the mean cross-entropy over all classes.
    """
    log_probabilities = scores.log_softmax(dim=-1)
    # Every class that is not allowed gets a log probability of minus infinity; one is always allowed.
    own = torch.logsumexp(log_probabilities.masked_fill(allowed == 0, -torch.inf), dim=-1)
    return -(1 - smoothing) * own - smoothing * log_probabilities.mean(dim=-1)


def _validation_loss(network: ScoringLSTM, values: np.ndarray, allowed: np.ndarray, balanced: bool) -> float:
    """Return the loss over all windows, or the mean over the labels; a label is a set of allowed classes."""
    scores, _ = score_with_features(network, values)
    losses = _label_loss(torch.from_numpy(scores), torch.from_numpy(allowed), 0.0).numpy()
    if not balanced:
        return float(losses.mean())
    _, label = np.unique(allowed, axis=0, return_inverse=True)
    return float(np.mean([losses[label == own].mean() for own in range(label.max() + 1)]))
