"""Finished parts put together: the windows of a technique, and which of them are of which class."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from backend.cohort.evidence import ALL
from backend.cohort.job_store import Store
from backend.cohort.plan import Part, Plan

__all__ = ["classes", "gathered", "groups"]


def groups(parts: Sequence[Part], kind: str) -> Mapping[tuple[str, str], list[Part]]:
    """The parts of one kind by technique and fill, in their order."""
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        own_kind, technique, _, fill = part.group
        if own_kind == kind:
            groups.setdefault((technique, fill), []).append(part)
    return groups


def gathered(parts: Sequence[Part], store: Store) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The columns of several parts, one after the other, and the position among the cases of each row."""
    read = [store.read(part.key) for part in parts]
    columns = {name: np.concatenate([own[name] for own in read]) for name in read[0]}
    return columns, np.concatenate([part.windows for part in parts])


def classes(plan: Plan, positions: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """ALL, then each class of the model that there is, with which rows are of it, bool, shape = (n,)."""
    labels = plan.cases.labels[positions]
    yield ALL, np.ones(len(labels), dtype=bool)
    for name in plan.bundle.classes:
        if (labels == name).any():
            yield name, labels == name
