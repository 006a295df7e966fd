"""Learned mask: which part of the window can be kept while the score is brought down."""

import time
from dataclasses import dataclass

import numpy as np
import torch

from backend.explain.backpropagation import quick_backpropagation
from backend.explain.explained import EXPLAINED, explained_output, window_tensor
from backend.explain.fills import FILLS, fill_values
from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience, scaled_to_unit
from backend.models.bundle import Bundle
from backend.windows.windows import columns_of

__all__ = ["MaskParameters", "learned_mask"]

_DECAY_OF_MEAN = 0.9
_DECAY_OF_SQUARE = 0.999
_LEAST_DEVIATION = 1e-8
"""Adam's beta 1, beta 2 and epsilon, as in its paper."""


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
    """

    l1: float = parameter(0.003, "Price of a value taken out", least=0.0, most=10.0)
    l2: float = parameter(0.001, "Price of a change from step to step", least=0.0, most=10.0)
    learning_rate: float = parameter(0.001, "Learning rate", least=0.00001, most=0.1)
    steps: int = parameter(500, "Steps of optimisation", least=1, most=5000)
    fill: float | str = parameter(0.0, "Masked steps become", choices=FILLS)
    variables: str = parameter("each", "Variables", choices=("each", "together"))
    explained: str = parameter("score", "Explained", choices=EXPLAINED)


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
    started = time.perf_counter()
    with quick_backpropagation():
        raw = _learned(bundle, window, target, parameters, on_step)
    return Salience(
        values=scaled_to_unit(-raw),
        raw=raw,
        technique="mask",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )


def _learned(
    bundle: Bundle, window: np.ndarray, target: str, parameters: MaskParameters, on_step: OnStep | None
) -> np.ndarray:
    """The mask after the last step, float32, shape = (T, D)."""
    values = window_tensor(window)
    instead = torch.from_numpy(fill_values(bundle, window, parameters.fill, target).copy())
    columns = _columns_of_masks(bundle, window.shape[1], parameters.variables)
    mask = torch.ones(1, len(window), len(columns))
    adam = _Adam(mask, parameters.learning_rate)
    for step in range(1, parameters.steps + 1):
        whole = mask @ columns
        faded = (whole * values + (1 - whole) * instead).requires_grad_()
        kept = explained_output(bundle, bundle.network(faded), target, parameters.explained)
        (slope,) = torch.autograd.grad(kept.sum(), faded)
        of_score = (slope * (values - instead)) @ columns.T
        adam.step(of_score + _slope_of_prices(mask, parameters))
        mask.clamp_(0.0, 1.0)
        report(on_step, step, parameters.steps)
    return (mask @ columns)[0].numpy()


def _columns_of_masks(bundle: Bundle, n_variables: int, variables: str) -> torch.Tensor:
    """1 where a mask fades a column, float32, shape = (n_masks, D)."""
    if variables == "together":
        return torch.ones(1, n_variables)
    return torch.from_numpy(columns_of(bundle.window.sources).astype(np.float32))


def _slope_of_prices(mask: torch.Tensor, parameters: MaskParameters) -> torch.Tensor:
    """The derivative of l1 * sum|1 - m| + l2 * sum|m[t+1] - m[t]| by m, shape = (n, T, columns) as the mask.

    Written out, since building and walking a graph for it took longer than one step of a small network.
    """
    slope = -parameters.l1 * (1 - mask).sign()
    rises = parameters.l2 * mask.diff(dim=1).sign()
    slope[:, 1:] += rises
    slope[:, :-1] -= rises
    return slope


class _Adam:
    """Adam as published (Kingma & Ba 2015, algorithm 1), changing ``parameter`` in place.

    torch's own first loads its compiler, for over a second, and then takes several times as long for each step.
    """

    def __init__(self, parameter: torch.Tensor, learning_rate: float) -> None:
        self._parameter = parameter
        self._learning_rate = learning_rate
        self._mean = torch.zeros_like(parameter)
        self._square = torch.zeros_like(parameter)
        self._steps = 0

    def step(self, gradient: torch.Tensor) -> None:
        self._steps += 1
        self._mean.lerp_(gradient, 1 - _DECAY_OF_MEAN)
        self._square.mul_(_DECAY_OF_SQUARE).addcmul_(gradient, gradient, value=1 - _DECAY_OF_SQUARE)
        deviation = (self._square / (1 - _DECAY_OF_SQUARE**self._steps)).sqrt_().add_(_LEAST_DEVIATION)
        pace = self._learning_rate / (1 - _DECAY_OF_MEAN**self._steps)
        self._parameter.addcdiv_(self._mean, deviation, value=-pace)
