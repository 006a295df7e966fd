"""Learned mask: which part of the window can be kept while the score is brought down."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import output_slopes
from backend.explain.parameters import Parameters, parameter
from backend.explain.perturbation.baselines import FILLS, fills_of_many
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience, scaled_to_unit
from backend.explain.target_output import EXPLAINED
from backend.explain.techniques.adam import Adam
from backend.explain.techniques.learned_masks import columns_of_masks, slope_of_changes
from backend.models.bundle import Bundle

__all__ = ["MaskParameters", "learned_mask", "learned_masks"]

_DEPTH_OF_START = 0.2
"""How far below 1 a mask may begin: as far as 200 of its steps reach."""


@dataclass(frozen=True)
class MaskParameters(Parameters):
    """How the mask is learned.

    Attributes
    ----------
    l1 : float
        Price of taking out one whole value. 0.003 by a study on a trial network for six kinds of beat (56 beats
        of 12 records of MIT-BIH, default parameters; medians): at 0, a third of all values were faded below 0.9 to
        lower the score by 2.6; at 0.001, 19 % for 2.4; at 0.003, 13 % for 2.1; at 0.01, 4 % for 0.8; and from 0.05
        on most beats kept everything. 0.003 is the most that still leaves four fifths of the effect.
    l2 : float
        Price of the mask's changes from step to step.
    learning_rate : float
    steps : int
        Of Adam. With a learning rate of 0.001 and 500 steps the mask cannot reach 0: its least value was about
        0.5 where the slope stays the same, and a quarter where it grows.
    fill : one of FILLS
        k, what stands where the mask is 0. With ``not measured`` each column fades by itself to what stands there when
        nothing was measured, over values that no record gives, and no charted value is carried forward over it.
    variables : ``each`` or ``together``
        Whether every source of the variables (a lead, a sensor, a charted parameter) has a mask of its own, or all
        share one.
    explained : ``score`` or ``probability``
    seed : int
        Of where the search begins: 0 at m = 1 throughout, as published; another number a little below, at random.
    """

    l1: float = parameter(0.003, "Price of a value taken out", least=0.0, most=10.0)
    l2: float = parameter(0.001, "Price of a change from step to step", least=0.0, most=10.0)
    learning_rate: float = parameter(0.001, "Learning rate", least=0.00001, most=0.1)
    steps: int = parameter(500, "Steps of optimisation", least=1, most=5000)
    fill: float | str = parameter(0.0, "Masked steps become", choices=FILLS)
    variables: str = parameter("each", "Variables", choices=("each", "together"))
    explained: str = parameter("score", "Explained", choices=EXPLAINED)
    seed: int = parameter(0, "Seed", least=0, most=1_000_000)


def learned_mask(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: MaskParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Salience by learning a mask m in 0..1 that takes out as little as it can to bring the score down.

    Minimises l1 * sum|1 - m| + l2 * sum|m[t+1] - m[t]| + s_c(m * x + k * (1 - m)), from m = 1, with Adam; m is
    clamped to 0..1 after each step. Changes are counted along time alone, not from variable to variable. Shown is
    1 - m, scaled.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : MaskParameters
    on_step : callable or None
        Told after each step of optimisation.

    Returns
    -------
    Salience
        ``raw`` is the mask m itself. All zeros where nothing could be gained by taking anything out.

    Raises
    ------
    Cancelled
        If ``on_step`` says so.

    References
    ----------
    van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 3.4;
    Fong & Vedaldi 2017; Kingma & Ba 2015 (Adam).
    """
    return learned_masks(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def learned_masks(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: MaskParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """``learned_mask`` of several windows (n, T, D) at once, which takes far less time than one after the other."""
    started = time.perf_counter()
    raw = _learned(bundle, windows, targets, parameters, on_step)
    seconds = (time.perf_counter() - started) / len(windows)
    return tuple(
        Salience(
            values=scaled_to_unit(-own),
            raw=own,
            technique="mask",
            parameters=parameters.values(),
            target=target,
            seconds=seconds,
        )
        for own, target in zip(raw, targets, strict=True)
    )


def _learned(
    bundle: Bundle, windows: np.ndarray, targets: Sequence[str], parameters: MaskParameters, on_step: OnStep | None
) -> np.ndarray:
    """The masks after the last step, float32, shape = (n, T, D)."""
    instead = fills_of_many(bundle, windows, parameters.fill, targets)
    taken_out = windows - instead
    columns = columns_of_masks(bundle, parameters.variables)
    mask = _first_mask((*windows.shape[:2], len(columns)), parameters.seed)
    adam = Adam(mask, parameters.learning_rate)
    for step in range(1, parameters.steps + 1):
        faded = (mask @ columns) * taken_out + instead
        _, slopes = output_slopes(bundle, faded, targets, parameters.explained)
        of_prices = slope_of_changes(mask, parameters.l2) - np.float32(parameters.l1) * np.sign(1 - mask)
        adam.step((slopes * taken_out) @ columns.T + of_prices)
        np.clip(mask, 0.0, 1.0, out=mask)
        report(on_step, step, parameters.steps)
    return mask @ columns


def _first_mask(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Where the search begins: the same for every window, float32, shape = (n, T, n_masks)."""
    if seed == 0:
        return np.ones(shape, dtype=np.float32)
    drawn = np.random.default_rng(seed).uniform(1.0 - _DEPTH_OF_START, 1.0, size=shape[1:])
    return np.broadcast_to(drawn, shape).astype(np.float32)
