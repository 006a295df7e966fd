"""Evaluates the explanations of a model on its test set: faithfulness, randomisation and stability."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.cohort.dask_engine import connect, run_parts
from backend.cohort.evidence import Evidence, write_evidence
from backend.cohort.job_store import Columns, Store
from backend.cohort.plan import Part, Plan, format_baseline, list_baselines, plan_parts
from backend.cohort.request import EvaluationRequest, describe_evaluation
from backend.cohort.stratified_sampling import draw_evenly
from backend.cohort.tables.measure_tables import (
    beat_table,
    curve_table,
    measure_table,
    sanity_table,
    stability_table,
    verdict_table,
)
from backend.cohort.tables.share_table import share_table
from backend.cohort.worker import compute_part, make_task
from backend.explain.api import TECHNIQUES, get_technique
from backend.explain.parameters import Value
from backend.kinds.kind import kind_of
from backend.models.bundle import BUNDLES, Bundle, load_bundle
from backend.models.scores import compute_scores, predict_classes
from backend.models.test_set import TestSet
from backend.records.record import RecordRefused

__all__ = ["Workers", "evaluate"]

OnProgress = Callable[[int, int, str], None]
"""Called with the number of finished parts, of all parts, and the name of the last one."""


@dataclass(frozen=True)
class Workers:
    """The processes that compute the parts.

    Attributes
    ----------
    processes : int or None
        Processes on this machine; None is one for each core.
    scheduler : str or None
        The address of a running Dask scheduler, whose workers have the same version of Beatlight.
    """

    processes: int | None = None
    scheduler: str | None = None


def evaluate(
    model: str,
    data: Path,
    runs: Path,
    request: EvaluationRequest,
    into: Path | None = None,
    folder: Path = BUNDLES,
    workers: Workers | None = Workers(),
    on_progress: OnProgress = lambda done, parts, last: None,
) -> Evidence:
    """Evaluate techniques on the test set of a model, write the evidence and return it.

    The predicted class is explained; tables are by the reference class. Finished parts are kept in ``runs`` and never
    repeated: an interrupted evaluation resumes, and a larger one reuses a smaller one.

    Parameters
    ----------
    model : str
    data : Path
        The folder that holds the databases.
    runs : Path
        The folder of the finished parts.
    request : EvaluationRequest
    into : Path or None
        The parent of the folder ``evidence``; None is the model's folder.
    folder : Path
        The parent of the model's folder.
    workers : Workers or None
        None computes nothing and writes the evidence of the finished parts; ``about`` lists incomplete techniques under
        ``unfinished``.
    on_progress : callable

    Raises
    ------
    RecordRefused
        If the model, a technique, a baseline, the database or the scheduler does not exist, or the model has no test
        set.
    """
    bundle = load_bundle(model, folder)
    fills, techniques = _read_baselines(bundle, request.fills), _read_techniques(request.techniques)
    plan = _plan(bundle, _read_test_set(bundle, data), request, techniques, fills)
    parts = plan_parts(plan)
    store = Store(runs)
    missing = [part for part in parts if not store.has(part.key)]
    on_progress(len(parts) - len(missing), len(parts), "")
    if workers is not None and missing:
        _compute(
            plan, missing, store, folder, workers, lambda left, last: on_progress(len(parts) - left, len(parts), last)
        )
    evidence = _evidence(plan, parts, store, request)
    write_evidence(evidence, into or folder / model)
    return evidence


def _read_baselines(bundle: Bundle, names: Sequence[str]) -> tuple[Value, ...]:
    known = {format_baseline(fill): fill for fill in list_baselines(bundle)}
    for name in names:
        if name not in known:
            raise RecordRefused(
                f"{bundle.name} cannot be evaluated with the baseline {name!r}. Choose from {', '.join(known)}."
            )
    return tuple(fill for name, fill in known.items() if not names or name in names)


def _read_techniques(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(get_technique(name).name for name in names) or tuple(TECHNIQUES)


def _read_test_set(bundle: Bundle, data: Path) -> TestSet:
    kind = kind_of(bundle)
    if kind.test_set is None:
        raise RecordRefused(f"{bundle.name} reads {kind.plural}, which have no test set. Choose a model of beats.")
    return kind.test_set(bundle, data)


def _plan(
    bundle: Bundle, test_set: TestSet, request: EvaluationRequest, techniques: tuple[str, ...], fills: tuple[Value, ...]
) -> Plan:
    chosen = draw_evenly(test_set.labels, test_set.patients, request.beats, request.seed)
    cases = test_set.cases(chosen)
    subset = draw_evenly(cases.labels, cases.patients, request.subset, request.seed)
    predicted = predict_classes(bundle, compute_scores(bundle, cases.values))
    return Plan(
        bundle=bundle,
        cases=cases,
        targets=tuple(bundle.classes[index] for index in predicted),
        subset=subset,
        shifted=test_set.shifted(chosen[subset]),
        techniques=techniques,
        fills=fills,
        seed=request.seed,
    )


def _compute(
    plan: Plan, parts: Sequence[Part], store: Store, folder: Path, workers: Workers, on_part: Callable[[int, str], None]
) -> None:
    """Compute and keep parts; ``on_part`` is called with the number left and the name of the last one."""
    left = len(parts)
    # Workers of a cluster have the bundled models in their own installation.
    own_folder = None if folder == BUNDLES else folder

    def prepare(part: Part) -> Any:
        return make_task(plan, part, own_folder, None if part.needs is None else store.read(part.needs))

    def keep(part: Part, result: tuple[Columns, float]) -> None:
        nonlocal left
        store.keep(part.key, *result)
        left -= 1
        on_part(left, f"{part.technique}, {part.kind}")

    with connect(workers.processes, workers.scheduler) as client:
        run_parts(client, parts, compute_part, prepare, keep)


def _evidence(plan: Plan, parts: Sequence[Part], store: Store, request: EvaluationRequest) -> Evidence:
    unfinished = {part.group for part in parts if not store.has(part.key)}
    parts = [part for part in parts if part.group not in unfinished]
    seconds = sum(store.seconds(part.key) for part in parts)
    names = sorted({", ".join(filter(None, (name, kind, fill))) for kind, name, _, fill in unfinished})
    return Evidence(
        curves=curve_table(plan, parts, store),
        measures=measure_table(plan, parts, store),
        shares=share_table(plan, parts, store),
        sanity=sanity_table(plan, parts, store),
        stability=stability_table(parts, store),
        verdicts=verdict_table(parts, store),
        beats=beat_table(plan),
        about=describe_evaluation(plan, request, seconds, names),
    )
