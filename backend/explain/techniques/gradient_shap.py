"""Gradient SHAP: integrated gradients by chance, over windows a little different from this one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.gradients import output_slopes
from backend.explain.parameters import Parameters, parameter
from backend.explain.perturbation.baselines import FILLS, fills_of_many
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience
from backend.explain.target_output import EXPLAINED
from backend.explain.techniques.signed import signed_saliences
from backend.models.bundle import Bundle

__all__ = ["GradientShapParameters", "all_gradient_shap", "gradient_shap"]

_READINGS_AT_ONCE = 512


@dataclass(frozen=True)
class GradientShapParameters(Parameters):
    """From where the ways lead, how many there are, and how far they spread.

    Attributes
    ----------
    fill : one of FILLS
        The baseline: what the window is compared with.
    samples : int
        Readings, each at a random place on the way from the baseline to a window with noise.
    noise : float
        Deviation of that noise, as a share of each variable's own deviation in the window; a variable that stays the
        same throughout gets none.
    seed : int
    explained : ``score`` or ``probability``
    """

    fill: float | str = parameter(0.0, "Compared with", choices=FILLS)
    samples: int = parameter(100, "Readings", least=2, most=2000)
    noise: float = parameter(0.1, "Noise, as a share of a variable's deviation", least=0.0, most=2.0)
    seed: int = parameter(0, "Seed", least=0, most=1_000_000)
    explained: str = parameter("score", "Explained", choices=EXPLAINED)


def gradient_shap(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: GradientShapParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Salience as the mean of (x' - b) times the slope of the score at b + a * (x' - b), where x' is x with noise.

    a is drawn evenly from 0 to 1, once for each reading, as is the noise. It is what Captum's ``GradientShap`` does
    for one baseline, with two differences: noise is measured by each variable's own deviation (one size for an ECG and
    for a measurement that never changes suits neither), and numbers are drawn by a generator of its own. Captum draws
    from those of the whole process, where a seed holds only while nobody else draws: a server answers several people.

    Parameters
    ----------
    bundle : Bundle
    window : float32 array, shape = (T, D)
    target : str
        The explained class.
    parameters : GradientShapParameters
    on_step : callable or None
        Told once, at the end.

    Returns
    -------
    Salience
        ``raw`` in units of what is explained, above 0 for what speaks for the class. It adds up to about
        s_c(x) - s_c(b).

    Raises
    ------
    RecordRefused
        If the baseline is the mean of classes that the model does not know.
    Cancelled
        If ``on_step`` says so.

    References
    ----------
    Lundberg & Lee 2017, "A unified approach to interpreting model predictions"; Erion et al. 2021 (expected
    gradients); Smilkov et al. 2017 (the noise).
    """
    return all_gradient_shap(bundle, window[np.newaxis], (target,), parameters, on_step)[0]


def all_gradient_shap(
    bundle: Bundle,
    windows: np.ndarray,
    targets: Sequence[str],
    parameters: GradientShapParameters,
    on_step: OnStep | None = None,
) -> tuple[Salience, ...]:
    """``gradient_shap`` of several windows (n, T, D), as many at once as there is room for.

    What is drawn is the same for each of them, so that a window's salience does not hang on those beside it.
    """
    started = time.perf_counter()
    raw = np.empty(windows.shape, dtype=np.float32)
    at_once = max(_READINGS_AT_ONCE // parameters.samples, 1)
    for first in range(0, len(windows), at_once):
        part = slice(first, first + at_once)
        raw[part] = _mean_of_readings(bundle, windows[part], targets[part], parameters)
        report(on_step, min(first + at_once, len(windows)), len(windows))
    return signed_saliences(raw, "gradient_shap", parameters, targets, time.perf_counter() - started)


def _mean_of_readings(
    bundle: Bundle, windows: np.ndarray, targets: Sequence[str], parameters: GradientShapParameters
) -> np.ndarray:
    """Raw salience, shape = (n, T, D)."""
    baselines = fills_of_many(bundle, windows, parameters.fill, targets)
    rng = np.random.default_rng(parameters.seed)
    places = rng.random((parameters.samples, 1, 1), dtype=np.float32)
    noise = parameters.noise * rng.standard_normal((parameters.samples, *windows.shape[1:]), dtype=np.float32)
    noisy = windows[:, np.newaxis] + noise * windows.std(axis=1, keepdims=True)[:, np.newaxis]
    ways = noisy - baselines[:, np.newaxis]
    read = (baselines[:, np.newaxis] + places * ways).reshape(-1, *windows.shape[1:])
    of_reading = [target for target in targets for _ in range(parameters.samples)]
    _, slopes = output_slopes(bundle, read, of_reading, parameters.explained)
    return np.asarray((ways * slopes.reshape(ways.shape)).mean(axis=1))
