"""Gradient x input: what the score would lose if each value went to zero along a straight line."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import output_slopes
from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience
from backend.explain.target_output import EXPLAINED
from backend.explain.techniques.signed import signed_saliences
from backend.models.bundle import Bundle

__all__ = ["GradientInputParameters", "gradient_input", "gradient_inputs"]


@dataclass(frozen=True)
class GradientInputParameters(Parameters):
    """What is derived.

    Attributes
    ----------
    explained : ``score`` or ``probability``
    """

    explained: str = parameter("score", "Explained", choices=EXPLAINED)


def gradient_input(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: GradientInputParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Salience as each value times the derivative of the class score by it, x * d s_c / d x.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : GradientInputParameters
    on_step : callable or None
        Told once, at the end.

    Returns
    -------
    Salience
        ``raw`` in units of the score, above 0 for what speaks for the class. A value of 0 is never salient: of a
        standardised lead that is its mean level, of a rhythm measurement the usual rhythm.

    Raises
    ------
    Cancelled
        If ``on_step`` says so.

    References
    ----------
    Shrikumar et al. 2016, "Not just a black box"; Ancona et al. 2018, "Towards better understanding of gradient-based
    attribution methods", section 2.
    """
    return gradient_inputs(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def gradient_inputs(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: GradientInputParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """``gradient_input`` of several windows (n, T, D) at once."""
    started = time.perf_counter()
    _, slopes = output_slopes(bundle, windows, targets, parameters.explained)
    report(on_step, 1, 1)
    return signed_saliences(windows * slopes, "gradient_input", parameters, targets, time.perf_counter() - started)
