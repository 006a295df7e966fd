"""Erasure: how much less likely the class becomes when one time step is deleted."""

import time
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Parameters, parameter
from backend.explain.perturbation.baselines import BASELINES
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience, scale_above, spread_over_columns
from backend.explain.techniques.occlusion import score_with_deletions
from backend.models.bundle import Bundle
from backend.windows.base import columns_of_varying

__all__ = ["ErasureParameters", "erasure"]

_ROUNDING = 1e-5
"""Relative changes below this are rounding errors of the scores and count as 0."""

_LEAST_LIKELIHOOD = 1e-30
"""Avoids a division by 0 where the probability of the class rounds to 1."""


@dataclass(frozen=True)
class ErasureParameters(Parameters):
    """What is erased at a time, and the baseline value.

    Attributes
    ----------
    fill : one of BASELINES
        k, the baseline value of the erased step.
    variables : ``together`` or ``each``
        Whether a step is erased in all variables at once, or in one source (with all its columns) at a time.
    """

    fill: float | str = parameter(0.0, "Baseline value (k)", choices=BASELINES)
    variables: str = parameter("together", "Variables", choices=("together", "each"))


def erasure(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: ErasureParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return the relative change of the log-likelihood of the class when one step is erased.

    With LL = log p_c, where p_c is the calibrated probability of the class, and LL' without the step, raw is
    (LL' - LL) / LL. A step with a raw salience of 2 makes LL three times as large when it is erased.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : ErasureParameters
    on_step : callable or None
        Called once, at the end.

    Returns
    -------
    Salience
        ``raw`` has no unit. The columns of all varying sources are equal when ``variables`` is ``together``.

    Raises
    ------
    RecordRefused
        If the baseline is a class mean that the model lacks.
    Cancelled
        If ``on_step`` returns False.

    Notes
    -----
    Departure from the paper:

    - The published change is (LL - LL') / LL. The sign is reversed, so that a positive value supports the class, as in
      every other technique.

    References
    ----------
    Li, Monroe & Jurafsky 2016, "Understanding neural networks through representation erasure", sections 3 and 4 (a
    word erased).
    """
    started = time.perf_counter()
    columns = columns_of_varying(bundle.window)
    alone = np.ones((1, len(columns)), bool) if parameters.variables == "together" else np.eye(len(columns), dtype=bool)
    hidden = _one_step_at_a_time(len(window), alone)
    scores = score_with_deletions(bundle, window, hidden, parameters.fill, target)
    report_progress(on_step, 1, 1)
    likelihoods = _log_likelihoods(bundle, scores, target)
    intact, erased = likelihoods[-1], likelihoods[:-1].reshape(len(window), len(alone))
    relative = (erased - intact) / min(intact, -_LEAST_LIKELIHOOD)
    raw = spread_over_columns(relative, alone @ columns).astype(np.float32)
    return Salience(
        values=scale_above(np.where(raw > _ROUNDING, raw, 0.0), 0.0, bundle.window),
        raw=raw,
        technique="erasure",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )


def _one_step_at_a_time(steps: int, alone: np.ndarray) -> np.ndarray:
    """Return one deletion for each step and row of ``alone`` (m, S), then none, shape = (steps * m + 1, T, S)."""
    each_step = np.eye(steps, dtype=bool)
    hidden = each_step[:, np.newaxis, :, np.newaxis] & alone[:, np.newaxis, :]
    runs = hidden.reshape(-1, steps, alone.shape[1])
    return np.concatenate([runs, np.zeros((1, *runs.shape[1:]), dtype=bool)])


def _log_likelihoods(bundle: Bundle, scores: np.ndarray, target: str) -> np.ndarray:
    """Return the log of the calibrated probability of the class, float64, shape = (n,), from class scores (n, C).

    It is computed from the margins of the other scores, which keeps precision where the probability is close to 1.
    """
    index = bundle.class_index(target)
    margins = (scores.astype(np.float64) - scores[:, index : index + 1]) / bundle.temperature
    return np.asarray(-np.logaddexp(0.0, np.logaddexp.reduce(np.delete(margins, index, axis=1), axis=1)))
