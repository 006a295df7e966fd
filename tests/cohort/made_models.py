"""A small model with test patients, and a database in miniature that holds them."""

from pathlib import Path

import torch

from backend.models.bundle import save_bundle
from backend.models.network.lstm import Architecture, ScoringLSTM
from backend.windows.beats.beat_windows import BeatWindow
from tests.models.made_databases import copy_samples

RECORDS = ("sim_bigeminy", "sim_normal", "sim_paced")
CLASSES = ("normal", "PVC", "paced")


def write_toy(into: Path, window: BeatWindow | None = None) -> None:
    """A model of random weights that was "tested" on three of the simulated samples, as folder ``into``/toy."""
    torch.manual_seed(3)
    window = window or BeatWindow()
    network = ScoringLSTM(Architecture(len(window.variables), classes=len(CLASSES), hidden=6))
    with torch.no_grad():
        network.lstm.weight_ih_l0.mul_(4.0)
    card = {
        "classes": list(CLASSES),
        "temperature": 1.0,
        "certain_from": 0.8,
        "test_set": {"patients": [f"mitdb-{name}" for name in RECORDS]},
    }
    save_bundle("toy", network, None, window, card, into)


def write_data(into: Path) -> None:
    """The samples as ``into``/mitdb, and one that is no test patient's."""
    copy_samples((*RECORDS, "sim_right_bundle_branch_block"), into / "mitdb")
