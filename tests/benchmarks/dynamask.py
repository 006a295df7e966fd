"""Dynamask (Crabbé & van der Schaar 2021) by the published library ``tint``, for one window."""

import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from safetensors.torch import save_file

from backend.models.bundle import Bundle
from backend.models.network.denormals import flush_denormals

__all__ = ["seconds_as_users_get_it", "with_denormals_flushed"]

_AS_USERS_GET_IT = """
import sys, time
import torch
from safetensors.torch import load_file
from tint.attr import DynaMask

given = load_file(sys.argv[1])
class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(given["values"].shape[2], given["lstm.weight_hh_l0"].shape[1], batch_first=True)
        self.readout = torch.nn.Linear(*given["readout.weight"].shape[::-1])
    def forward(self, values):
        return self.readout(self.lstm(values)[0][:, -1])
network = Network()
network.load_state_dict({name: weights for name, weights in given.items() if name != "values"})
for _ in range(int(sys.argv[2])):
    started = time.perf_counter()
    DynaMask(network).attribute(given["values"])
    print("seconds", time.perf_counter() - started)
"""
"""All defaults, 100 epochs, in a process that knows nothing of Beatlight; for a network that reads step by step."""


def with_denormals_flushed(bundle: Bundle, window: np.ndarray, epochs: int) -> Callable[[], object]:
    """A call that learns one mask with the library's defaults, but denormals flushed and nothing printed or saved."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pytorch_lightning import Trainer
        from tint.attr import DynaMask

    for name in ("pytorch_lightning", "lightning.pytorch", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    technique = DynaMask(bundle.network)
    values = torch.from_numpy(window[np.newaxis])

    def learn() -> object:
        with flush_denormals(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            silent = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
            trainer = Trainer(max_epochs=epochs, enable_checkpointing=False, **silent)
            return technique.attribute(values, trainer=trainer)

    return learn


def seconds_as_users_get_it(bundle: Bundle, window: np.ndarray, rounds: int) -> Callable[[], list[float]]:
    """A call that gives the seconds of several maskings of 100 epochs by a script as the library's users write it."""

    def learn() -> list[float]:
        with TemporaryDirectory() as folder:
            given = {name: weights.contiguous() for name, weights in bundle.network.state_dict().items()}
            save_file({**given, "values": torch.from_numpy(window[np.newaxis].copy())}, Path(folder) / "given")
            told = subprocess.run(
                [sys.executable, "-c", _AS_USERS_GET_IT, "given", str(rounds)],
                cwd=folder,
                env={name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "KMP_"))},
                capture_output=True,
                text=True,
                check=True,
            )
        return [float(line.split()[1]) for line in told.stdout.splitlines() if line.startswith("seconds ")]

    return learn
