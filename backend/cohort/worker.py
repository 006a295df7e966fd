"""The computation of one part on a worker."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from backend.cohort.evidence import AROUND_R
from backend.cohort.job_store import Columns
from backend.cohort.plan import Part, Plan
from backend.explain.api import explain_many
from backend.explain.quality.faithfulness import make_anchor_control, measure_faithfulness
from backend.explain.quality.randomisation import compare_with_randomised
from backend.explain.quality.stability import check_stabilities
from backend.models.bundle import BUNDLES, Bundle, load_bundle
from backend.records.record import RecordRefused

__all__ = ["Task", "compute_part", "make_task"]


@dataclass(frozen=True, eq=False)
class Task:
    """A part with everything that a worker needs to compute it.

    Attributes
    ----------
    part : Part
    model : str
    folder : Path or None
        The parent of the model's folder; None is the bundled models of the worker.
    digest : str
        The digest of the model.
    values : float32 array, shape = (n, T, D)
    targets : tuple of str, length n
    anchor_step : int
    seed : int
    saliences : float32 array, shape = (n, T, D), or None
        The saliences to measure.
    shifted : mapping of shift in steps to float32 array, shape = (n, T, D)
    """

    part: Part
    model: str
    folder: Path | None
    digest: str
    values: np.ndarray
    targets: tuple[str, ...]
    anchor_step: int
    seed: int
    saliences: np.ndarray | None
    shifted: Mapping[int, np.ndarray]


def make_task(plan: Plan, part: Part, folder: Path | None, measured: Columns | None) -> Task:
    """Return the task of a part; ``measured`` holds the columns of the part that it needs."""
    chosen = list(part.windows)
    values = plan.cases.values[chosen]
    shifted = {}
    if part.kind == "stability":
        places = np.searchsorted(plan.subset, chosen)
        shifted = {shift: moved[places] for shift, moved in plan.shifted.items()}
    return Task(
        part=part,
        model=plan.bundle.name,
        folder=folder,
        digest=plan.bundle.digest,
        values=values,
        targets=tuple(plan.targets[position] for position in chosen),
        anchor_step=plan.cases.anchor_step,
        seed=plan.seed,
        saliences=None if measured is None else measured["salience"].reshape(values.shape),
        shifted=shifted,
    )


def compute_part(task: Task) -> tuple[Columns, float]:
    """Return the figures of a part, one row per window, and the computing time on one core.

    Raises
    ------
    RecordRefused
        If this machine has another model of this name.
    """
    bundle = _bundle(task.model, task.folder, task.digest)
    started = time.thread_time()
    columns = _KINDS[task.part.kind](bundle, task)
    return columns, time.thread_time() - started


@lru_cache(maxsize=1)
def _bundle(model: str, folder: Path | None, digest: str) -> Bundle:
    bundle = load_bundle(model, folder or BUNDLES)
    if bundle.digest != digest:
        raise RecordRefused(
            f"A worker has another version of {model} than this command. Install the same version everywhere."
        )
    return bundle


def _salience(bundle: Bundle, task: Task) -> Columns:
    if task.part.technique == AROUND_R:
        values = np.broadcast_to(make_anchor_control(bundle, task.anchor_step), task.values.shape)
    else:
        explained = explain_many(bundle, task.values, task.part.technique, task.targets, task.part.parameters)
        values = np.stack([result.values for result in explained])
    return {"salience": values.reshape(len(values), -1)}


def _faithfulness(bundle: Bundle, task: Task) -> Columns:
    assert task.saliences is not None
    assert task.part.fill is not None
    results = measure_faithfulness(bundle, task.values, task.saliences, task.targets, task.part.fill)
    return {
        "drops": np.stack([result.drops for result in results]),
        "occluded": np.stack([result.occluded for result in results]),
        "comprehensiveness": np.array([result.comprehensiveness for result in results]),
        "sufficiency": np.array([result.sufficiency for result in results]),
        "area": np.array([result.area for result in results]),
    }


def _sanity(bundle: Bundle, task: Task) -> Columns:
    of_stage = compare_with_randomised(
        bundle, task.values, task.part.technique, task.targets, task.part.parameters, seed=task.seed
    )
    return {"correlation": of_stage.T}


def _stability(bundle: Bundle, task: Task) -> Columns:
    part = task.part
    shifted = [{shift: moved[place] for shift, moved in task.shifted.items()} for place in range(len(task.values))]
    results = check_stabilities(bundle, task.values, part.technique, task.targets, part.parameters, shifted)
    columns = {"verdict": np.array([result.verdict for result in results])}
    for kind, values in {kind: values for result in results for kind, values in result.correlations.items()}.items():
        missing = (np.nan,) * len(values)
        columns[kind] = np.array([result.correlations.get(kind, missing) for result in results])
    return columns


_KINDS = {"salience": _salience, "faithfulness": _faithfulness, "sanity": _sanity, "stability": _stability}
