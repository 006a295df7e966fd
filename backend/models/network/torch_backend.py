"""A frozen LSTM computed by torch and its autograd: for any network, and without numba."""

import numpy as np
import torch

from backend.models.network.denormals import flush_denormals
from backend.models.network.frozen_lstm import Cotangent
from backend.models.network.lstm import ScoringLSTM

__all__ = ["TorchLSTM"]

_AT_ONCE = 256
"""Windows whose states autograd keeps at once: some hundred megabytes."""

_READS_AT_ONCE = 12
"""Reads for which the batch keeps its size; fewer waste less work, but more calls cost more overhead."""


class TorchLSTM:
    """A network of any number of layers."""

    def __init__(self, network: ScoringLSTM) -> None:
        self._network = network

    def gradients(self, values: np.ndarray, cotangent: Cotangent) -> np.ndarray:
        """See ``FrozenLSTM``."""
        found = np.empty(values.shape, dtype=np.float32)
        for first in range(0, len(values), _AT_ONCE):
            part = slice(first, min(first + _AT_ONCE, len(values)))
            read = torch.from_numpy(np.array(values[part], dtype=np.float32)).requires_grad_()
            with flush_denormals():
                scores = self._network(read)
                score_gradients = torch.from_numpy(cotangent(part, scores.detach().numpy()).astype(np.float32))
                found[part] = torch.autograd.grad(scores, read, score_gradients)[0].numpy()
        return found

    def score_variants(self, window: np.ndarray, variants: np.ndarray) -> np.ndarray:
        """Score variants in a growing batch.

        Row 0 is the window; a variant joins as a copy of row 0 where it begins to differ.
        """
        begins = (variants != window).any(axis=2).argmax(axis=1)
        order = np.argsort(begins, kind="stable")
        own = window[np.newaxis].astype(np.float32)
        values = torch.from_numpy(np.concatenate([own, variants[order].astype(np.float32)]))
        stacked, steps = self._network.architecture.steps_per_read, len(window)
        state: tuple[torch.Tensor, torch.Tensor] | None = None
        read_sum = torch.zeros(1, self._network.architecture.hidden)
        read_last = read_sum
        with torch.inference_mode():
            for start in range(0, steps, _READS_AT_ONCE * stacked):
                stop = min(start + _READS_AT_ONCE * stacked, steps)
                running = len(values) if stop == steps else 1 + int(np.searchsorted(begins[order], stop))
                state, read_sum = self._extend_state(state, running), _repeat_first(read_sum, running, dim=0)
                reads = values[:running, start:stop].reshape(running, (stop - start) // stacked, -1)
                states, state = self._network.lstm(reads, state)
                read_sum = read_sum + states.sum(dim=1)
                read_last = states[:, -1]
            is_last = self._network.architecture.pooling == "last"
            scores = self._network.readout(read_last if is_last else read_sum / (steps // stacked))[1:]
        found = np.empty(scores.shape, dtype=np.float32)
        found[order] = scores.numpy()
        return found

    def _extend_state(
        self, state: tuple[torch.Tensor, torch.Tensor] | None, rows: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the state with the missing rows added as copies of the window's, each (layers, rows, hidden)."""
        if state is None:
            blank = torch.zeros(self._network.architecture.layers, rows, self._network.architecture.hidden)
            return blank, blank
        return _repeat_first(state[0], rows, dim=1), _repeat_first(state[1], rows, dim=1)


def _repeat_first(rows: torch.Tensor, length: int, dim: int) -> torch.Tensor:
    """Return ``rows`` extended to ``length`` along ``dim`` by copies of the first row."""
    shape = list(rows.shape)
    shape[dim] = length - rows.shape[dim]
    return torch.cat([rows, rows.narrow(dim, 0, 1).expand(shape)], dim=dim)
