"""The plan of an evaluation: parts, each with a key of everything that its figures depend on."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from backend.cohort.code_digest import code_digest
from backend.cohort.evidence import AROUND_R
from backend.explain.api import TECHNIQUES, Technique, explain_many, list_parameters, read_parameters
from backend.explain.parameters import Parameters, Value, join_choices
from backend.explain.quality.faithfulness import make_anchor_control, measure_faithfulness
from backend.explain.quality.randomisation import compare_with_randomised
from backend.explain.quality.stability import check_stabilities
from backend.models.bundle import Bundle
from backend.models.test_set import Cases

__all__ = ["Part", "Plan", "format_baseline", "list_baselines", "plan_parts"]

_MEASURED_BY: Mapping[str, Callable[..., Any]] = {
    "salience": explain_many,
    "faithfulness": measure_faithfulness,
    "sanity": compare_with_randomised,
    "stability": check_stabilities,
}

_WINDOWS_OF_PART = {"salience": 64, "faithfulness": 64, "sanity": 32, "stability": 32}
"""Fixed for any number of workers: windows that are explained together may differ in the last digit."""


@dataclass(frozen=True)
class Part:
    """A piece of work for one worker.

    Attributes
    ----------
    kind : ``salience``, ``faithfulness``, ``sanity`` or ``stability``
    technique : str
        One of TECHNIQUES, or AROUND_R.
    parameters : Parameters or None
        Parameters of the technique; None for AROUND_R.
    fill : str, float or None
        The baseline value of deleted entries, for faithfulness.
    windows : tuple of int
        Positions among the cases.
    key : str
        SHA-256 of everything that its figures depend on.
    needs : str or None
        The key of the part with the saliences that this part measures.
    """

    kind: str
    technique: str
    parameters: Parameters | None
    fill: Value | None
    windows: tuple[int, ...]
    key: str
    needs: str | None = None

    @property
    def group(self) -> tuple[str, str, Parameters | None, str]:
        """The group of parts that enters a table only when all of them are finished."""
        return self.kind, self.technique, self.parameters, "" if self.fill is None else format_baseline(self.fill)


@dataclass(frozen=True, eq=False)
class Plan:
    """The test windows, techniques and settings of an evaluation.

    Attributes
    ----------
    bundle : Bundle
    cases : Cases
    targets : tuple of str, length n
        The explained class of each case.
    subset : int64 array
        Positions of the cases for randomisation and stability.
    shifted : mapping of shift in steps to float32 array, shape = (n_subset, T, D)
        The windows of the subset, cut slightly later or earlier.
    techniques : tuple of str
    fills : tuple
        The baseline values of deleted entries.
    seed : int
        Seed of the randomised networks.
    """

    bundle: Bundle
    cases: Cases
    targets: tuple[str, ...]
    subset: np.ndarray
    shifted: Mapping[int, np.ndarray]
    techniques: tuple[str, ...]
    fills: tuple[Value, ...]
    seed: int


def list_baselines(bundle: Bundle) -> tuple[Value, ...]:
    """Return the baseline values that suit a model."""
    (fill,) = (own for own in list_parameters("occlusion", bundle) if own.name == "fill")
    return fill.choices


def format_baseline(fill: Value) -> str:
    """Return the name of a baseline in tables and on the command line: ``0.5``, ``class mean``."""
    return join_choices((fill,))


def plan_parts(plan: Plan) -> tuple[Part, ...]:
    """Return all parts in the order of computation: cheap techniques first, saliences before their measures.

    Techniques with a baseline use that of the measure; the others are explained once and measured with each baseline.
    Randomisation and stability use the default parameters of the model's card.
    """
    names = sorted(plan.techniques, key=lambda name: "learning_rate" in _parameter_names(name))
    parts = [*_plan_saliences(plan, AROUND_R, None, plan.fills)]
    for name in names:
        parts += _plan_technique(plan, name)
    return tuple({part.key: part for part in parts}.values())


def _parameter_names(technique: str) -> tuple[str, ...]:
    return tuple(described.name for described in TECHNIQUES[technique].parameters.describe())


def _plan_technique(plan: Plan, name: str) -> Iterator[Part]:
    defaults = read_parameters(name, plan.bundle, {})
    choices = {own.name: own.choices for own in list_parameters(name, plan.bundle)}
    yield from _plan_saliences(plan, name, defaults, ())
    if "fill" in choices:
        for fill in plan.fills:
            if fill in choices["fill"]:
                yield from _plan_saliences(plan, name, read_parameters(name, plan.bundle, {"fill": fill}), (fill,))
    else:
        yield from _plan_saliences(plan, name, defaults, plan.fills)
    for chosen in _split(plan.subset, "sanity"):
        depends_on = {**_describe_saliences(plan, chosen, name, defaults), "seed": plan.seed}
        yield _part("sanity", name, defaults, None, chosen, depends_on)
    for places in _split(np.arange(len(plan.subset)), "stability"):
        chosen = tuple(int(position) for position in plan.subset[list(places)])
        moved = {str(shift): _digest(values[list(places)]) for shift, values in plan.shifted.items()}
        depends_on = {**_describe_saliences(plan, chosen, name, defaults), "shifted": moved}
        yield _part("stability", name, defaults, None, chosen, depends_on)


def _plan_saliences(plan: Plan, name: str, parameters: Parameters | None, fills: Sequence[Value]) -> Iterator[Part]:
    """Return the parts of the saliences of a technique and of their faithfulness with each baseline."""
    for chosen in _split(np.arange(len(plan.cases)), "salience"):
        salience = _part(
            "salience", name, parameters, None, chosen, _describe_saliences(plan, chosen, name, parameters)
        )
        yield salience
        for fill in fills:
            depends_on = {"salience": salience.key, "fill": format_baseline(fill)}
            yield _part("faithfulness", name, parameters, fill, chosen, depends_on, salience.key)


def _split(positions: np.ndarray, kind: str) -> Iterator[tuple[int, ...]]:
    size = _WINDOWS_OF_PART[kind]
    for first in range(0, len(positions), size):
        yield tuple(int(position) for position in positions[first : first + size])


def _describe_saliences(plan: Plan, chosen: Sequence[int], name: str, parameters: Parameters | None) -> dict[str, Any]:
    """Return everything that the saliences of some windows depend on."""
    return {
        "model": plan.bundle.digest,
        "windows": _digest(plan.cases.values[list(chosen)]),
        "anchor_step": plan.cases.anchor_step,
        "targets": [plan.targets[position] for position in chosen],
        "technique": name,
        "parameters": None if parameters is None else parameters.values(),
    }


def _part(
    kind: str,
    name: str,
    parameters: Parameters | None,
    fill: Value | None,
    chosen: tuple[int, ...],
    depends_on: Mapping[str, Any],
    needs: str | None = None,
) -> Part:
    identity = json.dumps({"kind": kind, "code": _code_of(kind, name), **depends_on}, sort_keys=True)
    return Part(kind, name, parameters, fill, chosen, hashlib.sha256(identity.encode()).hexdigest(), needs)


@cache
def _code_of(kind: str, technique: str) -> dict[str, Any]:
    """Return the code behind a part: the measure, the technique and the worker.

    The registry is skipped, since a technique would otherwise depend on all others and on their descriptions; its
    entry for this technique counts instead. Saliences that are measured have their own key.
    """
    from backend.cohort import worker

    functions: list[Callable[..., Any]] = [_MEASURED_BY[kind]]
    if technique == AROUND_R:
        functions.append(make_anchor_control)
    elif kind != "faithfulness":
        entry = TECHNIQUES[technique]
        functions += [entry.run, entry.parameters, *([entry.run_many] if entry.run_many else [])]
    return {
        "entry": [f"{one.__module__}.{one.__qualname__}" for one in functions],
        "digest": code_digest([one.__module__ for one in functions], [worker.__name__], [Technique.__module__]),
    }


def _digest(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).data).hexdigest()
