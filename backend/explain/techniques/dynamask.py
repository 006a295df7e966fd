"""Dynamask: a small part of the window that keeps the score while the rest fades into its moving average."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import compute_gradients
from backend.explain.parameters import Parameters, parameter
from backend.explain.perturbation.baselines import LOCAL_MEAN, compute_baselines
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience, scale_to_unit
from backend.explain.target_output import OUTPUTS
from backend.explain.techniques.learned_masks import assign_columns, smoothness_gradient
from backend.models.bundle import Bundle

__all__ = ["DynamaskParameters", "dynamask", "dynamask_many"]

_MOMENTUM = 0.9
_GROWTH = 100.0
"""The ratio of the area weight at the last step to that at the first."""

_LEAST_CHANGE = 1e-4
"""A source whose values all lie this close to their moving average cannot fade."""

_LEAST_DIFFERENCE = 0.1
"""The least difference between the outputs of the intact and the fully faded window by which errors are scaled."""

_TIE = np.float32(1e-4)
"""The weight of the effect of a value when the largest mask values are chosen: it only breaks ties."""


@dataclass(frozen=True)
class DynamaskParameters(Parameters):
    """How the mask is learned.

    Attributes
    ----------
    share : float
        a, the share of the values to keep, among those that can fade.
    area : float
        lambda_a, the weight of the area penalty at the last step; it starts at a hundredth of that.
    change : float
        lambda_c, the smoothness weight: the penalty for changes of the mask from step to step.
    learning_rate : float
    steps : int
    variables : ``each`` or ``together``
        Whether each source of the variables (a lead, a sensor, a charted parameter) has its own mask, or all share one.
    explained : ``score`` or ``probability``
    """

    share: float = parameter(0.1, "Kept share", minimum=0.01, maximum=0.9)
    area: float = parameter(0.03, "Area weight", minimum=0.0, maximum=100.0)
    change: float = parameter(0.001, "Smoothness weight", minimum=0.0, maximum=10.0)
    learning_rate: float = parameter(0.1, "Learning rate", minimum=0.0001, maximum=1.0)
    steps: int = parameter(200, "Optimisation steps", minimum=1, maximum=5000)
    variables: str = parameter("each", "Variables", choices=("each", "together"))
    explained: str = parameter("score", "Explained output", choices=OUTPUTS)


def dynamask(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: DynamaskParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return a mask m in 0..1 learned to keep the score while all but a share of the window fades.

    With f(m) = m * x + (1 - m) * b, where b is x averaged over a quarter of the window around each step, it minimises
    (s_c(f(m)) - s_c(x))^2 / (s_c(b) - s_c(x))^2 + lambda_a * |sort(m) - r_a|^2 + lambda_c * sum|m[t+1] - m[t]|, from
    m = 0.5, by gradient descent with momentum 0.9; m is clamped to 0..1 after each step, and lambda_a grows a
    hundredfold from the first step to the last. r_a is 1 for the share a of the values of m that are largest, and 0
    for the rest.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : DynamaskParameters
    on_step : callable or None
        Called after each step of the optimisation.

    Returns
    -------
    Salience
        ``raw`` is the mask m.

    Raises
    ------
    Cancelled
        If ``on_step`` returns False.

    Notes
    -----
    Departures from the paper:

    - The mask keeps the score of one class. The error is scaled by the effect of fading the whole window (at least
      0.1), so that one weight suits large and small scores.
    - Ties between values of m are broken by |s_c'(x) * (x - b)|, since all values are equal at the start.
    - A source that never changes within the window cannot fade; it does not count in the area and its salience is 0.
    - a is given rather than searched for.

    References
    ----------
    Crabbé & van der Schaar 2021, "Explaining time series predictions with dynamic masks", sections 3 and 4.
    """
    return dynamask_many(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def dynamask_many(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: DynamaskParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """Return the ``dynamask`` of several windows (n, T, D), computed together, which is much faster."""
    started = time.perf_counter()
    masks = _learn_masks(bundle, windows, targets, parameters, on_step)
    seconds = (time.perf_counter() - started) / len(windows)
    return tuple(
        Salience(
            values=scale_to_unit(mask, bundle.window),
            raw=mask,
            technique="fade",
            parameters=parameters.values(),
            target=target,
            seconds=seconds,
        )
        for mask, target in zip(masks, targets, strict=True)
    )


def _learn_masks(
    bundle: Bundle, windows: np.ndarray, targets: Sequence[str], parameters: DynamaskParameters, on_step: OnStep | None
) -> np.ndarray:
    """Return the masks after the last step, float32, shape = (n, T, D)."""
    blurred = compute_baselines(bundle, windows, LOCAL_MEAN, targets)
    differences = windows - blurred
    columns = assign_columns(bundle, parameters.variables)
    intact, gradients = compute_gradients(bundle, windows, targets, parameters.explained)
    faded, _ = compute_gradients(bundle, blurred, targets, parameters.explained)
    scale = np.maximum(np.abs(intact - faded), np.float32(_LEAST_DIFFERENCE))
    effect = np.abs((gradients * differences) @ columns.T)
    can_fade = np.broadcast_to(
        (np.abs(differences) > _LEAST_CHANGE).any(axis=1, keepdims=True) @ columns.T > 0, effect.shape
    )
    mask = np.where(can_fade, np.float32(0.5), np.float32(0.0))
    momentum = np.zeros_like(mask)
    for step in range(1, parameters.steps + 1):
        outputs, gradients = compute_gradients(
            bundle, (mask @ columns) * differences + blurred, targets, parameters.explained
        )
        error = 2 * (outputs - intact) / scale**2
        of_error = error[:, np.newaxis, np.newaxis] * ((gradients * differences) @ columns.T)
        area = parameters.area * _GROWTH ** ((step - parameters.steps) / max(parameters.steps - 1, 1))
        of_area = np.float32(2 * area) * (mask - _choose_largest(mask, effect, can_fade, parameters.share))
        gradient = of_error + of_area + smoothness_gradient(mask, parameters.change)
        momentum = np.float32(_MOMENTUM) * momentum + np.where(can_fade, gradient, np.float32(0.0))
        mask = np.clip(mask - np.float32(parameters.learning_rate) * momentum, 0.0, 1.0)
        report_progress(on_step, step, parameters.steps)
    return mask @ columns


def _choose_largest(mask: np.ndarray, effect: np.ndarray, can_fade: np.ndarray, share: float) -> np.ndarray:
    """Return 1 for the largest share of the mask values that can fade, else 0, float32, shape = (n, T, n_masks)."""
    largest = np.zeros(mask.shape, dtype=np.float32)
    for window_largest, values, window_effect, fades in zip(largest, mask, effect, can_fade, strict=True):
        if fades.any():
            scale = max(float(window_effect.max()), np.finfo(np.float32).tiny)
            order = values[fades] + _TIE * window_effect[fades] / scale
            n_kept = max(round(share * order.size), 1)
            window_largest[fades] = order >= np.partition(order, -n_kept)[-n_kept]
    return largest
