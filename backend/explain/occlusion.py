"""Occlusion: how the score changes when a stretch of the window is hidden."""

import time
from dataclasses import dataclass

import numpy as np
import torch

from backend.explain.explained import EXPLAINED, explained_output
from backend.explain.fills import FILLS, deleted
from backend.explain.parameters import Parameters, Value, parameter
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience, scaled_above, scaled_to_unit
from backend.models.bundle import Bundle
from backend.models.lstm import ScoringLSTM
from backend.windows.windows import columns_of

__all__ = ["OcclusionParameters", "occlusion", "scores_with_deleted"]

_READS_AT_ONCE = 12
"""Reads for which the batch stays the same; fewer mean less wasted work, but more calls with their overhead."""


@dataclass(frozen=True)
class OcclusionParameters(Parameters):
    """How much is hidden at a time, and behind what.

    Attributes
    ----------
    width_steps : int
        w, the length of the hidden stretch.
    fill : one of FILLS
        k, what the hidden steps hold instead.
    variables : ``together`` or ``each``
        Whether a stretch is hidden in all variables at once, or in one at a time: with all columns of its source.
    explained : ``score`` or ``probability``
    """

    width_steps: int = parameter(25, "Width", unit="steps", least=1, most=1000)
    fill: float | str = parameter(0.0, "Hidden steps become", choices=FILLS)
    variables: str = parameter("together", "Variables", choices=("together", "each"))
    explained: str = parameter("score", "Explained", choices=EXPLAINED)


def occlusion(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: OcclusionParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Salience by hiding every stretch of w steps once.

    The hidden stretch slides one step at a time and is shortened at both ends, so that there are T + w - 1 runs and
    every step is hidden in w of them. The salience of a step is the sum of the scores of the runs in which it is
    not hidden; where variables are hidden one at a time, those are also the runs that hide another variable, so that
    variables can be compared. Many of them count for nothing then, and these are where the scale begins: 0 is what
    changes nothing or speaks against the class (Salience.raw tells which).

    The LSTM reads no step twice for nothing: a run is the untouched window until its hidden stretch begins, so that
    the runs branch off from the untouched one as reading goes on, and the batch grows from w to T + w - 1.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : OcclusionParameters
    on_step : callable or None
        Told how much of the window has been read.

    Returns
    -------
    Salience
        With ``variables`` together, all D columns are the same.

    Raises
    ------
    Cancelled
        If ``on_step`` says so.

    References
    ----------
    van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 3.3;
    Zeiler & Fergus 2014.
    """
    started = time.perf_counter()
    first, end = _hidden_stretches(len(window), parameters.width_steps)
    steps = np.arange(len(window))
    stretches = (first[:, np.newaxis] <= steps) & (steps < end[:, np.newaxis])
    columns = columns_of(bundle.window.sources)
    alone = np.ones((1, len(columns)), bool) if parameters.variables == "together" else np.eye(len(columns), dtype=bool)
    hidden = (stretches[:, np.newaxis, :, np.newaxis] & alone[:, np.newaxis, :]).reshape(-1, len(window), len(columns))
    nothing_hidden = np.zeros((1, *hidden.shape[1:]), dtype=bool)
    runs = np.concatenate([hidden, nothing_hidden])
    scores = scores_with_deleted(bundle, window, runs, parameters.fill, target, on_step)
    explained = explained_output(bundle, torch.from_numpy(scores), target, parameters.explained).double().numpy()
    of_run, untouched = explained[:-1], explained[-1]
    hiding_runs = stretches.T.astype(np.float64) @ of_run.reshape(len(first), len(alone))
    raw = (of_run.sum() - hiding_runs)[:, (alone @ columns).argmax(axis=0)]
    # What changes nothing is spared by all runs but w, each of which scores as the untouched window does.
    neutral = of_run.sum() - parameters.width_steps * untouched
    return Salience(
        values=scaled_to_unit(raw) if parameters.variables == "together" else scaled_above(raw, neutral),
        raw=raw.astype(np.float32),
        technique="occlusion",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )


def _hidden_stretches(steps: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """First hidden step of each run and the one after its last, each of shape (T + w - 1,), ascending."""
    last = np.arange(steps + width - 1)
    return np.maximum(last - width + 1, 0), np.minimum(last + 1, steps)


def scores_with_deleted(
    bundle: Bundle, window: np.ndarray, hidden: np.ndarray, fill: Value, target: str, on_step: OnStep | None = None
) -> np.ndarray:
    """Class scores of a window with one deletion after another, float32, shape = (n, C).

    Row 0 of the batch is the untouched window; a run joins the batch, as a copy of row 0, in the chunk of reads in
    which its deletion begins.

    Parameters
    ----------
    window : float32 array, shape = (T, D)
    hidden : bool array, shape = (n, T, S)
        What is deleted, by the distinct sources of the model; see ``deleted``.
    fill : one of FILLS
    target : str
        The explained class, of which ``class mean`` is the mean.
    on_step : callable or None
        Told how much of the window has been read.
    """
    begins = hidden.any(axis=2).argmax(axis=1)
    order = np.argsort(begins, kind="stable")
    network, stacked = bundle.network, bundle.network.architecture.steps_per_read
    untouched = window[np.newaxis].astype(np.float32)
    values = torch.from_numpy(np.concatenate([untouched, deleted(bundle, window, hidden[order], fill, target)]))
    state: tuple[torch.Tensor, torch.Tensor] | None = None
    read_sum = torch.zeros(1, network.architecture.hidden)
    read_last = read_sum
    with torch.inference_mode():
        for start in range(0, len(window), _READS_AT_ONCE * stacked):
            stop = min(start + _READS_AT_ONCE * stacked, len(window))
            runs = 1 + int(np.searchsorted(begins[order], stop))
            state, read_sum = _branched(network, state, runs), _with_copies_of_first(read_sum, runs, dim=0)
            reads = values[:runs, start:stop].reshape(runs, (stop - start) // stacked, -1)
            states, state = network.lstm(reads, state)
            read_sum = read_sum + states.sum(dim=1)
            read_last = states[:, -1]
            report(on_step, stop, len(window))
        mean = read_sum / (len(window) // stacked)
        scores = network.readout(read_last if network.architecture.pooling == "last" else mean)[1:]
    given = np.empty(scores.shape, dtype=np.float32)
    given[order] = scores.numpy()
    return given


def _branched(
    network: ScoringLSTM, state: tuple[torch.Tensor, torch.Tensor] | None, runs: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """State of the LSTM with the missing runs added as copies of the untouched one, each (layers, runs, hidden)."""
    if state is None:
        blank = torch.zeros(network.architecture.layers, runs, network.architecture.hidden)
        return blank, blank
    return _with_copies_of_first(state[0], runs, dim=1), _with_copies_of_first(state[1], runs, dim=1)


def _with_copies_of_first(rows: torch.Tensor, length: int, dim: int) -> torch.Tensor:
    """``rows`` made ``length`` long along ``dim`` by copies of the first row."""
    shape = list(rows.shape)
    shape[dim] = length - rows.shape[dim]
    return torch.cat([rows, rows.narrow(dim, 0, 1).expand(shape)], dim=dim)
