"""What is to be evaluated, and what is told of it beside the figures."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from backend.cohort.plan import Plan, fill_name

__all__ = ["Asked", "told_about"]

_PACKAGES = ("torch", "numpy", "scipy", "numba", "dask")


@dataclass(frozen=True)
class Asked:
    """What to evaluate.

    Attributes
    ----------
    beats : int or None
        How many test windows to draw, evenly from classes and patients; None takes all.
    subset : int
        On how many of them sanity and stability are measured.
    techniques : tuple of str
        Empty for all.
    fills : tuple of str
        As `fill_name` names them; empty for all that the model's windows may be filled with.
    seed : int
        Of the draw, and of what is drawn for randomised networks.
    """

    beats: int | None = 2000
    subset: int = 128
    techniques: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()
    seed: int = 2018


def told_about(plan: Plan, asked: Asked, seconds: float, unfinished: Sequence[str]) -> dict[str, Any]:
    """What stands in ``Evidence.about``.

    Parameters
    ----------
    plan : Plan
    asked : Asked
    seconds : float
        That one core would have taken for all finished parts.
    unfinished : sequence of str
    """
    missing = {"unfinished": list(unfinished)} if unfinished else {}
    return {
        "model": plan.bundle.name,
        "model_digest": plan.bundle.digest,
        "data_digest": plan.cases.digest,
        "beats": len(plan.cases),
        "subset": len(plan.subset),
        "patients": len(set(plan.cases.patients)),
        "classes": [name for name in plan.bundle.classes if name in plan.cases.labels],
        "techniques": list(plan.techniques),
        "fills": [fill_name(fill) for fill in plan.fills],
        "seed": asked.seed,
        "explained": "the class that the model names; tables are by the class of the reference",
        "shares": "over the beats of each class that the model names right",
        "intervals": "95 %, bootstrap over patients, 1,000 draws; none where fewer than five patients tell",
        "command": _command(plan, asked),
        "versions": {name: version(name) for name in _PACKAGES},
        "seconds": round(seconds, 1),
        **missing,
    }


def _command(plan: Plan, asked: Asked) -> str:
    """What has to be typed to have these figures again."""
    beats = "all" if asked.beats is None else asked.beats
    parts = [f"python -m backend evaluate {plan.bundle.name} --data DIR --beats {beats} --subset {asked.subset}"]
    if asked.techniques:
        parts.append(f"--techniques {','.join(plan.techniques)}")
    if asked.fills:
        parts.append(f"--fills {shlex.quote(','.join(map(fill_name, plan.fills)))}")
    return " ".join([*parts, f"--seed {asked.seed}"])
