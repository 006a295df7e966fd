"""Gradient SHAP: gradients averaged at random points between a baseline and noisy copies of the window."""

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
from backend.windows.base import varying_columns

__all__ = ["GradientShapParameters", "gradient_shap", "gradient_shap_many"]

_SAMPLES_AT_ONCE = 512


@dataclass(frozen=True)
class GradientShapParameters(Parameters):
    """The baseline, the number of samples and the noise.

    Attributes
    ----------
    fill : one of BASELINES
        k, the baseline value.
    samples : int
        Each at a random point between the baseline and a noisy copy of the window.
    noise : float
        Standard deviation of the noise, as a share of each variable's standard deviation in the window; a constant
        variable gets none.
    seed : int
    explained : ``score`` or ``probability``
    """

    fill: float | str = parameter(0.0, "Baseline value (k)", choices=BASELINES)
    samples: int = parameter(100, "Samples", minimum=2, maximum=2000)
    noise: float = parameter(0.1, "Noise level", unit="SD", minimum=0.0, maximum=2.0)
    seed: int = parameter(0, "Seed", minimum=0, maximum=1_000_000)
    explained: str = parameter("score", "Explained output", choices=OUTPUTS)


def gradient_shap(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: GradientShapParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return the mean of (x' - b) times the gradient of the score at b + a * (x' - b), where x' is x with noise.

    a is drawn uniformly from 0 to 1 for each sample, as is the noise.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : GradientShapParameters
    on_step : callable or None
        Called once, at the end.

    Returns
    -------
    Salience
        ``raw`` in units of the explained output, positive where a value supports the class. The sum is about
        s_c(x) - s_c(b).

    Raises
    ------
    RecordRefused
        If the baseline is a class mean that the model lacks.
    Cancelled
        If ``on_step`` returns False.

    Notes
    -----
    Departures from Captum's ``GradientShap`` with one baseline:

    - The noise is scaled by the standard deviation of each variable, since no single size suits both an ECG lead and a
      feature that never changes.
    - Random numbers come from a generator of this call. Those of the whole process depend on who else draws from them,
      and a server answers several people.

    References
    ----------
    Lundberg & Lee 2017, "A unified approach to interpreting model predictions"; Erion et al. 2021 (expected
    gradients); Smilkov et al. 2017 (the noise).
    """
    return gradient_shap_many(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def gradient_shap_many(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: GradientShapParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """Return the ``gradient_shap`` of several windows (n, T, D), computed in batches.

    All windows share the same draws, so that the salience of a window does not depend on its batch.
    """
    started = time.perf_counter()
    raw = np.empty(windows.shape, dtype=np.float32)
    at_once = max(_SAMPLES_AT_ONCE // parameters.samples, 1)
    for first in range(0, len(windows), at_once):
        part = slice(first, first + at_once)
        raw[part] = _average_samples(bundle, windows[part], targets[part], parameters)
        report_progress(on_step, min(first + at_once, len(windows)), len(windows))
    seconds = time.perf_counter() - started
    return make_signed_saliences(raw, bundle.window, "gradient_shap", parameters, targets, seconds)


def _average_samples(
    bundle: Bundle, windows: np.ndarray, targets: Sequence[str], parameters: GradientShapParameters
) -> np.ndarray:
    """Return the raw salience, float32, shape = (n, T, D)."""
    baselines = compute_baselines(bundle, windows, parameters.fill, targets)
    rng = np.random.default_rng(parameters.seed)
    positions = rng.random((parameters.samples, 1, 1), dtype=np.float32)
    noise = parameters.noise * rng.standard_normal((parameters.samples, *windows.shape[1:]), dtype=np.float32)
    is_varying = varying_columns(bundle.window)
    deviations = np.where(is_varying, windows.std(axis=1, keepdims=True), np.float32(0.0))
    noisy = windows[:, np.newaxis] + noise * deviations[:, np.newaxis]
    differences = noisy - baselines[:, np.newaxis]
    points = (baselines[:, np.newaxis] + positions * differences).reshape(-1, *windows.shape[1:])
    point_targets = [target for target in targets for _ in range(parameters.samples)]
    _, gradients = compute_gradients(bundle, points, point_targets, parameters.explained)
    return np.asarray((differences * gradients.reshape(differences.shape)).mean(axis=1))
