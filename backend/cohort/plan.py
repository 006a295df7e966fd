"""An evaluation cut into parts, each named by all that its figures hang on."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from backend.cohort.code_digest import code_digest
from backend.cohort.evidence import AROUND_R
from backend.explain.api import TECHNIQUES, Technique, explain_many, offered_parameters, read_parameters
from backend.explain.parameters import Parameters, Value, listed
from backend.explain.quality.faithfulness import around, faithfulness
from backend.explain.quality.randomisation import sanity
from backend.explain.quality.stability import stabilities
from backend.models.bundle import Bundle
from backend.models.test_set import Cases

__all__ = ["Part", "Plan", "fill_name", "offered_fills", "planned"]

_MEASURED_BY: Mapping[str, Callable[..., Any]] = {
    "salience": explain_many,
    "faithfulness": faithfulness,
    "sanity": sanity,
    "stability": stabilities,
}

_WINDOWS_OF_PART = {"salience": 64, "faithfulness": 64, "sanity": 32, "stability": 32}
"""Fixed, whatever the number of workers: what is explained together may differ in the last digit from what is not."""


@dataclass(frozen=True)
class Part:
    """A piece of the work that one worker does in one go.

    Attributes
    ----------
    kind : ``salience``, ``faithfulness``, ``sanity`` or ``stability``
    technique : str
        One of TECHNIQUES, or AROUND_R.
    parameters : Parameters or None
        Of the technique; None for AROUND_R.
    fill : str, float or None
        What deleted entries become, where faithfulness is measured.
    windows : tuple of int
        Positions among the cases.
    key : str
        SHA-256 over all that its figures hang on.
    needs : str or None
        The key of the part that holds the saliences that are measured here.
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
        """What stands in a table only if all parts of it are finished."""
        return self.kind, self.technique, self.parameters, "" if self.fill is None else fill_name(self.fill)


@dataclass(frozen=True, eq=False)
class Plan:
    """What is evaluated, and how.

    Attributes
    ----------
    bundle : Bundle
    cases : Cases
    targets : tuple of str, length n
        The explained class of each case.
    subset : int64 array
        Positions of the cases on which sanity and stability are measured.
    shifted : mapping of shift in steps to float32 array, shape = (n_subset, T, D)
        The windows of the subset, cut a little later or earlier.
    techniques : tuple of str
    fills : tuple
        What deleted entries become, one after the other.
    seed : int
        Of the randomised networks.
    """

    bundle: Bundle
    cases: Cases
    targets: tuple[str, ...]
    subset: np.ndarray
    shifted: Mapping[int, np.ndarray]
    techniques: tuple[str, ...]
    fills: tuple[Value, ...]
    seed: int


def offered_fills(bundle: Bundle) -> tuple[Value, ...]:
    """What deleted entries of this model's windows may become."""
    (fill,) = (own for own in offered_parameters("occlusion", bundle) if own.name == "fill")
    return fill.choices


def fill_name(fill: Value) -> str:
    """A fill as tables and the command line name it: ``0.5``, ``class mean``."""
    return listed((fill,))


def planned(plan: Plan) -> tuple[Part, ...]:
    """All parts in the order in which they are best done: cheap techniques first, saliences before what measures them.

    Techniques that delete are asked to delete as the measure does; the others are asked once and measured with each
    fill. Sanity and stability are measured with the parameters that the model's card gives a technique.
    """
    names = sorted(plan.techniques, key=lambda name: "learning_rate" in _parameter_names(name))
    parts = [*_measured(plan, AROUND_R, None, plan.fills)]
    for name in names:
        parts += _of_technique(plan, name)
    return tuple({part.key: part for part in parts}.values())


def _parameter_names(technique: str) -> tuple[str, ...]:
    return tuple(described.name for described in TECHNIQUES[technique].parameters.described())


def _of_technique(plan: Plan, name: str) -> Iterator[Part]:
    usual = read_parameters(name, plan.bundle, {})
    choices = {own.name: own.choices for own in offered_parameters(name, plan.bundle)}
    yield from _measured(plan, name, usual, ())
    if "fill" in choices:
        for fill in plan.fills:
            if fill in choices["fill"]:
                yield from _measured(plan, name, read_parameters(name, plan.bundle, {"fill": fill}), (fill,))
    else:
        yield from _measured(plan, name, usual, plan.fills)
    for chosen in _chunks(plan.subset, "sanity"):
        hangs_on = {**_asked(plan, chosen, name, usual), "seed": plan.seed}
        yield _part("sanity", name, usual, None, chosen, hangs_on)
    for places in _chunks(np.arange(len(plan.subset)), "stability"):
        chosen = tuple(int(position) for position in plan.subset[list(places)])
        moved = {str(shift): _digest(values[list(places)]) for shift, values in plan.shifted.items()}
        hangs_on = {**_asked(plan, chosen, name, usual), "shifted": moved}
        yield _part("stability", name, usual, None, chosen, hangs_on)


def _measured(plan: Plan, name: str, parameters: Parameters | None, fills: Sequence[Value]) -> Iterator[Part]:
    """The saliences of a technique, chunk by chunk, and how faithful they are by each fill."""
    for chosen in _chunks(np.arange(len(plan.cases)), "salience"):
        salience = _part("salience", name, parameters, None, chosen, _asked(plan, chosen, name, parameters))
        yield salience
        for fill in fills:
            hangs_on = {"salience": salience.key, "fill": fill_name(fill)}
            yield _part("faithfulness", name, parameters, fill, chosen, hangs_on, salience.key)


def _chunks(positions: np.ndarray, kind: str) -> Iterator[tuple[int, ...]]:
    size = _WINDOWS_OF_PART[kind]
    for first in range(0, len(positions), size):
        yield tuple(int(position) for position in positions[first : first + size])


def _asked(plan: Plan, chosen: Sequence[int], name: str, parameters: Parameters | None) -> dict[str, Any]:
    """What the salience of some windows hangs on."""
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
    hangs_on: Mapping[str, Any],
    needs: str | None = None,
) -> Part:
    told = json.dumps({"kind": kind, "code": _code_of(kind, name), **hangs_on}, sort_keys=True)
    return Part(kind, name, parameters, fill, chosen, hashlib.sha256(told.encode()).hexdigest(), needs)


@cache
def _code_of(kind: str, technique: str) -> dict[str, Any]:
    """The code that computes a part: what measures, the technique, and what makes columns of it.

    The registry of techniques is skipped, or every technique would depend on all others and on their descriptions;
    what it registers for this one counts instead. Saliences that are measured have a key of their own.
    """
    from backend.cohort import worker

    used: list[Callable[..., Any]] = [_MEASURED_BY[kind]]
    if technique == AROUND_R:
        used.append(around)
    elif kind != "faithfulness":
        own = TECHNIQUES[technique]
        used += [own.run, own.parameters, *([own.run_many] if own.run_many else [])]
    return {
        "entry": [f"{one.__module__}.{one.__qualname__}" for one in used],
        "digest": code_digest([one.__module__ for one in used], [worker.__name__], [Technique.__module__]),
    }


def _digest(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).data).hexdigest()
