"""What the cells of an LSTM held and did at every read."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from backend.models.network.lstm import ScoringLSTM

__all__ = ["LayerStates", "layer_states"]


@dataclass(frozen=True, eq=False)
class LayerStates:
    """One layer while it read n windows; all float64.

    Attributes
    ----------
    read : array, shape = (n, reads, inputs)
        What it read: the window, several steps at a time, or the states of the layer below.
    candidate : array, shape = (n, reads, hidden)
        The sum of inputs times weights that its tanh made the candidate of.
    added : array, shape = (n, reads, hidden)
        What of the candidate went through the input gate into the cell.
    kept : array, shape = (n, reads, hidden)
        What of the cell's state went through the forget gate.
    cell, hidden : array, shape = (n, reads, hidden)
        After each read; before the first both are 0.
    from_read : array, shape = (hidden, inputs)
    from_earlier : array, shape = (hidden, hidden)
    bias : array, shape = (hidden,)
        The weights and the bias of ``candidate``.
    """

    read: np.ndarray
    candidate: np.ndarray
    added: np.ndarray
    kept: np.ndarray
    cell: np.ndarray
    hidden: np.ndarray
    from_read: np.ndarray
    from_earlier: np.ndarray
    bias: np.ndarray

    def earlier(self, read: int) -> np.ndarray:
        """The hidden state that the layer came to a read with, shape = (n, hidden)."""
        return self.hidden[:, read - 1] if read else np.zeros_like(self.hidden[:, 0])


def layer_states(network: ScoringLSTM, values: np.ndarray) -> tuple[LayerStates, ...]:
    """Read windows (n, T, D) and keep what every layer held, the first layer first.

    torch's own LSTM gives the hidden states of its last layer alone.
    """
    shape = network.architecture
    n, steps, variables = values.shape
    read = values.astype(np.float64).reshape(n, steps // shape.steps_per_read, shape.steps_per_read * variables)
    layers: list[LayerStates] = []
    for layer in range(shape.layers):
        layers.append(_layer(network, layer, layers[-1].hidden if layers else read))
    return tuple(layers)


def _layer(network: ScoringLSTM, layer: int, read: np.ndarray) -> LayerStates:
    from_read, from_earlier, bias = (
        sum(getattr(network.lstm, f"{name}_l{layer}").detach().double().numpy() for name in names)
        for names in (("weight_ih",), ("weight_hh",), ("bias_ih", "bias_hh"))
    )
    n, reads, _ = read.shape
    hidden = from_earlier.shape[1]
    candidate, added, kept, cells, states = (np.empty((n, reads, hidden)) for _ in range(5))
    sums = read @ from_read.T + bias
    cell, state = np.zeros((n, hidden)), np.zeros((n, hidden))
    for step in range(reads):
        # torch's order: input gate, forget gate, candidate, output gate.
        into, keep, candidate[:, step], out = np.split(sums[:, step] + state @ from_earlier.T, 4, axis=1)
        added[:, step] = expit(into) * np.tanh(candidate[:, step])
        kept[:, step] = expit(keep) * cell
        cell = added[:, step] + kept[:, step]
        state = expit(out) * np.tanh(cell)
        cells[:, step], states[:, step] = cell, state
    of_candidate = slice(2 * hidden, 3 * hidden)
    return LayerStates(
        read=read,
        candidate=candidate,
        added=added,
        kept=kept,
        cell=cells,
        hidden=states,
        from_read=from_read[of_candidate],
        from_earlier=from_earlier[of_candidate],
        bias=bias[of_candidate],
    )
