"""Input derivative: how steeply the score answers to each value of the window."""

import time
from dataclasses import dataclass

import numpy as np
import torch

from backend.explain.backpropagation import quick_backpropagation
from backend.explain.explained import EXPLAINED, explained_output, window_tensor
from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience, scaled_to_unit
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
    values = window_tensor(window).requires_grad_()
    with quick_backpropagation():
        output = explained_output(bundle, bundle.network(values), target, parameters.explained)
        (slope,) = torch.autograd.grad(output.sum(), values)
    raw = slope.abs()[0].numpy()
    report(on_step, 1, 1)
    return Salience(
        values=scaled_to_unit(raw),
        raw=raw,
        technique="derivative",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )
