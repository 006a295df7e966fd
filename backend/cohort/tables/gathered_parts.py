"""Finished parts joined into the windows of a technique, by class."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from backend.cohort.evidence import ALL
from backend.cohort.job_store import Store
from backend.cohort.plan import Part, Plan

__all__ = ["group_parts", "join_parts", "select_classes"]


def group_parts(parts: Sequence[Part], kind: str) -> Mapping[tuple[str, str], list[Part]]:
    """Return the parts of one kind by technique and baseline, in their order."""
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        own_kind, technique, _, fill = part.group
        if own_kind == kind:
            groups.setdefault((technique, fill), []).append(part)
    return groups


def join_parts(parts: Sequence[Part], store: Store) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the joined columns of several parts, and the position among the cases of each row."""
    read = [store.read(part.key) for part in parts]
    columns = {name: np.concatenate([part_columns[name] for part_columns in read]) for name in read[0]}
    return columns, np.concatenate([part.windows for part in parts])


def select_classes(plan: Plan, positions: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield ALL, then each class present, with its rows, bool, shape = (n,)."""
    labels = plan.cases.labels[positions]
    yield ALL, np.ones(len(labels), dtype=bool)
    for name in plan.bundle.classes:
        if (labels == name).any():
            yield name, labels == name
