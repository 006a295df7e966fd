"""Gradient x input: the score reduction if each value fell to 0 and the score were linear."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import compute_gradients
from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience
from backend.explain.target_output import OUTPUTS
from backend.explain.techniques.signed import make_signed_saliences
from backend.models.bundle import Bundle

__all__ = ["GradientInputParameters", "gradient_input", "gradient_input_many"]


@dataclass(frozen=True)
class GradientInputParameters(Parameters):
    """What the gradient is of.

    Attributes
    ----------
    explained : ``score`` or ``probability``
    """

    explained: str = parameter("score", "Explained output", choices=OUTPUTS)


def gradient_input(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: GradientInputParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return each value times the derivative of the class score with respect to it, x * d s_c / d x.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : GradientInputParameters
    on_step : callable or None
        Called once, at the end.

    Returns
    -------
    Salience
        ``raw`` in units of the score, positive where a value supports the class. A value of 0 is never salient: 0 is
        the mean level of a standardised lead and the usual rhythm of a rhythm feature.

    Raises
    ------
    Cancelled
        If ``on_step`` returns False.

    References
    ----------
    Shrikumar et al. 2016, "Not just a black box"; Ancona et al. 2018, "Towards better understanding of gradient-based
    attribution methods", section 2.
    """
    return gradient_input_many(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def gradient_input_many(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: GradientInputParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """Return the ``gradient_input`` of several windows (n, T, D), computed together."""
    started = time.perf_counter()
    _, gradients = compute_gradients(bundle, windows, targets, parameters.explained)
    report_progress(on_step, 1, 1)
    seconds = time.perf_counter() - started
    return make_signed_saliences(windows * gradients, bundle.window, "gradient_input", parameters, targets, seconds)
