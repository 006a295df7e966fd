"""Windows drawn so that every class, and every patient of a class, is heard as often as the others."""

import numpy as np

__all__ = ["evenly_drawn"]


def evenly_drawn(labels: np.ndarray, patients: np.ndarray, count: int | None, seed: int) -> np.ndarray:
    """Draw windows evenly over classes, and within each class evenly over its patients.

    A class or patient that has fewer than its part gives all, and the others fill up what it leaves.

    Parameters
    ----------
    labels, patients : arrays of str, shape = (n,)
    count : int or None
        How many; None, and as many as there are or more, takes all.
    seed : int

    Returns
    -------
    int64 array, ascending
        Positions of the drawn windows.
    """
    if count is None or count >= len(labels):
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    drawn = []
    of_class = [np.flatnonzero(labels == label) for label in sorted(set(labels))]
    for own, quota in zip(of_class, _even_parts([len(own) for own in of_class], count), strict=True):
        of_patient = [own[patients[own] == patient] for patient in sorted(set(patients[own]))]
        for theirs, part in zip(of_patient, _even_parts([len(theirs) for theirs in of_patient], quota), strict=True):
            drawn.append(rng.choice(theirs, part, replace=False))
    return np.sort(np.concatenate(drawn))


def _even_parts(sizes: list[int], count: int) -> list[int]:
    """How many to take of groups of these sizes, ``count`` in all: as equal as can be; the first get what is over."""
    parts = [0] * len(sizes)
    left = min(count, sum(sizes))
    open_groups = list(range(len(sizes)))
    while left:
        open_groups = [group for group in open_groups if parts[group] < sizes[group]]
        each = max(left // len(open_groups), 1)
        for group in open_groups:
            more = min(each, sizes[group] - parts[group], left)
            parts[group] += more
            left -= more
    return parts
