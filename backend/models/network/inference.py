"""The fastest way there is to ask a network whose weights stay as they are."""

from weakref import WeakKeyDictionary

import numpy as np

from backend.models.network.fixed_network import FrozenLSTM
from backend.models.network.lstm import Architecture, ScoringLSTM
from backend.models.network.torch_backend import PlainLSTM

try:
    from backend.models.network.numba_backend import CompiledLSTM
except ImportError:
    CompiledLSTM = None  # type: ignore[assignment, misc]

__all__ = ["compile_ahead", "frozen"]

_known: "WeakKeyDictionary[ScoringLSTM, FrozenLSTM]" = WeakKeyDictionary()


def frozen(network: ScoringLSTM) -> FrozenLSTM:
    """Kernels for a network of one layer, with its weights laid out once; torch for others, and without numba."""
    if CompiledLSTM is None or network.architecture.layers > 1:
        # Not kept: it holds the network, which would then never be let go.
        return PlainLSTM(network)
    found = _known.get(network)
    if found is None:
        found = _known[network] = CompiledLSTM(network)
    return found


def compile_ahead() -> None:
    """Have the kernels compiled, by a tiny network, where they are not on disk yet: some seconds on a new machine."""
    window = np.zeros((1, 2, 1), dtype=np.float32)
    tiny = frozen(ScoringLSTM(Architecture(variables=1, classes=1, hidden=1)).eval().requires_grad_(False))
    tiny.slopes(window, lambda part, scores: np.ones_like(scores))
    tiny.branched_scores(window[0], window)
