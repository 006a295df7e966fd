"""Stratified sampling of windows, evenly over classes and patients."""

import numpy as np

__all__ = ["draw_evenly"]


def draw_evenly(labels: np.ndarray, patients: np.ndarray, count: int | None, seed: int) -> np.ndarray:
    """Return windows drawn evenly over classes, and within each class evenly over its patients.

    A class or patient with fewer windows than its quota gives all, and the others share the rest.

    Parameters
    ----------
    labels, patients : arrays of str, shape = (n,)
    count : int or None
        Number of windows; None, or more than there are, takes all.
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
    by_class = [np.flatnonzero(labels == label) for label in sorted(set(labels))]
    for own, quota in zip(by_class, _allocate([len(own) for own in by_class], count), strict=True):
        by_patient = [own[patients[own] == patient] for patient in sorted(set(patients[own]))]
        for rows, patient_quota in zip(by_patient, _allocate([len(rows) for rows in by_patient], quota), strict=True):
            drawn.append(rng.choice(rows, patient_quota, replace=False))
    return np.sort(np.concatenate(drawn))


def _allocate(sizes: list[int], count: int) -> list[int]:
    """Return how many to draw from groups of these sizes, ``count`` in all, as evenly as possible."""
    quotas = [0] * len(sizes)
    left = min(count, sum(sizes))
    open_groups = list(range(len(sizes)))
    while left:
        open_groups = [group for group in open_groups if quotas[group] < sizes[group]]
        each = max(left // len(open_groups), 1)
        for group in open_groups:
            more = min(each, sizes[group] - quotas[group], left)
            quotas[group] += more
            left -= more
    return quotas
