"""Erasure: how much less likely the class becomes without one step of the window."""

import time
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Parameters, parameter
from backend.explain.perturbation.baselines import FILLS
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience, scaled_above
from backend.explain.techniques.occlusion import scores_with_deleted
from backend.models.bundle import Bundle
from backend.windows.base import columns_of

__all__ = ["ErasureParameters", "erasure"]

_ROUNDING = 1e-5
"""Relative changes below this are rounding of the scores, and lift nothing above neutral."""

_LEAST_LIKELIHOOD = 1e-30
"""So that a class of which the model could not be surer still has something to be divided by."""


@dataclass(frozen=True)
class ErasureParameters(Parameters):
    """What is erased at a time, and what is left there.

    Attributes
    ----------
    fill : one of FILLS
        k, what the erased step holds instead.
    variables : ``together`` or ``each``
        Whether a step is erased in all variables at once, or in one at a time: with all columns of its source.
    """

    fill: float | str = parameter(0.0, "Erased steps become", choices=FILLS)
    variables: str = parameter("together", "Variables", choices=("together", "each"))


def erasure(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: ErasureParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Salience as the relative change of the class's log-likelihood when one step is erased.

    With LL = log p_c, p_c the calibrated probability of the class, the published change is (LL - LL')/LL, where LL' is
    without the step. LL is below 0, and so is that change where the class becomes less likely; it is turned here, so
    that what speaks for the class is above 0 as in all techniques: raw = (LL' - LL)/LL. Of a step with raw 2, LL
    becomes three times as large without it.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : ErasureParameters
    on_step : callable or None
        Told once, at the end.

    Returns
    -------
    Salience
        ``raw`` without a unit. With ``variables`` together, all D columns are the same.

    Raises
    ------
    RecordRefused
        If the fill is the mean of classes that the model does not know.
    Cancelled
        If ``on_step`` says so.

    References
    ----------
    Li, Monroe & Jurafsky 2016, "Understanding neural networks through representation erasure", sections 3 and 4 (a
    word erased).
    """
    started = time.perf_counter()
    columns = columns_of(bundle.window.sources)
    alone = np.ones((1, len(columns)), bool) if parameters.variables == "together" else np.eye(len(columns), dtype=bool)
    hidden = _one_step_at_a_time(len(window), alone)
    scores = scores_with_deleted(bundle, window, hidden, parameters.fill, target)
    report(on_step, 1, 1)
    likelihoods = _log_likelihoods(bundle, scores, target)
    untouched, of_run = likelihoods[-1], likelihoods[:-1].reshape(len(window), len(alone))
    relative = (of_run - untouched) / min(untouched, -_LEAST_LIKELIHOOD)
    raw = relative[:, (alone @ columns).argmax(axis=0)].astype(np.float32)
    return Salience(
        values=scaled_above(np.where(raw > _ROUNDING, raw, 0.0), 0.0),
        raw=raw,
        technique="erasure",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )


def _one_step_at_a_time(steps: int, alone: np.ndarray) -> np.ndarray:
    """For each step and each row of ``alone`` (m, S) one deletion, and none at last; shape = (steps * m + 1, T, S)."""
    each_step = np.eye(steps, dtype=bool)
    hidden = each_step[:, np.newaxis, :, np.newaxis] & alone[:, np.newaxis, :]
    runs = hidden.reshape(-1, steps, alone.shape[1])
    return np.concatenate([runs, np.zeros((1, *runs.shape[1:]), dtype=bool)])


def _log_likelihoods(bundle: Bundle, scores: np.ndarray, target: str) -> np.ndarray:
    """Log of the calibrated probability of the class, float64, shape = (n,), of class scores (n, C).

    By what the others' scores lie beyond its own, which keeps its digits where the class is all but certain.
    """
    index = bundle.class_index(target)
    beyond = (scores.astype(np.float64) - scores[:, index : index + 1]) / bundle.temperature
    return np.asarray(-np.logaddexp(0.0, np.logaddexp.reduce(np.delete(beyond, index, axis=1), axis=1)))
