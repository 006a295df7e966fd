"""Stability of an explanation under changes that should not matter."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backend.explain.api import default_baseline, explain_many, read_parameters
from backend.explain.parameters import Parameter, Parameters, Value
from backend.explain.perturbation.baselines import LOCAL_MEAN
from backend.explain.progress import OnStep
from backend.explain.quality.faithfulness import measure_comprehensiveness
from backend.explain.quality.rank_correlation import rank_correlation
from backend.explain.quality.verdict import UNCOUNTED, VERDICTS, judge_stability
from backend.explain.techniques.random_control import RandomParameters
from backend.models.bundle import Bundle
from backend.windows.base import varying_columns

__all__ = ["VERDICTS", "Stability", "check_stabilities", "check_stability", "vary_parameters"]

_NOISE = 0.05
"""Standard deviation of the noise, as a share of that of each column in the window; a constant column gets none."""
_NOISE_SEEDS = (0, 1)
_STEP = 0.02
"""Saliences are rounded to this before they are compared, since no eye sees a smaller difference of colour."""
_RANDOM_DRAWS = 19
"""A meaningless salience lowers the score more than all of these in one window of twenty."""

_IMPLIED_BASELINES: Mapping[str, Value] = {"fade": LOCAL_MEAN}
"""The baseline of techniques that fade values without a ``fill`` parameter."""


@dataclass(frozen=True, eq=False)
class Stability:
    """The stability of one explanation of one window.

    Attributes
    ----------
    correlations : mapping of kind to tuple of float
        Rank correlations of the salience (``Salience.values``) with that after each variation of a kind, both rounded
        to 0.02: a parameter that ``vary_parameters`` changes (``width`` is width_steps; ``l1`` and ``l2`` are the L1
        weight and the smoothness weight, of a learned mask and of Dynamask), then ``shift`` and ``noise`` of the
        window. 1 where the rounded saliences are equal, else 0 where one of them is constant; empty where the salience
        itself is constant.
    drop : float
        ``Faithfulness.comprehensiveness`` of the salience.
    drops_at_random : float64 array, shape = (19,)
        The same for as many random saliences.
    verdict : one of VERDICTS
    sentence : str
        The verdict for a clinician, with the lowest correlation of each kind.
    """

    correlations: Mapping[str, tuple[float, ...]]
    drop: float
    drops_at_random: np.ndarray
    verdict: str
    sentence: str


def vary_parameters(technique: str, parameters: Parameters) -> tuple[tuple[str, Parameters], ...]:
    """Return the parameters of a technique with one of them changed at a time, each with the kind of the change.

    The changes are equally reasonable choices: two other seeds, half and twice a penalty weight, 0.6 and 1.6 times the
    width, and another baseline value. Parameters that only affect precision (steps, samples, learning rate,
    stabiliser) or that define the question (score or probability, variables together or each, kept share) stay.
    """
    values = parameters.values()
    bounds = {parameter.name: parameter for parameter in parameters.describe()}
    varied = []
    for kind, name, vary in _VARIATIONS:
        for other in vary(values[name]) if name in values else ():
            value = _clip(other, bounds[name])
            if value != values[name]:
                varied.append((kind, replace(parameters, **{name: value})))
    return tuple(varied)


def _clip(value: Value, bounds: Parameter) -> Value:
    if bounds.minimum is None or bounds.maximum is None:
        return value
    return type(value)(min(max(value, bounds.minimum), bounds.maximum))


def _next_seeds(seed: int) -> tuple[int, ...]:
    return seed + 1, seed + 2


def _halve_and_double(weight: float) -> tuple[float, ...]:
    return weight / 2, weight * 2


def _narrow_and_widen(steps: int) -> tuple[int, ...]:
    return round(0.6 * steps), max(round(1.6 * steps), steps + 1)


def _change_baseline(baseline: Value) -> tuple[Value, ...]:
    return (0.0,) if baseline == "mean" else ("mean",)


_VARIATIONS: tuple[tuple[str, str, Callable[[Any], tuple[Value, ...]]], ...] = (
    ("seed", "seed", _next_seeds),
    ("l1", "l1", _halve_and_double),
    ("l1", "area", _halve_and_double),
    ("l2", "l2", _halve_and_double),
    ("l2", "change", _halve_and_double),
    ("width", "width_steps", _narrow_and_widen),
    (UNCOUNTED, "fill", _change_baseline),
)
"""Kind of the variation, the parameter, and the function that returns its other values."""


def check_stability(
    bundle: Bundle,
    window: np.ndarray,
    technique: str,
    target: str,
    parameters: Parameters | None = None,
    shifted: Mapping[int, np.ndarray] | None = None,
    on_step: OnStep | None = None,
) -> Stability:
    """Return the stability of the explanation of one window (T, D); see ``check_stabilities``.

    Parameters
    ----------
    shifted : mapping of shift to float32 array, shape = (T, D), or None
        The window of the same beat cut some steps later, as ``shift_beats`` returns it; None for alarms and stays.
    """
    return check_stabilities(bundle, window[np.newaxis], technique, (target,), parameters, (shifted or {},), on_step)[0]


def check_stabilities(
    bundle: Bundle,
    windows: np.ndarray,
    technique: str,
    targets: Sequence[str],
    parameters: Parameters | None = None,
    shifted: Sequence[Mapping[int, np.ndarray]] | None = None,
    on_step: OnStep | None = None,
) -> tuple[Stability, ...]:
    """Return the stability of the explanations of several windows.

    Each window is explained again with varied parameters (``vary_parameters``), cut some steps earlier and later, and
    with noise of 5% of the standard deviation of each column of a varying source. The salience of a shifted window is
    aligned first, and only the steps in both windows count. Saliences are rounded to 0.02 before they are compared, so
    that differences too small to be seen do not count. All windows are explained together for each variation.

    Parameters
    ----------
    windows : float32 array, shape = (n, T, D)
    technique : str
    targets : sequence of str, length n
        The explained class of each window.
    parameters : Parameters or None
        Parameters of this technique; None takes the defaults of the model's card. The baseline value is its ``fill``,
        the moving average for Dynamask, or else the default of the model.
    shifted : sequence of mapping of shift to float32 array, shape = (T, D), length n, or None
    on_step : callable or None
        Called with the progress of the whole work, in thousandths of one explanation.

    Raises
    ------
    RecordRefused, Cancelled
        As ``explain_many`` does.
    """
    parameters = parameters or read_parameters(technique, bundle, {})
    shifts = shifted if shifted is not None else [{}] * len(windows)
    disturbed = [*_shift_windows(shifts), *_add_noise(bundle, windows)]
    variations = vary_parameters(technique, parameters)
    progress = _SharedProgress(on_step, 1 + len(variations))

    together = np.stack([*windows, *(one.window for one in disturbed)])
    all_targets = [*targets, *(targets[one.row] for one in disturbed)]
    explained = explain_many(bundle, together, technique, all_targets, parameters, progress.next())
    values = [salience.values for salience in explained]
    originals, of_disturbed = np.stack(values[: len(windows)]), values[len(windows) :]

    correlations: list[dict[str, list[float]]] = [{} for _ in windows]
    for kind, varied in variations:
        others = explain_many(bundle, windows, technique, targets, varied, progress.next())
        for row, other in enumerate(others):
            correlations[row].setdefault(kind, []).append(_correlate(originals[row], other.values))
    for one, salience in zip(disturbed, of_disturbed, strict=True):
        overlap = _align(originals[one.row], salience, one.shift)
        correlations[one.row].setdefault(one.kind, []).append(_correlate(*overlap))

    baseline = parameters.values().get("fill", _IMPLIED_BASELINES.get(technique, default_baseline(bundle)))
    drops = measure_comprehensiveness(bundle, windows, originals, targets, baseline)
    random_drops = _measure_random_drops(bundle, windows, targets, baseline)
    return tuple(
        _summarise(
            originals[row], correlations[row], drops[row], random_drops[row], max(map(abs, shifts[row]), default=0)
        )
        for row in range(len(windows))
    )


@dataclass(frozen=True, eq=False)
class _Disturbed:
    """A copy of window ``row``, with noise or cut ``shift`` steps later."""

    row: int
    kind: str
    shift: int
    window: np.ndarray


def _shift_windows(shifts: Sequence[Mapping[int, np.ndarray]]) -> Iterator[_Disturbed]:
    for row, windows in enumerate(shifts):
        for shift, window in windows.items():
            yield _Disturbed(row, "shift", shift, window)


def _add_noise(bundle: Bundle, windows: np.ndarray) -> Iterator[_Disturbed]:
    is_varying = varying_columns(bundle.window)
    for row, window in enumerate(windows):
        deviations = np.where(is_varying, window.std(axis=0), np.float32(0.0))
        for seed in _NOISE_SEEDS:
            noise = np.random.default_rng(seed).standard_normal(window.shape, dtype=np.float32)
            yield _Disturbed(row, "noise", 0, window + _NOISE * deviations * noise)


class _SharedProgress:
    """The progress of several explanations, reported as one."""

    def __init__(self, on_step: OnStep | None, n_calls: int) -> None:
        self._on_step = on_step
        self._n_calls = n_calls
        self._n_begun = 0

    def next(self) -> OnStep | None:
        """Return the ``on_step`` of the next explanation."""
        listener, n_done = self._on_step, self._n_begun
        self._n_begun += 1
        if listener is None:
            return None
        return lambda step, steps: listener(1000 * n_done + 1000 * step // steps, 1000 * self._n_calls)


def _align(original: np.ndarray, shifted: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two saliences (T, D) at their common steps; the second is of a window cut ``shift`` steps later."""
    first, end = max(shift, 0), min(len(original), len(original) + shift)
    return original[first:end], shifted[first - shift : end - shift]


def _correlate(one: np.ndarray, other: np.ndarray) -> float:
    """Return the rank correlation of two saliences as they are seen."""
    seen, other_seen = np.rint(one / _STEP), np.rint(other / _STEP)
    if np.array_equal(seen, other_seen):
        return 1.0
    correlation = rank_correlation(seen, other_seen)
    return 0.0 if np.isnan(correlation) else correlation


def _measure_random_drops(bundle: Bundle, windows: np.ndarray, targets: Sequence[str], baseline: Value) -> np.ndarray:
    """Return the comprehensiveness of random saliences, shape = (n, draws)."""
    draws = []
    for seed in range(_RANDOM_DRAWS):
        random = explain_many(bundle, windows, "random", targets, RandomParameters(seed))
        saliences = np.stack([salience.values for salience in random])
        draws.append(measure_comprehensiveness(bundle, windows, saliences, targets, baseline))
    return np.stack(draws, axis=1)


def _summarise(
    salience: np.ndarray,
    correlations: Mapping[str, Sequence[float]],
    drop: float,
    random_drops: np.ndarray,
    most_shifted: int,
) -> Stability:
    by_kind = {kind: tuple(values) for kind, values in correlations.items()} if np.ptp(salience) > 0 else {}
    verdict, sentence = judge_stability(by_kind, drop, random_drops, most_shifted)
    return Stability(by_kind, float(drop), random_drops, verdict, sentence)
