"""The salience of a beat by wave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.salience import max_of_sources
from backend.windows.beats.lead_variables import lead_columns

__all__ = ["SEGMENTS", "WaveShares", "compute_wave_shares", "salience_of_leads"]

_BOUNDS = {
    "P": ("p_onset", "p_end"),
    "PR": ("p_end", "qrs_onset"),
    "ST": ("qrs_end", "t_onset"),
    "T": ("t_onset", "t_end"),
    "QRS": ("qrs_onset", "qrs_end"),
}
"""Where marks overlap, the step belongs to the later segment in this list."""

SEGMENTS = ("P", "PR", "QRS", "ST", "T", "rest")


@dataclass(frozen=True)
class WaveShares:
    """The share of the salience, and of the time of the window, on each segment of a beat.

    Attributes
    ----------
    of_salience : mapping of segment to float or None
        Sums to 1. None for an absent segment; all None for a window without salience.
    of_time : mapping of segment to float or None
        Sums to 1. None for an absent segment.
    """

    of_salience: Mapping[str, float | None]
    of_time: Mapping[str, float | None]


def salience_of_leads(salience: np.ndarray, sources: Sequence[str], variables: Sequence[str]) -> np.ndarray:
    """Return the salience of the leads of a record, which alone have waves, shape = (T, n_leads).

    Parameters
    ----------
    salience : array, shape = (T, D)
    sources : sequence of str, length D
        As in ``WindowKind.sources``.
    variables : sequence of str, length D
        As in ``Windows.variables``; measurements and missing leads do not count.
    """
    return max_of_sources(salience, sources, lead_columns(variables))


def compute_wave_shares(salience: np.ndarray, marks: Mapping[str, int | None]) -> WaveShares:
    """Return the shares of the salience of one window on P, PR, QRS, ST, T and the rest.

    A segment reaches from its first mark up to, but not including, the next; steps outside the window do not count. A
    segment is absent where one of its two marks is absent.

    Parameters
    ----------
    salience : array, shape = (T, D)
        Salience in 0..1 of the leads of the record only (``salience_of_leads``).
    marks : mapping of mark to step of the window or None
        As ``steps_of_marks`` returns them.
    """
    segment_of = np.full(len(salience), "rest", dtype=object)
    absent = set()
    for segment, (first, end) in _BOUNDS.items():
        first_step, end_step = marks.get(first), marks.get(end)
        if first_step is None or end_step is None:
            absent.add(segment)
        else:
            segment_of[max(first_step, 0) : max(end_step, 0)] = segment
    return WaveShares(
        of_salience=_shares(salience.sum(axis=1, dtype=np.float64), segment_of, absent),
        of_time=_shares(np.ones(len(salience)), segment_of, absent),
    )


def _shares(amount: np.ndarray, segment_of: np.ndarray, absent: set[str]) -> dict[str, float | None]:
    whole = float(amount.sum())
    if whole <= 0.0:
        return dict.fromkeys(SEGMENTS)
    return {
        segment: None if segment in absent else float(amount[segment_of == segment].sum()) / whole
        for segment in SEGMENTS
    }
