"""Layer-wise relevance propagation (LRP): the class score passed back through the LSTM to the input values."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience
from backend.explain.techniques.lstm_states import LayerStates, compute_layer_states
from backend.explain.techniques.signed import make_signed_saliences
from backend.models.bundle import Bundle

__all__ = [
    "PUBLISHED_STABILISER",
    "LRPParameters",
    "Relevance",
    "lrp",
    "lrp_many",
    "measure_lost_shares",
    "propagate_relevance",
]

PUBLISHED_STABILISER = 0.001
"""The stabiliser of Arras et al. 2017."""

_AT_ONCE = 64
"""Windows that are propagated together, which limits the memory for their states to some hundred megabytes."""


@dataclass(frozen=True)
class LRPParameters(Parameters):
    """The stabiliser of the epsilon rule.

    Attributes
    ----------
    stabiliser : float
        epsilon, added to the magnitude of each sum before dividing by it. It absorbs its share of the relevance; a
        larger value damps the relevance of terms that nearly cancel.
    """

    stabiliser: float = parameter(0.02, "Stabiliser (epsilon)", minimum=0.0, maximum=10.0)


@dataclass(frozen=True, eq=False)
class Relevance:
    """How the class scores of n windows are distributed.

    Attributes
    ----------
    values : float64 array, shape = (n, T, D)
        The relevance of the input values.
    biases : float64 array, shape = (n,)
        The relevance of the biases of the network.
    absorbed : float64 array, shape = (n,)
        The relevance that the stabiliser absorbs. The three sum to the score; the initial state is 0 and gets none.
    """

    values: np.ndarray
    biases: np.ndarray
    absorbed: np.ndarray

    @property
    def lost(self) -> np.ndarray:
        """The share of each score that biases and stabiliser take, float64, shape = (n,).

        Above 1 where the values sum to less than 0, below 0 where they sum to more than the score; NaN for a score 0.
        """
        taken = self.biases + self.absorbed
        scores = self.values.sum(axis=(1, 2)) + taken
        return np.divide(taken, scores, out=np.full(len(taken), np.nan), where=scores != 0.0)


def lrp(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: LRPParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return the relevance of each input value by layer-wise relevance propagation through the LSTM.

    The relevance of a weighted sum is distributed over its terms in proportion to their contributions (the epsilon
    rule); a bias keeps its own share (delta = 0 in the paper). Where a gate multiplies a signal, the signal (the
    candidate or the previous cell state) gets all of the relevance and the gate none. The score is propagated; the
    rule does not apply to a probability.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : LRPParameters
    on_step : callable or None
        Called once, at the end.

    Returns
    -------
    Salience
        ``raw`` in units of the score, positive where a value supports the class. A value of 0 gets 0.

    Raises
    ------
    Cancelled
        If ``on_step`` returns False.

    Notes
    -----
    Departures from the paper:

    - The share of the stabiliser is absorbed rather than spread over the inputs, which would give some to values of 0.
    - The default stabiliser is 0.02 rather than 0.001. It was chosen on patients of svdb, none of whom the evidence is
      about, as the value for which the relevance departs least from the score (``cohort.stabilisers``).
    - Layers may be stacked, and one read may hold several time steps.
    - Where the read-out takes the mean of all states, mean and read-out are propagated as one sum.

    References
    ----------
    Arras et al. 2017, "Explaining recurrent neural network predictions in sentiment analysis", section 2; Bach et al.
    2015 (the rule).
    """
    return lrp_many(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def lrp_many(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: LRPParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """Return the ``lrp`` of several windows (n, T, D), computed in batches."""
    started = time.perf_counter()
    raw = np.empty(windows.shape, dtype=np.float32)
    for first in range(0, len(windows), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        raw[part] = propagate_relevance(bundle, windows[part], targets[part], parameters.stabiliser).values
        report_progress(on_step, min(first + _AT_ONCE, len(windows)), len(windows))
    seconds = time.perf_counter() - started
    return make_signed_saliences(raw, bundle.window, "relevance", parameters, targets, seconds)


def measure_lost_shares(
    bundle: Bundle, windows: np.ndarray, targets: Sequence[str], parameters: LRPParameters
) -> np.ndarray:
    """Return ``Relevance.lost`` of several windows (n, T, D), computed in batches."""
    parts = (slice(first, first + _AT_ONCE) for first in range(0, len(windows), _AT_ONCE))
    return np.concatenate(
        [propagate_relevance(bundle, windows[part], targets[part], parameters.stabiliser).lost for part in parts]
    )


def propagate_relevance(bundle: Bundle, windows: np.ndarray, targets: Sequence[str], stabiliser: float) -> Relevance:
    """Return the relevance behind the score of the target of each window (n, T, D), in double precision."""
    layers = compute_layer_states(bundle.network, windows)
    readout = bundle.network.readout
    indices = [bundle.class_index(target) for target in targets]
    weights = readout.weight.detach().double().numpy()[indices]
    bias = readout.bias.detach().double().numpy()[indices]
    pooled = _pool_states(layers[-1].hidden, bundle.network.architecture.pooling)
    contributions = pooled * weights[:, np.newaxis, :]
    scores = contributions.sum(axis=(1, 2)) + bias
    ratios = scores / _stabilise(scores, stabiliser)
    relevance = contributions * ratios[:, np.newaxis, np.newaxis]
    biases = bias * ratios
    for layer in reversed(layers):
        relevance, layer_biases = _propagate_through_layer(layer, relevance, stabiliser)
        biases += layer_biases
    return Relevance(relevance.reshape(windows.shape), biases, scores - biases - relevance.sum(axis=(1, 2)))


def _pool_states(hidden: np.ndarray, pooling: str) -> np.ndarray:
    """Return the terms, shape = (n, reads, hidden), whose sum over the reads is the input of the read-out."""
    if pooling == "mean":
        return hidden / hidden.shape[1]
    last_only = np.zeros_like(hidden)
    last_only[:, -1] = hidden[:, -1]
    return last_only


def _propagate_through_layer(
    layer: LayerStates, relevance: np.ndarray, stabiliser: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pass the relevance of the states of a layer (n, reads, hidden) back to its inputs and biases.

    Returns
    -------
    float64 array, shape = (n, reads, inputs)
    float64 array, shape = (n,)
    """
    n, reads, hidden = relevance.shape
    cell_relevance, previous_relevance = np.zeros((n, hidden)), np.zeros((n, hidden))
    ratios = np.empty_like(relevance)
    for read in reversed(range(reads)):
        # The output gate gets none: the cell gets all relevance of the state.
        cell_relevance = cell_relevance + relevance[:, read] + previous_relevance
        cell_ratio = cell_relevance / _stabilise(layer.cell[:, read], stabiliser)
        # The relevance of the candidate, divided by the sum behind the candidate.
        ratios[:, read] = layer.added[:, read] * cell_ratio / _stabilise(layer.candidate[:, read], stabiliser)
        cell_relevance = layer.kept[:, read] * cell_ratio
        previous_relevance = layer.previous_hidden(read) * (ratios[:, read] @ layer.recurrent_weights)
    return layer.inputs * (ratios @ layer.input_weights), (ratios @ layer.bias).sum(axis=1)


def _stabilise(sums: np.ndarray, stabiliser: float) -> np.ndarray:
    """Return the sums moved away from 0, as divisors."""
    moved = sums + stabiliser * np.where(sums >= 0.0, 1.0, -1.0)
    return np.where(moved == 0.0, np.inf, moved)
