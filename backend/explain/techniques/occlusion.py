"""Occlusion: how the score changes when a stretch of the window is hidden."""

import time
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Parameters, Value, parameter
from backend.explain.perturbation.baselines import FILLS, deleted
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience, scaled_above, scaled_to_unit
from backend.explain.target_output import EXPLAINED, explained_output
from backend.models.bundle import Bundle
from backend.models.network.inference import frozen
from backend.windows.base import columns_of

__all__ = ["OcclusionParameters", "occlusion", "scores_with_deleted"]


@dataclass(frozen=True)
class OcclusionParameters(Parameters):
    """How much is hidden at a time, and behind what.

    Attributes
    ----------
    width_steps : int
        w, the length of a hidden stretch.
    fill : one of FILLS
        k, what the hidden steps hold instead.
    variables : ``together`` or ``each``
        Whether a stretch is hidden in all variables at once, or in one at a time: with all columns of its source.
    explained : ``score`` or ``probability``
    stretches : int
        How many are hidden at once, as one pattern that slides over the window: what only counts together with
        something at a fixed distance shows with two.
    spacing_steps : int
        From the first step of one stretch to the first of the next, where there are several.
    """

    width_steps: int = parameter(25, "Width", unit="steps", least=1, most=1000)
    fill: float | str = parameter(0.0, "Hidden steps become", choices=FILLS)
    variables: str = parameter("together", "Variables", choices=("together", "each"))
    explained: str = parameter("score", "Explained", choices=EXPLAINED)
    stretches: int = parameter(1, "Hidden stretches", least=1, most=20)
    spacing_steps: int = parameter(50, "From one stretch to the next", unit="steps", least=1, most=1000)


def occlusion(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: OcclusionParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Salience by hiding every stretch of w steps once.

    The hidden stretch slides one step at a time and is shortened at both ends, so that there are T + w - 1 runs and
    every step is hidden in w of them; several stretches slide as one pattern, which leaves the window at both ends
    stretch by stretch. The salience of a step is the sum of the scores of the runs in which it is not hidden; where
    variables are hidden one at a time, those are also the runs that hide another variable, so that variables can be
    compared. Many of them count for nothing then, and these are where the scale begins: 0 is what changes nothing or
    speaks against the class (Salience.raw tells which).

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : OcclusionParameters
    on_step : callable or None
        Told once, at the end.

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
    stretches = _hidden_steps(len(window), parameters)
    columns = columns_of(bundle.window.sources)
    alone = np.ones((1, len(columns)), bool) if parameters.variables == "together" else np.eye(len(columns), dtype=bool)
    hidden = (stretches[:, np.newaxis, :, np.newaxis] & alone[:, np.newaxis, :]).reshape(-1, len(window), len(columns))
    nothing_hidden = np.zeros((1, *hidden.shape[1:]), dtype=bool)
    runs = np.concatenate([hidden, nothing_hidden])
    scores = scores_with_deleted(bundle, window, runs, parameters.fill, target)
    explained = explained_output(bundle, scores, target, parameters.explained)
    of_run, untouched = explained[:-1], explained[-1]
    hiding_runs = stretches.T.astype(np.float64) @ of_run.reshape(len(stretches), len(alone))
    raw = (of_run.sum() - hiding_runs)[:, (alone @ columns).argmax(axis=0)]
    # What changes nothing is spared by all runs but those that hide it, each of which scores as the untouched window.
    neutral = of_run.sum() - stretches[:, 0].sum() * untouched
    report(on_step, 1, 1)
    return Salience(
        values=scaled_to_unit(raw) if parameters.variables == "together" else scaled_above(raw, neutral),
        raw=raw.astype(np.float32),
        technique="occlusion",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )


def _hidden_steps(steps: int, parameters: OcclusionParameters) -> np.ndarray:
    """Which steps each run hides, bool, shape = (runs, T); the runs are as many as the pattern's length + T - 1."""
    begins = np.arange(parameters.stretches) * parameters.spacing_steps
    last = np.arange(steps + begins[-1] + parameters.width_steps - 1)
    back = last[:, np.newaxis] - np.arange(steps)
    hidden = np.zeros(back.shape, dtype=bool)
    for begin in begins:
        hidden |= (begin <= back) & (back < begin + parameters.width_steps)
    return hidden


def scores_with_deleted(bundle: Bundle, window: np.ndarray, hidden: np.ndarray, fill: Value, target: str) -> np.ndarray:
    """Class scores of a window with one deletion after another, float32, shape = (n, C).

    The LSTM reads no step twice for nothing: a run is the untouched window until its first change, and branches off
    from it there.

    Parameters
    ----------
    window : float32 array, shape = (T, D)
    hidden : bool array, shape = (n, T, S)
        What is deleted, by the distinct sources of the model; see ``deleted``.
    fill : one of FILLS
    target : str
        The explained class, of which ``class mean`` is the mean.
    """
    variants = deleted(bundle, window, hidden, fill, target)
    return frozen(bundle.network).score_variants(window, variants)
