"""Whether an explanation stays the same when what should not matter changes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backend.explain.api import explain_many, read_parameters, usual_fill
from backend.explain.parameters import Parameter, Parameters, Value
from backend.explain.perturbation.baselines import LOCAL_MEAN
from backend.explain.progress import OnStep
from backend.explain.quality.faithfulness import comprehensivenesses
from backend.explain.quality.rank_correlation import rank_correlation
from backend.explain.quality.verdict import UNCOUNTED, VERDICTS, verdict_on
from backend.explain.techniques.random_control import RandomParameters
from backend.models.bundle import Bundle

__all__ = ["VERDICTS", "Stability", "stabilities", "stability", "varied"]

_NOISE = 0.05
"""Deviation of the noise, as a share of each column's own in the window; a column that never changes gets none."""
_NOISE_SEEDS = (0, 1)
_RANDOM_DRAWS = 19
"""A salience that means nothing lowers the score more than all of these in one window of twenty."""

_IMPLIED_FILLS: Mapping[str, Value] = {"fade": LOCAL_MEAN}
"""What a technique that takes out values, and has no ``fill`` to choose, puts in their place."""


@dataclass(frozen=True, eq=False)
class Stability:
    """How far one explanation of one window can be relied on.

    Attributes
    ----------
    correlations : mapping of kind to tuple of float
        Rank correlations of the salience (``Salience.values``) with that after each variation of a kind: a parameter
        that `varied` changes (``width`` is width_steps; ``l1`` the price of what is taken out and ``l2`` that of
        changes along time, in a mask and in a fade), then ``shift`` and ``noise`` of the window. 0 where the varied
        salience is constant; empty where the salience itself is.
    drop : float
        ``Faithfulness.comprehensiveness`` of the salience.
    drops_at_random : float64 array, shape = (19,)
        The same of as many random saliences.
    verdict : one of VERDICTS
    sentence : str
        The verdict with its figures, for a clinician. Of each kind it gives the lowest correlation.
    """

    correlations: Mapping[str, tuple[float, ...]]
    drop: float
    drops_at_random: np.ndarray
    verdict: str
    sentence: str


def varied(technique: str, parameters: Parameters) -> tuple[tuple[str, Parameters], ...]:
    """The parameters of a technique with one of them changed, each with the kind of the change.

    Two other seeds, half and twice a price, a width of 0.6 and 1.6 times, and another k: what a person might as well
    have chosen. What merely makes a result exact (steps, samples, a learning rate, a stabiliser) is left alone, as is
    what says which question is asked (score or probability, variables together or each, how much may be kept).
    """
    told = parameters.values()
    bounds = {own.name: own for own in parameters.described()}
    found = []
    for kind, name, others in _TRIED:
        for other in others(told[name]) if name in told else ():
            within = _within(bounds[name], other)
            if within != told[name]:
                found.append((kind, replace(parameters, **{name: within})))
    return tuple(found)


def _within(bounds: Parameter, value: Value) -> Value:
    if bounds.least is None or bounds.most is None:
        return value
    return type(value)(min(max(value, bounds.least), bounds.most))


def _next_seeds(seed: int) -> tuple[int, ...]:
    return seed + 1, seed + 2


def _half_and_twice(price: float) -> tuple[float, ...]:
    return price / 2, price * 2


def _narrower_and_wider(steps: int) -> tuple[int, ...]:
    return round(0.6 * steps), max(round(1.6 * steps), steps + 1)


def _another_fill(fill: Value) -> tuple[Value, ...]:
    return (0.0,) if fill == "mean" else ("mean",)


_TRIED: tuple[tuple[str, str, Callable[[Any], tuple[Value, ...]]], ...] = (
    ("seed", "seed", _next_seeds),
    ("l1", "l1", _half_and_twice),
    ("l1", "area", _half_and_twice),
    ("l2", "l2", _half_and_twice),
    ("l2", "change", _half_and_twice),
    ("width", "width_steps", _narrower_and_wider),
    (UNCOUNTED, "fill", _another_fill),
)
"""Kind of the variation, the parameter, and what it becomes."""


def stability(
    bundle: Bundle,
    window: np.ndarray,
    technique: str,
    target: str,
    parameters: Parameters | None = None,
    shifted: Mapping[int, np.ndarray] | None = None,
    on_step: OnStep | None = None,
) -> Stability:
    """How far the explanation of one window (T, D) can be relied on; see `stabilities`.

    Parameters
    ----------
    shifted : mapping of shift to float32 array, shape = (T, D), or None
        The window of the same beat cut some steps later, as `shift_beats` returns them; none for alarms and stays.
    """
    return stabilities(bundle, window[np.newaxis], technique, (target,), parameters, (shifted or {},), on_step)[0]


def stabilities(
    bundle: Bundle,
    windows: np.ndarray,
    technique: str,
    targets: Sequence[str],
    parameters: Parameters | None = None,
    shifted: Sequence[Mapping[int, np.ndarray]] | None = None,
    on_step: OnStep | None = None,
) -> tuple[Stability, ...]:
    """How far the explanations of several windows can be relied on, as far as that can be told without the truth.

    Each is explained again with its parameters `varied`, cut some steps earlier and later, and with noise of a
    twentieth of each column's deviation. The salience of a shifted window is moved back first, and only the steps that
    both windows have count. All windows are explained together, once for each variation of the parameters.

    Parameters
    ----------
    windows : float32 array, shape = (n, T, D)
    technique : str
    targets : sequence of str, length n
        The explained class of each window.
    parameters : Parameters or None
        Of this technique; None is the defaults that the model's card gives them. What deleted values become is its
        ``fill``, the moving average of a fade, or else the model's usual one.
    shifted : sequence of mapping of shift to float32 array, shape = (T, D), length n, or None
    on_step : callable or None
        Told of the whole work in thousandths of one explanation.

    Raises
    ------
    RecordRefused, Cancelled
        As ``explain_many`` does.
    """
    asked = parameters or read_parameters(technique, bundle, {})
    shifts = shifted if shifted is not None else [{}] * len(windows)
    changed = [*_all_shifted(shifts), *_all_noisy(windows)]
    changes = varied(technique, asked)
    calls = _Calls(on_step, 1 + len(changes))

    together = np.stack([*windows, *(own.window for own in changed)])
    of_each = [*targets, *(targets[own.row] for own in changed)]
    saliences = [found.values for found in explain_many(bundle, together, technique, of_each, asked, calls.next())]
    own, of_changed = np.stack(saliences[: len(windows)]), saliences[len(windows) :]
    correlations: list[dict[str, list[float]]] = [{} for _ in windows]
    for kind, parameters_changed in changes:
        others = explain_many(bundle, windows, technique, targets, parameters_changed, calls.next())
        for row, other in enumerate(others):
            correlations[row].setdefault(kind, []).append(_likeness(own[row], other.values))
    for change, salience in zip(changed, of_changed, strict=True):
        both_have = _both_have(own[change.row], salience, change.shift)
        correlations[change.row].setdefault(change.kind, []).append(_likeness(*both_have))

    fill = asked.values().get("fill", _IMPLIED_FILLS.get(technique, usual_fill(bundle)))
    drops = comprehensivenesses(bundle, windows, own, targets, fill)
    at_random = _drops_at_random(bundle, windows, targets, fill)
    return tuple(
        _judged(own[row], correlations[row], drops[row], at_random[row], max(map(abs, shifts[row]), default=0))
        for row in range(len(windows))
    )


@dataclass(frozen=True, eq=False)
class _Changed:
    """Window ``row`` with something changed about it, cut ``shift`` steps later."""

    row: int
    kind: str
    shift: int
    window: np.ndarray


def _all_shifted(shifts: Sequence[Mapping[int, np.ndarray]]) -> Iterator[_Changed]:
    for row, own in enumerate(shifts):
        for shift, window in own.items():
            yield _Changed(row, "shift", shift, window)


def _all_noisy(windows: np.ndarray) -> Iterator[_Changed]:
    for row, window in enumerate(windows):
        for seed in _NOISE_SEEDS:
            noise = np.random.default_rng(seed).standard_normal(window.shape, dtype=np.float32)
            yield _Changed(row, "noise", 0, window + _NOISE * window.std(axis=0) * noise)


class _Calls:
    """Progress of several explanations as that of one."""

    def __init__(self, on_step: OnStep | None, calls: int) -> None:
        self._on_step = on_step
        self._calls = calls
        self._begun = 0

    def next(self) -> OnStep | None:
        """What the next explanation tells of its steps."""
        listener, done = self._on_step, self._begun
        self._begun += 1
        if listener is None:
            return None
        return lambda step, steps: listener(1000 * done + 1000 * step // steps, 1000 * self._calls)


def _both_have(own: np.ndarray, shifted: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
    """Two saliences (T, D) at the steps that both windows have, the second of a window cut ``shift`` steps later."""
    first, end = max(shift, 0), min(len(own), len(own) + shift)
    return own[first:end], shifted[first - shift : end - shift]


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    correlation = rank_correlation(one, other)
    return 0.0 if np.isnan(correlation) else correlation


def _drops_at_random(bundle: Bundle, windows: np.ndarray, targets: Sequence[str], fill: Value) -> np.ndarray:
    """Comprehensiveness of random saliences, shape = (n, draws)."""
    draws = []
    for seed in range(_RANDOM_DRAWS):
        drawn = explain_many(bundle, windows, "random", targets, RandomParameters(seed))
        saliences = np.stack([one.values for one in drawn])
        draws.append(comprehensivenesses(bundle, windows, saliences, targets, fill))
    return np.stack(draws, axis=1)


def _judged(
    salience: np.ndarray, found: Mapping[str, Sequence[float]], drop: float, at_random: np.ndarray, most_shifted: int
) -> Stability:
    correlations = {kind: tuple(own) for kind, own in found.items()} if np.ptp(salience) > 0 else {}
    verdict, sentence = verdict_on(correlations, drop, at_random, most_shifted)
    return Stability(correlations, float(drop), at_random, verdict, sentence)
