"""Fading mask: the smallest part of the window that keeps the score while the rest fades into its moving average."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import output_slopes
from backend.explain.parameters import Parameters, parameter
from backend.explain.perturbation.baselines import LOCAL_MEAN, fills_of_many
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience, scaled_to_unit
from backend.explain.target_output import EXPLAINED
from backend.explain.techniques.learned_masks import columns_of_masks, slope_of_changes
from backend.models.bundle import Bundle

__all__ = ["FadeParameters", "fade", "fades"]

_MOMENTUM = 0.9
_GROWTH = 100.0
"""How many times dearer a wrong area is at the last step than at the first."""

_LEAST_CHANGE = 1e-4
"""A source whose values all lie this close to their moving average does not fade."""

_LEAST_DIFFERENCE = 0.1
"""What is explained is taken to differ from that of a faded window by this at least, when errors are measured by it."""

_TIE = np.float32(1e-4)
"""What the effect of a value counts against its mask when the largest are chosen: it decides between equals alone."""


@dataclass(frozen=True)
class FadeParameters(Parameters):
    """How the mask is learned.

    Attributes
    ----------
    share : float
        a, the share of all values that can fade that is to be kept.
    area : float
        lambda_a, the price of another area, at the last step; a hundredth of it at the first.
    change : float
        lambda_c, the price of the mask's changes from step to step.
    learning_rate : float
    steps : int
        By a study on validation patients of both ECG models (up to 89 and 73 beats), masks of 100 steps were a little
        less faithful than those of 200 and those of 400 no more; prices of area from 0.03 to 0.3 differed little.
    variables : ``each`` or ``together``
        Whether every source of the variables (a lead, a sensor, a charted parameter) has a mask of its own, or all
        share one.
    explained : ``score`` or ``probability``
    """

    share: float = parameter(0.1, "Share to be kept", least=0.01, most=0.9)
    area: float = parameter(0.03, "Price of another share", least=0.0, most=100.0)
    change: float = parameter(0.001, "Price of a change from step to step", least=0.0, most=10.0)
    learning_rate: float = parameter(0.1, "Learning rate", least=0.0001, most=1.0)
    steps: int = parameter(200, "Steps of optimisation", least=1, most=5000)
    variables: str = parameter("each", "Variables", choices=("each", "together"))
    explained: str = parameter("score", "Explained", choices=EXPLAINED)


def fade(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: FadeParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Salience by learning a mask m in 0..1 that keeps the score while all but a share of the window fades.

    With f(m) = m * x + (1 - m) * b, where b is x averaged over a quarter of the window around each step, it minimises
    (s_c(f(m)) - s_c(x))^2 / (s_c(b) - s_c(x))^2 + lambda_a * |sort(m) - r_a|^2 + lambda_c * sum|m[t+1] - m[t]|, from
    m = 0.5, by gradient descent with momentum 0.9; m is clamped to 0..1 after each step, and lambda_a grows a
    hundredfold from the first step to the last. r_a is 1 for the share a of the values of m that are largest, and 0
    for the rest.

    Where we differ from the paper: what is kept is one class's score, and the error is measured by what fading all of
    the window does to it (by 0.1 at least), so that one price suits large and small scores; between equal values of m
    the one whose slope times way (s_c'(x) * (x - b)) is larger counts as larger, since at the start all are equal; a
    source that never changes within the window has nothing to fade into, is left out of the area, and gets 0; and a is
    given rather than searched for. Adam was tried as well: it soon carries values that hardly matter as far as those
    that do, and on the network of 2018 found masks of less worth.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : FadeParameters
    on_step : callable or None
        Told after each step of optimisation.

    Returns
    -------
    Salience
        ``raw`` is the mask m itself.

    Raises
    ------
    Cancelled
        If ``on_step`` says so.

    References
    ----------
    Crabbé & van der Schaar 2021, "Explaining time series predictions with dynamic masks", sections 3 and 4.
    """
    return fades(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def fades(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: FadeParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """``fade`` of several windows (n, T, D) at once, which takes far less time than one after the other."""
    started = time.perf_counter()
    raw = _learned(bundle, windows, targets, parameters, on_step)
    seconds = (time.perf_counter() - started) / len(windows)
    return tuple(
        Salience(
            values=scaled_to_unit(own),
            raw=own,
            technique="fade",
            parameters=parameters.values(),
            target=target,
            seconds=seconds,
        )
        for own, target in zip(raw, targets, strict=True)
    )


def _learned(
    bundle: Bundle, windows: np.ndarray, targets: Sequence[str], parameters: FadeParameters, on_step: OnStep | None
) -> np.ndarray:
    """The masks after the last step, float32, shape = (n, T, D)."""
    blurred = fills_of_many(bundle, windows, LOCAL_MEAN, targets)
    way = windows - blurred
    columns = columns_of_masks(bundle, parameters.variables)
    whole, slopes = output_slopes(bundle, windows, targets, parameters.explained)
    blank, _ = output_slopes(bundle, blurred, targets, parameters.explained)
    scale = np.maximum(np.abs(whole - blank), np.float32(_LEAST_DIFFERENCE))
    effect = np.abs((slopes * way) @ columns.T)
    fading = np.broadcast_to((np.abs(way) > _LEAST_CHANGE).any(axis=1, keepdims=True) @ columns.T > 0, effect.shape)
    mask = np.where(fading, np.float32(0.5), np.float32(0.0))
    momentum = np.zeros_like(mask)
    for step in range(1, parameters.steps + 1):
        outputs, slopes = output_slopes(bundle, (mask @ columns) * way + blurred, targets, parameters.explained)
        error = 2 * (outputs - whole) / scale**2
        of_error = error[:, np.newaxis, np.newaxis] * ((slopes * way) @ columns.T)
        area = parameters.area * _GROWTH ** ((step - parameters.steps) / max(parameters.steps - 1, 1))
        of_area = np.float32(2 * area) * (mask - _largest(mask, effect, fading, parameters.share))
        slope = of_error + of_area + slope_of_changes(mask, parameters.change)
        momentum = np.float32(_MOMENTUM) * momentum + np.where(fading, slope, np.float32(0.0))
        mask = np.clip(mask - np.float32(parameters.learning_rate) * momentum, 0.0, 1.0)
        report(on_step, step, parameters.steps)
    return mask @ columns


def _largest(mask: np.ndarray, effect: np.ndarray, fading: np.ndarray, share: float) -> np.ndarray:
    """1 for the share of what fades whose mask is largest, else 0, float32, shape = (n, T, n_masks) as the mask."""
    wanted = np.zeros(mask.shape, dtype=np.float32)
    for own, given, of_effect, can in zip(wanted, mask, effect, fading, strict=True):
        if can.any():
            order = given[can] + _TIE * of_effect[can] / max(float(of_effect.max()), np.finfo(np.float32).tiny)
            count = max(round(share * order.size), 1)
            own[can] = order >= np.partition(order, -count)[-count]
    return wanted
