"""Integrated gradients: the contribution of each value to the score difference from a baseline."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import compute_gradients
from backend.explain.parameters import Parameters, parameter
from backend.explain.perturbation.baselines import BASELINES, compute_baselines
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience
from backend.explain.target_output import OUTPUTS
from backend.explain.techniques.signed import make_signed_saliences
from backend.models.bundle import Bundle

__all__ = ["IntegratedGradientsParameters", "integrated_gradients", "integrated_gradients_many"]

_POINTS_AT_ONCE = 512
"""Points on the path that are evaluated together, which limits the memory to some hundred megabytes."""


@dataclass(frozen=True)
class IntegratedGradientsParameters(Parameters):
    """The baseline and the number of points on the path from it.

    Attributes
    ----------
    fill : one of BASELINES
        k, the baseline value.
    steps : int
        Points of the Gauss-Legendre quadrature along the path.
    explained : ``score`` or ``probability``
    """

    fill: float | str = parameter(0.0, "Baseline value (k)", choices=BASELINES)
    steps: int = parameter(100, "Integration steps", minimum=2, maximum=1000)
    explained: str = parameter("score", "Explained output", choices=OUTPUTS)


def integrated_gradients(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: IntegratedGradientsParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return (x - b) times the mean gradient of the score on the straight path from a baseline b to the window x.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : IntegratedGradientsParameters
    on_step : callable or None
        Called once, at the end.

    Returns
    -------
    Salience
        ``raw`` in units of the explained output, positive where a value supports the class. The sum approaches
        s_c(x) - s_c(b) with more points; a value equal to the baseline gets 0.

    Raises
    ------
    RecordRefused
        If the baseline is a class mean that the model lacks.
    Cancelled
        If ``on_step`` returns False.

    References
    ----------
    Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks", section 3.
    """
    return integrated_gradients_many(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def integrated_gradients_many(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: IntegratedGradientsParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """Return the ``integrated_gradients`` of several windows (n, T, D), computed in batches."""
    started = time.perf_counter()
    raw = np.empty(windows.shape, dtype=np.float32)
    at_once = max(_POINTS_AT_ONCE // parameters.steps, 1)
    for first in range(0, len(windows), at_once):
        part = slice(first, first + at_once)
        raw[part] = _integrate(bundle, windows[part], targets[part], parameters)
        report_progress(on_step, min(first + at_once, len(windows)), len(windows))
    seconds = time.perf_counter() - started
    return make_signed_saliences(raw, bundle.window, "integrated_gradients", parameters, targets, seconds)


def _integrate(
    bundle: Bundle, windows: np.ndarray, targets: Sequence[str], parameters: IntegratedGradientsParameters
) -> np.ndarray:
    """Return the raw salience, float32, shape = (n, T, D)."""
    nodes, weights = (np.asarray(rule, dtype=np.float32) for rule in np.polynomial.legendre.leggauss(parameters.steps))
    positions = (1 + nodes[:, np.newaxis, np.newaxis]) / 2
    baselines = compute_baselines(bundle, windows, parameters.fill, targets)
    differences = windows - baselines
    points = (baselines[:, np.newaxis] + positions * differences[:, np.newaxis]).reshape(-1, *windows.shape[1:])
    point_targets = [target for target in targets for _ in range(parameters.steps)]
    _, gradients = compute_gradients(bundle, points, point_targets, parameters.explained)
    by_point = gradients.reshape(len(windows), parameters.steps, *windows.shape[1:])
    return np.asarray(differences * np.einsum("s,nstd->ntd", weights / 2, by_point))
