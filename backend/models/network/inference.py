"""The fastest backend for a network whose weights stay as they are."""

from weakref import WeakKeyDictionary

import numpy as np

from backend.models.network.frozen_lstm import FrozenLSTM
from backend.models.network.lstm import Architecture, ScoringLSTM
from backend.models.network.torch_backend import TorchLSTM

try:
    from backend.models.network.numba_backend import NumbaLSTM
except ImportError:
    NumbaLSTM = None  # type: ignore[assignment, misc]

__all__ = ["compile_ahead", "freeze"]

_compiled: "WeakKeyDictionary[ScoringLSTM, FrozenLSTM]" = WeakKeyDictionary()


def freeze(network: ScoringLSTM) -> FrozenLSTM:
    """Return compiled kernels for a network of one layer, made once; torch for other networks, and without numba."""
    if NumbaLSTM is None or network.architecture.layers > 1:
        # Not kept: it refers to the network, which would then never be freed.
        return TorchLSTM(network)
    found = _compiled.get(network)
    if found is None:
        found = _compiled[network] = NumbaLSTM(network)
    return found


def compile_ahead() -> None:
    """Compile the kernels with a tiny network, unless they are on disk already: some seconds on a new machine."""
    window = np.zeros((1, 2, 1), dtype=np.float32)
    tiny = freeze(ScoringLSTM(Architecture(variables=1, classes=1, hidden=1)).eval().requires_grad_(False))
    tiny.gradients(window, lambda part, scores: np.ones_like(scores))
    tiny.score_variants(window[0], window)
