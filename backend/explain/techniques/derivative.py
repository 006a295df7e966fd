"""Input derivative: how steeply the score answers to each value of the window."""

import time
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import output_slopes
from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience, scaled_to_unit
from backend.explain.target_output import EXPLAINED
from backend.models.bundle import Bundle

__all__ = ["DerivativeParameters", "derivative"]


@dataclass(frozen=True)
class DerivativeParameters(Parameters):
    """What is derived.

    Attributes
    ----------
    explained : ``score`` or ``probability``
    """

    explained: str = parameter("score", "Explained", choices=EXPLAINED)


def derivative(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: DerivativeParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Salience as the size of the derivative of the class score by each input value, |d s_c / d x|.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : DerivativeParameters
    on_step : callable or None
        Told once, at the end.

    Returns
    -------
    Salience
        ``raw`` in units of the score for one unit of the input.

    Raises
    ------
    Cancelled
        If ``on_step`` says so.

    References
    ----------
    van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 3;
    Simonyan et al. 2014.
    """
    started = time.perf_counter()
    _, slopes = output_slopes(bundle, window[np.newaxis], (target,), parameters.explained)
    raw = np.abs(slopes[0])
    report(on_step, 1, 1)
    return Salience(
        values=scaled_to_unit(raw),
        raw=raw,
        technique="derivative",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )
