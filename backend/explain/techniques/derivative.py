"""Input derivative: the absolute gradient of the score at each value of the window."""

import time
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import compute_gradients
from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience, scale_to_unit
from backend.explain.target_output import OUTPUTS
from backend.models.bundle import Bundle
from backend.windows.base import varying_columns

__all__ = ["DerivativeParameters", "derivative"]


@dataclass(frozen=True)
class DerivativeParameters(Parameters):
    """What the gradient is of.

    Attributes
    ----------
    explained : ``score`` or ``probability``
    """

    explained: str = parameter("score", "Explained output", choices=OUTPUTS)


def derivative(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: DerivativeParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return the absolute derivative of the class score with respect to each input value, |d s_c / d x|.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : DerivativeParameters
    on_step : callable or None
        Called once, at the end.

    Returns
    -------
    Salience
        ``raw`` in units of the score per unit of the input.

    Raises
    ------
    Cancelled
        If ``on_step`` returns False.

    References
    ----------
    van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 3.2;
    Simonyan et al. 2014.
    """
    started = time.perf_counter()
    _, gradients = compute_gradients(bundle, window[np.newaxis], (target,), parameters.explained)
    is_varying = varying_columns(bundle.window)
    raw = np.where(is_varying, np.abs(gradients[0]), np.float32(0.0))
    report_progress(on_step, 1, 1)
    return Salience(
        values=scale_to_unit(raw, bundle.window),
        raw=raw,
        technique="derivative",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )
