"""Relevance: the class score handed back, layer by layer, until it lies on the values of the window."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience
from backend.explain.techniques.lstm_states import LayerStates, layer_states
from backend.explain.techniques.signed import signed_saliences
from backend.models.bundle import Bundle

__all__ = ["HandedBack", "RelevanceParameters", "all_relevance", "handed_back", "relevance"]

_AT_ONCE = 64
"""Windows that are handed back together, so that all of their states stay within some hundred megabytes."""


@dataclass(frozen=True)
class RelevanceParameters(Parameters):
    """How the rule is kept from dividing by nothing.

    Attributes
    ----------
    stabiliser : float
        epsilon: added to each sum that is shared out, with the sign of the sum. What falls to it is lost; more of it
        calms what nearly cancels. 0.02 by a study on the validation patients of both ECG models (287 and 271 beats of
        10 patients; by how much the score falls when the most salient are deleted): the default network lost 1.38 with
        0.003, 1.49 with 0.02 and 1.35 with 0.1; that of 2018, which reads three times as many steps, 0.70, 2.43 and
        0.20. With the 0.001 of the paper its values and biases had hundreds of times the score, of either sign.
    """

    stabiliser: float = parameter(0.02, "Stabiliser", least=0.0, most=10.0)


@dataclass(frozen=True, eq=False)
class HandedBack:
    """Where the class scores of n windows ended up.

    Attributes
    ----------
    values : float64 array, shape = (n, T, D)
        On the values that were read.
    biases : float64 array, shape = (n,)
        On the biases of the network, which are the same for all windows.
    lost : float64 array, shape = (n,)
        On the stabiliser. The three add up to the score; the state before the first step is 0, and gets nothing.
    """

    values: np.ndarray
    biases: np.ndarray
    lost: np.ndarray


def relevance(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: RelevanceParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Salience by layer-wise relevance propagation through the LSTM.

    What a sum of inputs times weights has of the score goes back to them in proportion to what each gave (the epsilon
    rule); a bias keeps its own share, which is not spread over the inputs (delta = 0 in the paper). Where a signal is
    multiplied by a gate, all goes to the signal and none to the gate: to the candidate and to the old cell state. It
    is the score that is handed back; there is no such rule for a probability.

    Where we differ from the paper: what the stabiliser takes is lost rather than spread over the inputs, which would
    give some to values of 0; it is twenty times as large (see ``stabiliser``); layers may be stacked, a read may hold
    several steps, and where the read-out takes the mean of all states, mean and read-out are one sum.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : RelevanceParameters
    on_step : callable or None
        Told once, at the end.

    Returns
    -------
    Salience
        ``raw`` in units of the score, above 0 for what speaks for the class. A value of 0 gets nothing.

    Raises
    ------
    Cancelled
        If ``on_step`` says so.

    References
    ----------
    Arras et al. 2017, "Explaining recurrent neural network predictions in sentiment analysis", section 2; Bach et al.
    2015 (the rule).
    """
    return all_relevance(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def all_relevance(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: RelevanceParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """``relevance`` of several windows (n, T, D), as many at once as there is room for."""
    started = time.perf_counter()
    raw = np.empty(windows.shape, dtype=np.float32)
    for first in range(0, len(windows), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        raw[part] = handed_back(bundle, windows[part], targets[part], parameters.stabiliser).values
        report(on_step, min(first + _AT_ONCE, len(windows)), len(windows))
    return signed_saliences(raw, "relevance", parameters, targets, time.perf_counter() - started)


def handed_back(bundle: Bundle, windows: np.ndarray, targets: Sequence[str], stabiliser: float) -> HandedBack:
    """Hand the score of a class of each window (n, T, D) back to its values, in double precision."""
    layers = layer_states(bundle.network, windows)
    readout = bundle.network.readout
    indices = [bundle.class_index(target) for target in targets]
    weights = readout.weight.detach().double().numpy()[indices]
    constants = readout.bias.detach().double().numpy()[indices]
    read = _read_by_readout(layers[-1].hidden, bundle.network.architecture.pooling)
    given = read * weights[:, np.newaxis, :]
    scores = given.sum(axis=(1, 2)) + constants
    shares = scores / _stabilised(scores, stabiliser)
    upon = given * shares[:, np.newaxis, np.newaxis]
    biases = constants * shares
    for layer in reversed(layers):
        upon, of_biases = _through_layer(layer, upon, stabiliser)
        biases += of_biases
    return HandedBack(upon.reshape(windows.shape), biases, scores - biases - upon.sum(axis=(1, 2)))


def _read_by_readout(hidden: np.ndarray, pooling: str) -> np.ndarray:
    """Each state as far as the read-out reads it, shape as ``hidden``; their sum over the reads is what it reads."""
    if pooling == "mean":
        return hidden / hidden.shape[1]
    read = np.zeros_like(hidden)
    read[:, -1] = hidden[:, -1]
    return read


def _through_layer(layer: LayerStates, upon: np.ndarray, stabiliser: float) -> tuple[np.ndarray, np.ndarray]:
    """Hand what lies upon a layer's states (n, reads, hidden) on to what it read, and to its biases.

    Returns
    -------
    float64 array, shape = (n, reads, inputs)
    float64 array, shape = (n,)
    """
    n, reads, hidden = upon.shape
    upon_cell, upon_earlier = np.zeros((n, hidden)), np.zeros((n, hidden))
    shares = np.empty_like(upon)
    for read in reversed(range(reads)):
        # All that lies upon the state goes to the cell: the output gate gets none.
        upon_cell = upon_cell + upon[:, read] + upon_earlier
        of_cell = upon_cell / _stabilised(layer.cell[:, read], stabiliser)
        # What the candidate put into the cell, over the sum that made the candidate.
        shares[:, read] = layer.added[:, read] * of_cell / _stabilised(layer.candidate[:, read], stabiliser)
        upon_cell = layer.kept[:, read] * of_cell
        upon_earlier = layer.earlier(read) * (shares[:, read] @ layer.from_earlier)
    return layer.read * (shares @ layer.from_read), (shares @ layer.bias).sum(axis=1)


def _stabilised(sums: np.ndarray, stabiliser: float) -> np.ndarray:
    """Sums moved away from 0, so that they can be divided by."""
    moved = sums + stabiliser * np.where(sums >= 0.0, 1.0, -1.0)
    return np.where(moved == 0.0, np.inf, moved)
