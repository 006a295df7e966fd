"""A frozen LSTM by kernels that numba compiles: two to three times faster than torch and its autograd."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numpy as np
import torch

from backend.models.network import numba_kernels as kernels
from backend.models.network.denormals import flushed_denormals
from backend.models.network.fixed_network import Cotangent
from backend.models.network.lstm import ScoringLSTM

__all__ = ["CompiledLSTM"]

_AT_ONCE = 32
"""Windows that one core reads together: enough to share each load of the weights, few enough for its cache."""

_Part = TypeVar("_Part")


class CompiledLSTM:
    """A network of one layer. Each core has windows of its own and waits for no other."""

    def __init__(self, network: ScoringLSTM) -> None:
        self._architecture = network.architecture
        own = {name: weights.detach().numpy() for name, weights in network.lstm.named_parameters()}
        self._hidden = network.architecture.hidden
        self._units = -(-self._hidden // kernels.PANEL) * kernels.PANEL
        self._input = self._gates_of(own["weight_ih_l0"]).T.copy()
        recurrent = self._gates_of(own["weight_hh_l0"])
        recurrent = np.pad(recurrent, ((0, 0), (0, self._units - self._hidden)))
        self._bias = self._gates_of((own["bias_ih_l0"] + own["bias_hh_l0"])[:, np.newaxis])[:, 0].copy()
        self._input_panels = kernels.panels_of(self._input)
        self._input_strips = kernels.panels_of(self._input.T, kernels.LANES)
        self._recurrent = kernels.panels_of(recurrent.T)
        self._back = kernels.panels_of(recurrent)
        self._readout = np.zeros((network.architecture.classes, self._units), dtype=np.float32)
        self._readout[:, : self._hidden] = network.readout.weight.detach().numpy()
        self._readout_bias = network.readout.bias.detach().numpy()
        self._rooms = threading.local()

    def _gates_of(self, weights: np.ndarray) -> np.ndarray:
        """The four gates' rows, each padded to the units, shape = (4 * units, K)."""
        gates = weights.reshape(4, self._hidden, -1)
        return np.pad(gates, ((0, 0), (0, self._units - self._hidden), (0, 0))).reshape(4 * self._units, -1)

    def slopes(self, values: np.ndarray, cotangent: Cotangent) -> np.ndarray:
        """As ``FrozenLSTM`` says."""
        found = np.empty(values.shape, dtype=np.float32)

        def derive(part: slice) -> None:
            room = self._read(values[part])
            found[part] = self._slopes(room, cotangent(part, room.scores)).reshape(found[part].shape)

        _in_parts(len(values), derive)
        return found

    def branched_scores(self, window: np.ndarray, variants: np.ndarray) -> np.ndarray:
        """As ``FrozenLSTM`` says."""
        base, values = self._reads(window[np.newaxis])[0], self._reads(variants)
        projected = np.repeat(self._bias[np.newaxis], len(base), axis=0)
        kernels.added_product(base, self._input_panels, projected)
        features = np.empty((len(variants), self._units), dtype=np.float32)
        differs = kernels.differences(values, base)
        order = np.argsort(np.where(differs.any(axis=1), differs.argmax(axis=1), len(base)), kind="stable")
        mean = self._architecture.pooling == "mean"

        def read(chosen: np.ndarray) -> None:
            with flushed_denormals():
                kernels.branched(values, base, chosen, differs, projected, self._input, self._recurrent, mean, features)

        threads = torch.get_num_threads()
        _each([order[first::threads] for first in range(threads)], read)
        return features @ self._readout.T + self._readout_bias

    def _reads(self, values: np.ndarray) -> np.ndarray:
        """Windows as the layer reads them, shape = (n, R, K)."""
        stacked = self._architecture.steps_per_read
        n, steps, variables = values.shape
        if variables != self._architecture.variables:
            # The kernels do not look where an array ends.
            raise ValueError(f"the network reads {self._architecture.variables} variables, not {variables}")
        if steps % stacked:
            raise ValueError(f"{steps} steps cannot be read {stacked} at a time")
        whole = np.ascontiguousarray(values, dtype=np.float32)
        return whole.reshape(n, steps // stacked, stacked * variables)

    def _read(self, values: np.ndarray) -> "_Room":
        """Scores of some windows, with all that the way back needs."""
        reads = self._reads(values).transpose(1, 0, 2)
        room = self._room(*reads.shape[:2])
        room.inputs[:] = reads.reshape(room.inputs.shape)
        room.gates[:] = self._bias
        with flushed_denormals():
            kernels.added_product(room.inputs, self._input_panels, room.gates.reshape(len(room.inputs), -1))
            kernels.forward(room.gates, self._recurrent, room.cells, room.bent, room.hidden, room.total)
        features = room.hidden if self._architecture.pooling == "last" else room.total / np.float32(len(reads))
        room.scores = features @ self._readout.T + self._readout_bias
        return room

    def _slopes(self, room: "_Room", of_scores: np.ndarray) -> np.ndarray:
        of_features = of_scores.astype(np.float32) @ self._readout
        nothing = np.zeros_like(of_features)
        if self._architecture.pooling == "last":
            of_last, of_each = of_features, nothing
        else:
            of_last, of_each = nothing, of_features / np.float32(len(room.gates))
        room.slopes[:] = 0.0
        with flushed_denormals():
            kernels.backward(room.gates, self._back, room.cells, room.bent, of_last, of_each, room.hidden, room.total)
            kernels.added_strips(room.gates.reshape(len(room.inputs), -1), self._input_strips, room.slopes)
        reads, windows = room.cells.shape[:2]
        by_read = room.slopes[:, : room.inputs.shape[1]].reshape(reads, windows, -1)
        return by_read.transpose(1, 0, 2)

    def _room(self, reads: int, windows: int) -> "_Room":
        """Room to work in, kept by each thread: asking the system for it anew took a tenth of the time."""
        room = getattr(self._rooms, "room", None)
        if room is None or room.cells.shape[:2] != (reads, windows):
            width = self._input.shape[0]
            strips = self._input_strips.shape[0] * kernels.LANES
            room = self._rooms.room = _Room(reads, windows, self._units, width, strips)
        return room


class _Room:
    """Arrays that one reading of some windows fills."""

    def __init__(self, reads: int, windows: int, units: int, width: int, strips: int) -> None:
        self.inputs = np.empty((reads * windows, width), dtype=np.float32)
        self.gates = np.empty((reads, windows, 4 * units), dtype=np.float32)
        self.cells = np.empty((reads, windows, units), dtype=np.float32)
        self.bent = np.empty((reads, windows, units), dtype=np.float32)
        self.hidden = np.empty((windows, units), dtype=np.float32)
        self.total = np.empty((windows, units), dtype=np.float32)
        self.slopes = np.empty((reads * windows, strips), dtype=np.float32)
        self.scores = np.empty((windows, 0), dtype=np.float32)


def _in_parts(windows: int, work: Callable[[slice], None]) -> None:
    """Do the work for all windows, a few at a time."""
    threads = torch.get_num_threads()
    size = max(1, min(_AT_ONCE, -(-windows // threads)))
    _each([slice(first, min(first + size, windows)) for first in range(0, windows, size)], work)


def _each(parts: Sequence[_Part], work: Callable[[_Part], None]) -> None:
    """Do the work for each part, on as many cores as torch would take."""
    threads = torch.get_num_threads()
    if len(parts) <= 1 or threads == 1:
        for part in parts:
            work(part)
    else:
        for _ in _pool(threads).map(work, parts):
            pass


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="beatlight-lstm")
