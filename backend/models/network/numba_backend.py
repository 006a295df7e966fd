"""A frozen LSTM computed by kernels that numba compiles: faster than torch and its autograd."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numpy as np
import torch

from backend.models.network import numba_kernels as kernels
from backend.models.network.denormals import flush_denormals
from backend.models.network.frozen_lstm import Cotangent
from backend.models.network.lstm import ScoringLSTM

__all__ = ["NumbaLSTM"]

_AT_ONCE = 32
"""Windows that one core reads together: enough to share each load of the weights, few enough for its cache."""

_Part = TypeVar("_Part")


class NumbaLSTM:
    """A network of one layer. Each core works on its own windows and never waits for another."""

    def __init__(self, network: ScoringLSTM) -> None:
        self._architecture = network.architecture
        own = {name: weights.detach().numpy() for name, weights in network.lstm.named_parameters()}
        self._hidden = network.architecture.hidden
        self._units = -(-self._hidden // kernels.PANEL) * kernels.PANEL
        self._input = self._pad_gates(own["weight_ih_l0"]).T.copy()
        recurrent = self._pad_gates(own["weight_hh_l0"])
        recurrent = np.pad(recurrent, ((0, 0), (0, self._units - self._hidden)))
        self._bias = self._pad_gates((own["bias_ih_l0"] + own["bias_hh_l0"])[:, np.newaxis])[:, 0].copy()
        self._input_panels = kernels.pack_panels(self._input)
        self._input_strips = kernels.pack_panels(self._input.T, kernels.LANES)
        self._recurrent = kernels.pack_panels(recurrent.T)
        self._recurrent_back = kernels.pack_panels(recurrent)
        self._readout = np.zeros((network.architecture.classes, self._units), dtype=np.float32)
        self._readout[:, : self._hidden] = network.readout.weight.detach().numpy()
        self._readout_bias = network.readout.bias.detach().numpy()
        self._workspaces = threading.local()

    def _pad_gates(self, weights: np.ndarray) -> np.ndarray:
        """Return the rows of the four gates, each gate padded to the units, shape = (4 * units, K)."""
        gates = weights.reshape(4, self._hidden, -1)
        return np.pad(gates, ((0, 0), (0, self._units - self._hidden), (0, 0))).reshape(4 * self._units, -1)

    def gradients(self, values: np.ndarray, cotangent: Cotangent) -> np.ndarray:
        """See ``FrozenLSTM``."""
        found = np.empty(values.shape, dtype=np.float32)

        def derive(part: slice) -> None:
            workspace = self._read(values[part])
            found[part] = self._input_gradients(workspace, cotangent(part, workspace.scores)).reshape(found[part].shape)

        _run_in_parts(len(values), derive)
        return found

    def score_variants(self, window: np.ndarray, variants: np.ndarray) -> np.ndarray:
        """See ``FrozenLSTM``."""
        base, values = self._reads(window[np.newaxis])[0], self._reads(variants)
        projected = np.repeat(self._bias[np.newaxis], len(base), axis=0)
        kernels.add_product(base, self._input_panels, projected)
        features = np.empty((len(variants), self._units), dtype=np.float32)
        differs = kernels.find_differences(values, base)
        order = np.argsort(np.where(differs.any(axis=1), differs.argmax(axis=1), len(base)), kind="stable")
        mean = self._architecture.pooling == "mean"

        def read(chosen: np.ndarray) -> None:
            with flush_denormals():
                kernels.read_variants(
                    values, base, chosen, differs, projected, self._input, self._recurrent, mean, features
                )

        threads = torch.get_num_threads()
        _run_each([order[first::threads] for first in range(threads)], read)
        return features @ self._readout.T + self._readout_bias

    def _reads(self, values: np.ndarray) -> np.ndarray:
        """Return windows as the layer reads them, shape = (n, R, K)."""
        stacked = self._architecture.steps_per_read
        n, steps, variables = values.shape
        if variables != self._architecture.variables:
            # The kernels do not check the bounds of an array.
            raise ValueError(f"the network reads {self._architecture.variables} variables, not {variables}")
        if steps % stacked:
            raise ValueError(f"{steps} steps cannot be read {stacked} at a time")
        whole = np.ascontiguousarray(values, dtype=np.float32)
        return whole.reshape(n, steps // stacked, stacked * variables)

    def _read(self, values: np.ndarray) -> "_Workspace":
        """Run the forward pass of some windows; return their scores and all that the backward pass needs."""
        reads = self._reads(values).transpose(1, 0, 2)
        workspace = self._workspace(*reads.shape[:2])
        workspace.inputs[:] = reads.reshape(workspace.inputs.shape)
        workspace.gates[:] = self._bias
        with flush_denormals():
            kernels.add_product(
                workspace.inputs, self._input_panels, workspace.gates.reshape(len(workspace.inputs), -1)
            )
            kernels.forward(
                workspace.gates,
                self._recurrent,
                workspace.cells,
                workspace.tanh_cells,
                workspace.hidden,
                workspace.total,
            )
        features = (
            workspace.hidden if self._architecture.pooling == "last" else workspace.total / np.float32(len(reads))
        )
        workspace.scores = features @ self._readout.T + self._readout_bias
        return workspace

    def _input_gradients(self, workspace: "_Workspace", score_gradients: np.ndarray) -> np.ndarray:
        feature_gradients = score_gradients.astype(np.float32) @ self._readout
        no_gradient = np.zeros_like(feature_gradients)
        if self._architecture.pooling == "last":
            last_gradient, each_gradient = feature_gradients, no_gradient
        else:
            last_gradient, each_gradient = no_gradient, feature_gradients / np.float32(len(workspace.gates))
        workspace.gradients[:] = 0.0
        with flush_denormals():
            kernels.backward(
                workspace.gates,
                self._recurrent_back,
                workspace.cells,
                workspace.tanh_cells,
                last_gradient,
                each_gradient,
                workspace.hidden,
                workspace.total,
            )
            kernels.add_strip_product(
                workspace.gates.reshape(len(workspace.inputs), -1), self._input_strips, workspace.gradients
            )
        reads, windows = workspace.cells.shape[:2]
        by_read = workspace.gradients[:, : workspace.inputs.shape[1]].reshape(reads, windows, -1)
        return by_read.transpose(1, 0, 2)

    def _workspace(self, reads: int, windows: int) -> "_Workspace":
        """Return this thread's workspace, kept between calls: allocating it each time took a tenth of the time."""
        workspace = getattr(self._workspaces, "workspace", None)
        if workspace is None or workspace.cells.shape[:2] != (reads, windows):
            width = self._input.shape[0]
            strips = self._input_strips.shape[0] * kernels.LANES
            workspace = self._workspaces.workspace = _Workspace(reads, windows, self._units, width, strips)
        return workspace


class _Workspace:
    """Arrays that one forward and backward pass of some windows fills."""

    def __init__(self, reads: int, windows: int, units: int, width: int, strips: int) -> None:
        self.inputs = np.empty((reads * windows, width), dtype=np.float32)
        self.gates = np.empty((reads, windows, 4 * units), dtype=np.float32)
        self.cells = np.empty((reads, windows, units), dtype=np.float32)
        self.tanh_cells = np.empty((reads, windows, units), dtype=np.float32)
        self.hidden = np.empty((windows, units), dtype=np.float32)
        self.total = np.empty((windows, units), dtype=np.float32)
        self.gradients = np.empty((reads * windows, strips), dtype=np.float32)
        self.scores = np.empty((windows, 0), dtype=np.float32)


def _run_in_parts(windows: int, work: Callable[[slice], None]) -> None:
    """Run the work for all windows, a few at a time."""
    threads = torch.get_num_threads()
    size = max(1, min(_AT_ONCE, -(-windows // threads)))
    _run_each([slice(first, min(first + size, windows)) for first in range(0, windows, size)], work)


def _run_each(parts: Sequence[_Part], work: Callable[[_Part], None]) -> None:
    """Run the work for each part, on as many cores as torch would use."""
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
