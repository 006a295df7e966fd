"""The ensemble that reads a stay: several small LSTMs, each chosen on stays it was not trained on, made into one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from backend.models.network.ensemble import merged
from backend.models.network.lstm import Architecture, ScoringLSTM
from backend.models.training.loop import History, Plan, train_network
from backend.models.training.stays.labelled_stays import FOLDS, LabelledStays, StayDeal
from backend.models.training.stays.stay_examples import StayAugmentation, StayExamples
from backend.records.stays import OUTCOMES, PARAMETERS, STATICS
from backend.windows.stay_windows import HOURS, StayWindow, fitted_window

__all__ = [
    "MEMBERS",
    "PLAN",
    "TrainedStays",
    "scores_by_hour",
    "stay_values",
    "targets_of",
    "train_ensemble",
    "training_window",
]

MEMBERS = 1
"""Networks for each fold, from different seeds."""

_HIDDEN = 48
PLAN = Plan(
    epochs=24,
    patience=6,
    batch=128,
    learning_rate=0.002,
    weight_decay=6e-4,
    averaging=0.995,
    replication=0.5,
    augmentation=StayAugmentation(),
    seed=2012,
)

_SAID_OF_EACH = ("value", "measured", "hours since", "distance")
_MEASURED = tuple(name for name in PARAMETERS if name not in (*STATICS, "MechVent"))
_COLUMNS = (
    *((parameter, quantity) for parameter in ("Age", "Height") for quantity in ("value", "distance")),
    ("Gender", "value"),
    *(("ICUType", f"is {code}") for code in PARAMETERS["ICUType"].choices),
    *(("Weight", quantity) for quantity in ("value", "measured", "distance")),
    *(("MechVent", quantity) for quantity in ("value", "measured", "hours since")),
    *((parameter, quantity) for parameter in _MEASURED for quantity in _SAID_OF_EACH),
)
_LOGARITHMIC = (
    *("Urine", "BUN", "Creatinine", "Bilirubin", "ALT", "AST", "ALP", "Glucose", "WBC", "Platelets", "Lactate"),
    *("TroponinI", "TroponinT", "PaO2", "Cholesterol"),
)
_PLAIN = ("ICUType", "MechVent")


@dataclass(frozen=True, eq=False)
class TrainedStays:
    """What training on stays gives.

    Attributes
    ----------
    network : ScoringLSTM
        All members as one.
    window : StayWindow
    held_out_scores : float32 array, shape = (n_training, 48, 2)
        What those members say of each training stay, after each hour, that were not trained on it.
    epochs : tuple of int
        After which each member was kept.
    """

    network: ScoringLSTM
    window: StayWindow
    held_out_scores: np.ndarray
    epochs: tuple[int, ...]


def training_window(stays: LabelledStays) -> StayWindow:
    """The window of the bundle, with the means and deviations of these stays."""
    return fitted_window(_COLUMNS, _LOGARITHMIC, _PLAIN, stays.grid)


def stay_values(stays: LabelledStays, window: StayWindow) -> np.ndarray:
    """What the network reads of each stay, float32, shape = (n, 48, D)."""
    return window.values_of(stays.grid[:, :, [list(PARAMETERS).index(name) for name in window.parameters]])


def targets_of(died: np.ndarray) -> np.ndarray:
    """Indices of OUTCOMES, int64, shape = (n,)."""
    return np.where(died, OUTCOMES.index("death"), OUTCOMES.index("survival")).astype(np.int64)


def train_ensemble(deal: StayDeal, runs: Path) -> TrainedStays:
    """Train MEMBERS networks for each fold on the other folds, and make one network of all.

    Every training stay is thus read by most members in training, and each has members that do not know it, whose
    scores choose the epochs, the temperature and the weights of the classes.

    Parameters
    ----------
    runs : Path
        Folder of the checkpoints; a run that was cut goes on where it was.
    """
    window = training_window(deal.training)
    values, targets = stay_values(deal.training, window), targets_of(deal.training.died)
    architecture = Architecture(
        variables=len(window.variables), classes=len(OUTCOMES), hidden=_HIDDEN, pooling="last", dropout=0.4
    )
    held_out = np.zeros((len(targets), HOURS, len(OUTCOMES)), dtype=np.float32)
    networks, epochs = [], []
    for fold, seed in _members():
        out = deal.folds == fold
        examples = StayExamples(values[~out], targets[~out], window, PLAN.augmentation)
        checkpoint = runs / f"fold{fold}-seed{seed}.pt"
        network, history = _trained(examples, (values[out], targets[out]), architecture, seed, checkpoint)
        held_out[out] += scores_by_hour(network, values[out]) / MEMBERS
        networks.append(network)
        epochs.append(history.best_epoch)
    return TrainedStays(merged(networks), window, held_out, tuple(epochs))


def _trained(
    examples: StayExamples,
    validation: tuple[np.ndarray, np.ndarray],
    architecture: Architecture,
    seed: int,
    checkpoint: Path,
) -> tuple[ScoringLSTM, History]:
    plan = replace(PLAN, seed=seed)
    with tqdm(total=plan.epochs, desc=checkpoint.stem, unit="epoch") as bar:

        def told(line: str) -> None:
            bar.update()
            bar.set_postfix_str(line)

        return train_network(examples, validation, architecture, plan, checkpoint, told)


def _members() -> Iterator[tuple[int, int]]:
    """The fold and the seed of each member."""
    for fold in range(FOLDS):
        for member in range(MEMBERS):
            yield fold, PLAN.seed + MEMBERS * fold + member


def scores_by_hour(network: ScoringLSTM, values: np.ndarray, batch: int = 512) -> np.ndarray:
    """Class scores of every prefix, float32, shape = (n, 48, C), of windows (n, 48, D)."""
    network.eval()
    with torch.inference_mode():
        parts = [
            network.prefix_scores(torch.from_numpy(values[start : start + batch])).numpy()
            for start in range(0, len(values), batch)
        ]
    return np.concatenate(parts)
