"""Occlusion: how the score changes when a stretch of the window is hidden."""

import time
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Parameters, Value, parameter
from backend.explain.perturbation.baselines import BASELINES, delete_sources
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience, scale_above, scale_to_unit, spread_over_columns
from backend.explain.target_output import OUTPUTS, select_output
from backend.models.bundle import Bundle
from backend.models.network.inference import freeze
from backend.windows.base import columns_of_varying

__all__ = ["OcclusionParameters", "occlusion", "score_with_deletions"]


@dataclass(frozen=True)
class OcclusionParameters(Parameters):
    """The width of the hidden stretch and the baseline value.

    Attributes
    ----------
    width_steps : int
        w, the length of a hidden stretch.
    fill : one of BASELINES
        k, the baseline value of the hidden steps.
    variables : ``together`` or ``each``
        Whether a stretch is hidden in all variables at once, or in one source (with all its columns) at a time.
    explained : ``score`` or ``probability``
    stretches : int
        Stretches that are hidden at once, as one pattern that slides over the window. Two reveal values that only
        matter together at a fixed distance.
    spacing_steps : int
        From the first step of one stretch to the first step of the next.
    """

    width_steps: int = parameter(25, "Width", unit="steps", minimum=1, maximum=1000)
    fill: float | str = parameter(0.0, "Baseline value (k)", choices=BASELINES)
    variables: str = parameter("together", "Variables", choices=("together", "each"))
    explained: str = parameter("score", "Explained output", choices=OUTPUTS)
    stretches: int = parameter(1, "Hidden stretches", minimum=1, maximum=20)
    spacing_steps: int = parameter(50, "Stretch spacing", unit="steps", minimum=1, maximum=1000)


def occlusion(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: OcclusionParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return, for each step, the sum of the scores of the runs in which the step is not hidden.

    The hidden stretch slides one step at a time and is shortened at both ends: there are T + w - 1 runs, and every
    step is hidden in w of them. Several stretches slide as one pattern. Where variables are hidden one at a time, the
    sum includes the runs that hide another variable, so that variables are comparable. The scale then starts at the
    raw value of a step without effect: 0 means no effect or opposition to the class, which ``raw`` tells apart.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : OcclusionParameters
    on_step : callable or None
        Called once, at the end.

    Returns
    -------
    Salience
        The columns of all varying sources are equal when ``variables`` is ``together``.

    Raises
    ------
    Cancelled
        If ``on_step`` returns False.

    References
    ----------
    van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 3.3;
    Zeiler & Fergus 2014.
    """
    started = time.perf_counter()
    stretches = _list_hidden_steps(len(window), parameters)
    columns = columns_of_varying(bundle.window)
    alone = np.ones((1, len(columns)), bool) if parameters.variables == "together" else np.eye(len(columns), dtype=bool)
    hidden = (stretches[:, np.newaxis, :, np.newaxis] & alone[:, np.newaxis, :]).reshape(-1, len(window), len(columns))
    runs = np.concatenate([hidden, np.zeros((1, *hidden.shape[1:]), dtype=bool)])
    scores = score_with_deletions(bundle, window, runs, parameters.fill, target)
    outputs = select_output(bundle, scores, target, parameters.explained)
    run_outputs, intact = outputs[:-1], outputs[-1]
    hiding_runs = stretches.T.astype(np.float64) @ run_outputs.reshape(len(stretches), len(alone))
    raw = spread_over_columns(run_outputs.sum() - hiding_runs, alone @ columns)
    # The raw value of a step without effect: each run that hides it scores as the intact window does.
    neutral = run_outputs.sum() - stretches[:, 0].sum() * intact
    report_progress(on_step, 1, 1)
    return Salience(
        values=(
            scale_to_unit(raw, bundle.window)
            if parameters.variables == "together"
            else scale_above(raw, neutral, bundle.window)
        ),
        raw=raw.astype(np.float32),
        technique="occlusion",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )


def _list_hidden_steps(steps: int, parameters: OcclusionParameters) -> np.ndarray:
    """Return the steps that each run hides, bool, shape = (length of the pattern + T - 1, T)."""
    starts = np.arange(parameters.stretches) * parameters.spacing_steps
    last = np.arange(steps + starts[-1] + parameters.width_steps - 1)
    offsets = last[:, np.newaxis] - np.arange(steps)
    hidden = np.zeros(offsets.shape, dtype=bool)
    for start in starts:
        hidden |= (start <= offsets) & (offsets < start + parameters.width_steps)
    return hidden


def score_with_deletions(
    bundle: Bundle, window: np.ndarray, hidden: np.ndarray, baseline: Value, target: str
) -> np.ndarray:
    """Return the class scores of a window after each of several deletions, float32, shape = (n, C).

    Steps before the first deletion of a run are read once for all runs.

    Parameters
    ----------
    window : float32 array, shape = (T, D)
    hidden : bool array, shape = (n, T, V)
        The deleted steps of each varying source of the model; see ``delete_sources``.
    baseline : one of BASELINES
    target : str
        The explained class; ``class mean`` is the mean of its training windows.
    """
    variants = delete_sources(bundle, window, hidden, baseline, target)
    return freeze(bundle.network).score_variants(window, variants)
