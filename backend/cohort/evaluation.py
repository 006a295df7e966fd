"""How faithful, sane and stable a model's explanations are over its test set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.cohort.dask_engine import connected, run_parts
from backend.cohort.evidence import Evidence, write_evidence
from backend.cohort.job_store import Columns, Store
from backend.cohort.plan import Part, Plan, fill_name, offered_fills, planned
from backend.cohort.request import Asked, told_about
from backend.cohort.share_table import share_table
from backend.cohort.stratified_sampling import evenly_drawn
from backend.cohort.tables import (
    beat_table,
    curve_table,
    measure_table,
    sanity_table,
    stability_table,
    verdict_table,
)
from backend.cohort.worker import done, task_of
from backend.explain.api import TECHNIQUES, technique_named
from backend.explain.parameters import Value
from backend.kinds.kind import kind_of
from backend.models.bundle import BUNDLES, Bundle, load_bundle
from backend.models.scores import compute_scores, predict_classes
from backend.models.test_set import TestSet
from backend.records.record import RecordRefused

__all__ = ["Workers", "evaluate"]

Told = Callable[[int, int, str], None]
"""Called with the parts done, the parts in all, and what was done last."""


@dataclass(frozen=True)
class Workers:
    """Who does the work.

    Attributes
    ----------
    processes : int or None
        On this machine; None is one for each core.
    scheduler : str or None
        The address of a running Dask scheduler, whose workers have the same version of all this.
    """

    processes: int | None = None
    scheduler: str | None = None


def evaluate(
    model: str,
    data: Path,
    runs: Path,
    asked: Asked,
    into: Path | None = None,
    folder: Path = BUNDLES,
    workers: Workers | None = Workers(),
    told: Told = lambda done, parts, last: None,
) -> Evidence:
    """Evaluate techniques on a model's test set and write the evidence.

    The class that is explained is the one that the model names; tables are by the class of the reference. Parts that
    are finished lie in ``runs`` and are not done again, so that what was stopped goes on, and what was evaluated on
    fewer techniques or fills is not lost.

    Parameters
    ----------
    model : str
    data : Path
        The folder that holds the databases.
    runs : Path
        Where finished parts lie.
    asked : Asked
    into : Path or None
        Where the folder ``evidence`` goes; None is beside the model.
    folder : Path
        Where the model's folder lies.
    workers : Workers or None
        None does nothing more, and writes what the finished parts tell: techniques of which some are missing are left
        out, and named in ``about`` under ``unfinished``.
    told : callable

    Raises
    ------
    RecordRefused
        If there is no such model, technique, fill, database or scheduler, or the model has no test set of beats.
    """
    bundle = load_bundle(model, folder)
    fills, techniques = _fills(bundle, asked.fills), _techniques(asked.techniques)
    plan = _plan(bundle, _test_set(bundle, data), asked, techniques, fills)
    parts = planned(plan)
    store = Store(runs)
    missing = [part for part in parts if not store.has(part.key)]
    told(len(parts) - len(missing), len(parts), "")
    if workers is not None and missing:
        _finish(plan, missing, store, folder, workers, lambda more, last: told(len(parts) - more, len(parts), last))
    evidence = _evidence(plan, parts, store, asked)
    write_evidence(evidence, into or folder / model)
    return evidence


def _fills(bundle: Bundle, wanted: Sequence[str]) -> tuple[Value, ...]:
    known = {fill_name(fill): fill for fill in offered_fills(bundle)}
    for name in wanted:
        if name not in known:
            raise RecordRefused(f"{bundle.name} cannot be evaluated by fill {name!r}; choose from {', '.join(known)}.")
    return tuple(fill for name, fill in known.items() if not wanted or name in wanted)


def _techniques(wanted: Sequence[str]) -> tuple[str, ...]:
    return tuple(technique_named(name).name for name in wanted) or tuple(TECHNIQUES)


def _test_set(bundle: Bundle, data: Path) -> TestSet:
    kind = kind_of(bundle)
    if kind.test_set is None:
        raise RecordRefused(f"{bundle.name} reads {kind.plural}, which have no test set. Choose a model of beats.")
    return kind.test_set(bundle, data)


def _plan(
    bundle: Bundle, test_set: TestSet, asked: Asked, techniques: tuple[str, ...], fills: tuple[Value, ...]
) -> Plan:
    chosen = evenly_drawn(test_set.labels, test_set.patients, asked.beats, asked.seed)
    cases = test_set.cases(chosen)
    subset = evenly_drawn(cases.labels, cases.patients, asked.subset, asked.seed)
    named = predict_classes(bundle, compute_scores(bundle, cases.values))
    return Plan(
        bundle=bundle,
        cases=cases,
        targets=tuple(bundle.classes[index] for index in named),
        subset=subset,
        shifted=test_set.shifted(chosen[subset]),
        techniques=techniques,
        fills=fills,
        seed=asked.seed,
    )


def _finish(
    plan: Plan, parts: Sequence[Part], store: Store, folder: Path, workers: Workers, told: Callable[[int, str], None]
) -> None:
    """Have parts done and kept; ``told`` hears how many are left, and what was done last."""
    left = len(parts)
    # Workers of a cluster find the bundled models in their own place.
    own_folder = None if folder == BUNDLES else folder

    def asked_of_worker(part: Part) -> Any:
        return task_of(plan, part, own_folder, None if part.needs is None else store.read(part.needs))

    def kept(part: Part, result: tuple[Columns, float]) -> None:
        nonlocal left
        store.keep(part.key, *result)
        left -= 1
        told(left, f"{part.technique}, {part.kind}")

    with connected(workers.processes, workers.scheduler) as client:
        run_parts(client, parts, done, asked_of_worker, kept)


def _evidence(plan: Plan, parts: Sequence[Part], store: Store, asked: Asked) -> Evidence:
    unfinished = {part.group for part in parts if not store.has(part.key)}
    parts = [part for part in parts if part.group not in unfinished]
    seconds = sum(store.seconds(part.key) for part in parts)
    named = sorted({", ".join(filter(None, (name, kind, fill))) for kind, name, _, fill in unfinished})
    return Evidence(
        curves=curve_table(plan, parts, store),
        measures=measure_table(plan, parts, store),
        shares=share_table(plan, parts, store),
        sanity=sanity_table(plan, parts, store),
        stability=stability_table(parts, store),
        verdicts=verdict_table(parts, store),
        beats=beat_table(plan),
        about=told_about(plan, asked, seconds, named),
    )
