"""Learned mask: the smallest part of the window whose fading lowers the score."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import compute_gradients
from backend.explain.parameters import Parameters, parameter
from backend.explain.perturbation.baselines import BASELINES, compute_baselines
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience, scale_to_unit
from backend.explain.target_output import OUTPUTS
from backend.explain.techniques.adam import Adam
from backend.explain.techniques.learned_masks import assign_columns, smoothness_gradient
from backend.models.bundle import Bundle

__all__ = ["MaskParameters", "learned_mask", "learned_mask_many"]

_DEPTH_OF_START = 0.2
"""The greatest distance from 1 at which a mask may start: what 200 optimisation steps cover."""


@dataclass(frozen=True)
class MaskParameters(Parameters):
    """How the mask is learned.

    Attributes
    ----------
    l1 : float
        The L1 weight: the penalty for deleting one whole value.
    l2 : float
        The smoothness weight: the penalty for changes of the mask from step to step.
    learning_rate : float
    steps : int
        Of Adam. With a learning rate of 0.001 and 500 steps the mask cannot reach 0; it falls to about 0.5 where the
        gradient stays the same.
    fill : one of BASELINES
        k, the baseline value where the mask is 0. With ``not measured`` each column fades separately to the value that
        stands for a missing measurement; the values in between occur in no record, and no charted value is carried
        forward over them.
    variables : ``each`` or ``together``
        Whether each source of the variables (a lead, a sensor, a charted parameter) has its own mask, or all share one.
    explained : ``score`` or ``probability``
    seed : int
        Of the starting point: 0 starts from m = 1, as published; any other seed starts at random slightly below 1.
    """

    l1: float = parameter(0.003, "L1 weight", minimum=0.0, maximum=10.0)
    l2: float = parameter(0.001, "Smoothness weight", minimum=0.0, maximum=10.0)
    learning_rate: float = parameter(0.001, "Learning rate", minimum=0.00001, maximum=0.1)
    steps: int = parameter(500, "Optimisation steps", minimum=1, maximum=5000)
    fill: float | str = parameter(0.0, "Baseline value (k)", choices=BASELINES)
    variables: str = parameter("each", "Variables", choices=("each", "together"))
    explained: str = parameter("score", "Explained output", choices=OUTPUTS)
    seed: int = parameter(0, "Seed", minimum=0, maximum=1_000_000)


def learned_mask(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: MaskParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return 1 - m for a mask m in 0..1 learned to lower the score by fading as little as possible.

    It minimises l1 * sum|1 - m| + l2 * sum|m[t+1] - m[t]| + s_c(m * x + k * (1 - m)), from m = 1, with Adam; m is
    clamped to 0..1 after each step. Only changes along time are penalised, not those between variables.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : MaskParameters
    on_step : callable or None
        Called after each step of the optimisation.

    Returns
    -------
    Salience
        ``raw`` is the mask m. ``values`` are all 0 if fading any part would cost more than it gains.

    Raises
    ------
    Cancelled
        If ``on_step`` returns False.

    References
    ----------
    van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 3.4;
    Fong & Vedaldi 2017; Kingma & Ba 2015 (Adam).
    """
    return learned_mask_many(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def learned_mask_many(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: MaskParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """Return the ``learned_mask`` of several windows (n, T, D), computed together, which is much faster."""
    started = time.perf_counter()
    masks = _learn_masks(bundle, windows, targets, parameters, on_step)
    seconds = (time.perf_counter() - started) / len(windows)
    return tuple(
        Salience(
            values=scale_to_unit(-mask, bundle.window),
            raw=mask,
            technique="mask",
            parameters=parameters.values(),
            target=target,
            seconds=seconds,
        )
        for mask, target in zip(masks, targets, strict=True)
    )


def _learn_masks(
    bundle: Bundle, windows: np.ndarray, targets: Sequence[str], parameters: MaskParameters, on_step: OnStep | None
) -> np.ndarray:
    """Return the masks after the last step, float32, shape = (n, T, D)."""
    baselines = compute_baselines(bundle, windows, parameters.fill, targets)
    differences = windows - baselines
    columns = assign_columns(bundle, parameters.variables)
    mask = _start_mask((*windows.shape[:2], len(columns)), parameters.seed)
    adam = Adam(mask, parameters.learning_rate)
    for step in range(1, parameters.steps + 1):
        faded = (mask @ columns) * differences + baselines
        _, gradients = compute_gradients(bundle, faded, targets, parameters.explained)
        of_penalties = smoothness_gradient(mask, parameters.l2) - np.float32(parameters.l1) * np.sign(1 - mask)
        adam.step((gradients * differences) @ columns.T + of_penalties)
        np.clip(mask, 0.0, 1.0, out=mask)
        report_progress(on_step, step, parameters.steps)
    return mask @ columns


def _start_mask(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return the starting point, the same for every window, float32, shape = (n, T, n_masks)."""
    if seed == 0:
        return np.ones(shape, dtype=np.float32)
    start = np.random.default_rng(seed).uniform(1.0 - _DEPTH_OF_START, 1.0, size=shape[1:])
    return np.broadcast_to(start, shape).astype(np.float32)
