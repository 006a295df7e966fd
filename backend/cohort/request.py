"""The request for an evaluation, and its description beside the figures."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from backend.cohort.plan import Plan, format_baseline

__all__ = ["EvaluationRequest", "describe_evaluation"]

_PACKAGES = ("torch", "numpy", "scipy", "numba", "dask")


@dataclass(frozen=True)
class EvaluationRequest:
    """The techniques, baselines and number of windows to evaluate.

    Attributes
    ----------
    beats : int or None
        Test windows to draw, evenly from classes and patients; None takes all.
    subset : int
        Number of these windows for randomisation and stability.
    techniques : tuple of str
        Empty takes all.
    fills : tuple of str
        Names of baselines, as ``format_baseline`` returns them; empty takes all that suit the model.
    seed : int
        Seed of the drawn windows and of the randomised networks.
    """

    beats: int | None = 2000
    subset: int = 128
    techniques: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()
    seed: int = 2018


def describe_evaluation(
    plan: Plan, request: EvaluationRequest, seconds: float, unfinished: Sequence[str]
) -> dict[str, Any]:
    """Return ``Evidence.about``.

    Parameters
    ----------
    plan : Plan
    request : EvaluationRequest
    seconds : float
        Computing time of all finished parts on one core.
    unfinished : sequence of str
        Incomplete techniques.
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
        "fills": [format_baseline(fill) for fill in plan.fills],
        "seed": request.seed,
        "explained": "the predicted class; tables are by the reference class",
        "shares": "over the correctly classified beats of each class",
        "intervals": "95%, bootstrap over patients, 1,000 draws; none below five patients",
        "command": _command(plan, request),
        "versions": {name: version(name) for name in _PACKAGES},
        "seconds": round(seconds, 1),
        **missing,
    }


def _command(plan: Plan, request: EvaluationRequest) -> str:
    """Return the command that reproduces the figures."""
    beats = "all" if request.beats is None else request.beats
    parts = [f"python -m backend evaluate {plan.bundle.name} --data DIR --beats {beats} --subset {request.subset}"]
    if request.techniques:
        parts.append(f"--techniques {','.join(plan.techniques)}")
    if request.fills:
        parts.append(f"--fills {shlex.quote(','.join(map(format_baseline, plan.fills)))}")
    return " ".join([*parts, f"--seed {request.seed}"])
