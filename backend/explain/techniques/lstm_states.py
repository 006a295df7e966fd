"""The states and gate activations of an LSTM at every read."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from backend.models.network.lstm import ScoringLSTM

__all__ = ["LayerStates", "compute_layer_states"]


@dataclass(frozen=True, eq=False)
class LayerStates:
    """The states of one layer while it reads n windows; all arrays are float64.

    Attributes
    ----------
    inputs : array, shape = (n, reads, inputs)
        The window, several steps at a time, or the hidden states of the layer below.
    candidate : array, shape = (n, reads, hidden)
        The weighted sum behind the candidate, before its tanh.
    added : array, shape = (n, reads, hidden)
        The candidate times the input gate: what enters the cell.
    kept : array, shape = (n, reads, hidden)
        The previous cell state times the forget gate: what the cell keeps.
    cell, hidden : array, shape = (n, reads, hidden)
        The states after each read; the initial states are 0.
    input_weights : array, shape = (hidden, inputs)
    recurrent_weights : array, shape = (hidden, hidden)
    bias : array, shape = (hidden,)
        The weights and the bias of ``candidate``.
    """

    inputs: np.ndarray
    candidate: np.ndarray
    added: np.ndarray
    kept: np.ndarray
    cell: np.ndarray
    hidden: np.ndarray
    input_weights: np.ndarray
    recurrent_weights: np.ndarray
    bias: np.ndarray

    def previous_hidden(self, read: int) -> np.ndarray:
        """Return the hidden state before a read, shape = (n, hidden)."""
        return self.hidden[:, read - 1] if read else np.zeros_like(self.hidden[:, 0])


def compute_layer_states(network: ScoringLSTM, values: np.ndarray) -> tuple[LayerStates, ...]:
    """Return the states of each layer for windows (n, T, D), the first layer first.

    torch's LSTM only returns the hidden states of the last layer.
    """
    architecture = network.architecture
    n, steps, variables = values.shape
    stacked = architecture.steps_per_read
    inputs = values.astype(np.float64).reshape(n, steps // stacked, stacked * variables)
    layers: list[LayerStates] = []
    for layer in range(architecture.layers):
        layers.append(_run_layer(network, layer, layers[-1].hidden if layers else inputs))
    return tuple(layers)


def _run_layer(network: ScoringLSTM, layer: int, inputs: np.ndarray) -> LayerStates:
    input_weights, recurrent_weights, bias = (
        sum(getattr(network.lstm, f"{name}_l{layer}").detach().double().numpy() for name in names)
        for names in (("weight_ih",), ("weight_hh",), ("bias_ih", "bias_hh"))
    )
    n, reads, _ = inputs.shape
    hidden = recurrent_weights.shape[1]
    candidate, added, kept, cells, states = (np.empty((n, reads, hidden)) for _ in range(5))
    sums = inputs @ input_weights.T + bias
    cell, state = np.zeros((n, hidden)), np.zeros((n, hidden))
    for step in range(reads):
        # torch's order: input gate, forget gate, candidate, output gate.
        input_gate, forget_gate, candidate[:, step], output_gate = np.split(
            sums[:, step] + state @ recurrent_weights.T, 4, axis=1
        )
        added[:, step] = expit(input_gate) * np.tanh(candidate[:, step])
        kept[:, step] = expit(forget_gate) * cell
        cell = added[:, step] + kept[:, step]
        state = expit(output_gate) * np.tanh(cell)
        cells[:, step], states[:, step] = cell, state
    candidate_rows = slice(2 * hidden, 3 * hidden)
    return LayerStates(
        inputs=inputs,
        candidate=candidate,
        added=added,
        kept=kept,
        cell=cells,
        hidden=states,
        input_weights=input_weights[candidate_rows],
        recurrent_weights=recurrent_weights[candidate_rows],
        bias=bias[candidate_rows],
    )
