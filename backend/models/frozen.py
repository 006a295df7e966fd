"""An LSTM whose weights stay as they are: its scores, and their slopes by what it reads, faster than by autograd."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import torch

from backend.models.denormals import flushed_denormals
from backend.models.lstm import Architecture, ScoringLSTM, scored

try:
    from backend.models import lstm_kernels as kernels
except ImportError:
    kernels = None  # type: ignore[assignment]

__all__ = ["Cotangent", "FrozenLSTM", "compile_ahead", "compiled", "frozen", "plain"]

Cotangent = Callable[[slice, np.ndarray], np.ndarray]
"""Called with a slice of the windows and their class scores (m, C); gives the slope of what is explained by them."""

_AT_ONCE = 32
"""Windows that one core reads together: enough to share each load of the weights, few enough for its cache."""

_AT_ONCE_PLAIN = 256
"""Windows whose states autograd keeps: some hundred megabytes."""

_READS_AT_ONCE = 12
"""Reads for which the batch stays the same; fewer mean less wasted work, but more calls with their overhead."""

_Part = TypeVar("_Part")


class FrozenLSTM(Protocol):
    """What an explanation asks of a network. Arrays are float32; all are of its own shape (n, T, D) or classes C."""

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Class scores before the softmax, shape = (n, C)."""
        ...

    def slopes(self, values: np.ndarray, cotangent: Cotangent) -> np.ndarray:
        """The slope, by each value, of what ``cotangent`` is the slope of by the class scores, shape = (n, T, D)."""
        ...

    def branched_scores(self, window: np.ndarray, variants: np.ndarray) -> np.ndarray:
        """Class scores of variants (n, T, D) of one window (T, D), shape = (n, C); what they share is read once."""
        ...


_known: "WeakKeyDictionary[ScoringLSTM, FrozenLSTM]" = WeakKeyDictionary()


def frozen(network: ScoringLSTM) -> FrozenLSTM:
    """The fastest way there is for a network; its kernels' weights are laid out once for each."""
    if kernels is None or network.architecture.layers > 1:
        # Not kept: it holds the network, which would then never be let go.
        return plain(network)
    found = _known.get(network)
    if found is None:
        found = _known[network] = compiled(network)
    return found


def compiled(network: ScoringLSTM) -> FrozenLSTM:
    """By kernels that numba compiles, for one layer. Each core has windows of its own and waits for no other."""
    return _Compiled(network)


def plain(network: ScoringLSTM) -> FrozenLSTM:
    """By torch and its autograd, for any network and without numba."""
    return _Plain(network)


def compile_ahead() -> None:
    """Have the kernels compiled, by a tiny network, where they are not on disk yet: some seconds on a new machine."""
    window = np.zeros((1, 2, 1), dtype=np.float32)
    tiny = frozen(ScoringLSTM(Architecture(variables=1, classes=1, hidden=1)).eval().requires_grad_(False))
    tiny.slopes(window, lambda part, scores: np.ones_like(scores))
    tiny.branched_scores(window[0], window)


class _Compiled:
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

    def scores(self, values: np.ndarray) -> np.ndarray:
        found = np.empty((len(values), len(self._readout)), dtype=np.float32)

        def read(part: slice) -> None:
            found[part] = self._read(values[part]).scores

        _in_parts(len(values), read)
        return found

    def slopes(self, values: np.ndarray, cotangent: Cotangent) -> np.ndarray:
        found = np.empty(values.shape, dtype=np.float32)

        def derive(part: slice) -> None:
            room = self._read(values[part])
            found[part] = self._slopes(room, cotangent(part, room.scores)).reshape(found[part].shape)

        _in_parts(len(values), derive)
        return found

    def branched_scores(self, window: np.ndarray, variants: np.ndarray) -> np.ndarray:
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


class _Plain:
    def __init__(self, network: ScoringLSTM) -> None:
        self._network = network

    def scores(self, values: np.ndarray) -> np.ndarray:
        return scored(self._network, values)[0]

    def slopes(self, values: np.ndarray, cotangent: Cotangent) -> np.ndarray:
        found = np.empty(values.shape, dtype=np.float32)
        for first in range(0, len(values), _AT_ONCE_PLAIN):
            part = slice(first, min(first + _AT_ONCE_PLAIN, len(values)))
            read = torch.from_numpy(np.array(values[part], dtype=np.float32)).requires_grad_()
            with flushed_denormals():
                scores = self._network(read)
                of_scores = torch.from_numpy(cotangent(part, scores.detach().numpy()).astype(np.float32))
                found[part] = torch.autograd.grad(scores, read, of_scores)[0].numpy()
        return found

    def branched_scores(self, window: np.ndarray, variants: np.ndarray) -> np.ndarray:
        """The batch grows: row 0 is the window, and a variant joins it as a copy of row 0 where it begins to differ."""
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
                state, read_sum = self._branched(state, running), _with_copies_of_first(read_sum, running, dim=0)
                reads = values[:running, start:stop].reshape(running, (stop - start) // stacked, -1)
                states, state = self._network.lstm(reads, state)
                read_sum = read_sum + states.sum(dim=1)
                read_last = states[:, -1]
            is_last = self._network.architecture.pooling == "last"
            scores = self._network.readout(read_last if is_last else read_sum / (steps // stacked))[1:]
        found = np.empty(scores.shape, dtype=np.float32)
        found[order] = scores.numpy()
        return found

    def _branched(
        self, state: tuple[torch.Tensor, torch.Tensor] | None, rows: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """State with the missing rows added as copies of the window's, each (layers, rows, hidden)."""
        if state is None:
            blank = torch.zeros(self._network.architecture.layers, rows, self._network.architecture.hidden)
            return blank, blank
        return _with_copies_of_first(state[0], rows, dim=1), _with_copies_of_first(state[1], rows, dim=1)


def _with_copies_of_first(rows: torch.Tensor, length: int, dim: int) -> torch.Tensor:
    """``rows`` made ``length`` long along ``dim`` by copies of the first row."""
    shape = list(rows.shape)
    shape[dim] = length - rows.shape[dim]
    return torch.cat([rows, rows.narrow(dim, 0, 1).expand(shape)], dim=dim)


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
