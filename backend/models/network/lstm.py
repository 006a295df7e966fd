"""The network: an LSTM whose class scores can be read after every step."""

import copy
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import nn

__all__ = ["Architecture", "ScoringLSTM", "add_offsets", "score_prefixes", "score_with_features"]


@dataclass(frozen=True)
class Architecture:
    """Shape of the network; part of its card.

    Attributes
    ----------
    variables : int
        D.
    classes : int
        C.
    hidden : int
        Units of each layer.
    layers : int
    steps_per_read : int
        Consecutive steps that the LSTM reads at once (frame stacking, as in acoustic models: Sak et al. 2015). 1 reads
        step by step. More shortens the way that a gradient has to go, and the time, by that factor.
    pooling : ``last`` or ``mean``
        The class score of a prefix: the read-out of the last state (van der Westhuizen & Lasenby 2018), or the mean of
        the read-outs so far (van der Westhuizen & Lasenby 2017).
    dropout : float
        Share of the states that is dropped before the read-out while training.
    """

    variables: int
    classes: int
    hidden: int = 128
    layers: int = 1
    steps_per_read: int = 1
    pooling: Literal["last", "mean"] = "last"
    dropout: float = 0.1


class ScoringLSTM(nn.Module):
    """LSTM layers with a linear read-out of the class scores."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.lstm = nn.LSTM(
            architecture.variables * architecture.steps_per_read,
            architecture.hidden,
            num_layers=architecture.layers,
            batch_first=True,
        )
        self.dropout = nn.Dropout(architecture.dropout)
        self.readout = nn.Linear(architecture.hidden, architecture.classes)
        self._open_forget_gates()

    def _open_forget_gates(self) -> None:
        """Set the forget-gate bias to 1 (Gers et al. 2000; Jozefowicz et al. 2015), so early steps are not lost."""
        hidden = self.architecture.hidden
        with torch.no_grad():
            for layer in range(self.architecture.layers):
                getattr(self.lstm, f"bias_ih_l{layer}")[hidden : 2 * hidden] = 1.0
                getattr(self.lstm, f"bias_hh_l{layer}")[hidden : 2 * hidden] = 0.0

    def states(self, values: torch.Tensor) -> torch.Tensor:
        """Return the hidden states of the last layer for values (n, T, D), shape = (n, T / steps_per_read, hidden)."""
        n, steps, variables = values.shape
        stacked = self.architecture.steps_per_read
        if steps % stacked:
            raise ValueError(f"{steps} steps cannot be read {stacked} at a time")
        hidden, _ = self.lstm(values.reshape(n, steps // stacked, stacked * variables))
        return hidden

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return the class scores before the softmax, shape = (n, C), of whole windows (n, T, D)."""
        return self.readout(self.dropout(self.features(values)))

    def prefix_scores(self, values: torch.Tensor) -> torch.Tensor:
        """Return the class scores of each prefix that ends with a read, shape = (n, T / steps_per_read, C).

        The read-out is linear, so that the read-out of a mean is the mean of the read-outs.
        """
        read = self.readout(self.dropout(self.states(values)))
        if self.architecture.pooling == "last":
            return read
        reads = torch.arange(1, read.shape[1] + 1, dtype=read.dtype, device=read.device)
        return read.cumsum(dim=1) / reads[:, None]

    def features(self, values: torch.Tensor) -> torch.Tensor:
        """Return the inputs of the read-out, shape = (n, hidden)."""
        states = self.states(values)
        return states[:, -1] if self.architecture.pooling == "last" else states.mean(dim=1)


def add_offsets(network: ScoringLSTM, offsets: np.ndarray) -> ScoringLSTM:
    """Return a copy of a network in evaluation mode whose class scores are higher by offsets (C,)."""
    changed = copy.deepcopy(network).eval()
    with torch.no_grad():
        changed.readout.bias.add_(torch.from_numpy(offsets.astype(np.float32)))
    return changed


def score_with_features(network: ScoringLSTM, values: np.ndarray, batch: int = 512) -> tuple[np.ndarray, np.ndarray]:
    """Return class scores (n, C) and features (n, hidden) of windows (n, T, D), float32, in one pass."""
    network.eval()
    features = np.zeros((len(values), network.architecture.hidden), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(values), batch):
            part = np.ascontiguousarray(values[start : start + batch], dtype=np.float32)
            features[start : start + batch] = network.features(torch.from_numpy(part)).numpy()
        return network.readout(torch.from_numpy(features)).numpy(), features


def score_prefixes(network: ScoringLSTM, values: np.ndarray, batch: int = 512) -> np.ndarray:
    """Return the class scores after each read, float32, shape = (n, T / steps_per_read, C), of windows (n, T, D)."""
    network.eval()
    n_reads = values.shape[1] // network.architecture.steps_per_read
    scores = np.zeros((len(values), n_reads, network.architecture.classes), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(values), batch):
            part = np.ascontiguousarray(values[start : start + batch], dtype=np.float32)
            scores[start : start + batch] = network.prefix_scores(torch.from_numpy(part)).numpy()
    return scores
