"""Agreement of the salience with the parts of a beat that a cardiologist looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.quality.wave_shares import SEGMENTS, compute_wave_shares, salience_of_leads

__all__ = [
    "EXPECTATION_SOURCE",
    "EXPECTED",
    "PARTS",
    "QRS_PARTS",
    "Expectation",
    "compute_part_shares",
    "locate_qrs_parts",
]

QRS_PARTS = ("onset to Q", "Q to R", "R to S", "S to end")
"""Parts of QRS between its deflections. Without Q, R rises from the onset; without S, it falls until the end."""

PARTS = SEGMENTS + QRS_PARTS
"""All parts with a share of the salience: SEGMENTS divide the window, QRS_PARTS divide the QRS."""

EXPECTATION_SOURCE = (
    'van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 4: '
    "what a cardiologist would look at, paraphrased"
)


@dataclass(frozen=True)
class Expectation:
    """What a cardiologist looks at in a beat of one class.

    Attributes
    ----------
    words : str
        The expectation in words.
    parts : tuple of str
        The PARTS concerned: their share of the salience should exceed their share of the time.
    limit : str
        What shares of salience cannot show.
    """

    words: str
    parts: tuple[str, ...]
    limit: str


EXPECTED: Mapping[str, Expectation] = {
    "normal": Expectation(
        words="the whole QRS, and within it R and S more than Q",
        parts=("QRS", "Q to R", "R to S", "S to end"),
        limit=(
            "R rises out of Q, so the stretch from Q to R belongs to both. Only the descent into Q is separate from "
            "R and S, and only where a Q is present."
        ),
    ),
    "RBBB": Expectation(
        words="the wide S, and the notch before R",
        parts=("R to S", "S to end", "onset to Q", "Q to R"),
        limit=(
            "The notch has no mark of its own: it lies between the QRS onset and R, or just before the onset, in PR. "
            "The share of S shows that S matters, not that its width does."
        ),
    ),
    "paced": Expectation(
        words="the narrow upstroke at the start, the pacing spike",
        parts=("onset to Q", "Q to R"),
        limit=(
            "The pacing spike has no mark of its own and may lie before the QRS onset, in PR. A wide paced QRS "
            "without R (QS) has no such parts."
        ),
    ),
    "PVC": Expectation(
        words="the ratio of R to S",
        parts=("Q to R", "R to S", "S to end"),
        limit=("Shares show that R and S matter, not that they are compared. A PVC without R (QS) has no such parts."),
    ),
}
"""By class; the paper names no expectation for the other classes."""


def compute_part_shares(
    saliences: np.ndarray,
    sources: Sequence[str],
    variables: Sequence[tuple[str, ...]],
    marks: Sequence[Mapping[str, int | None]],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of the salience on the leads, and of the time, on each of PARTS for each window.

    Parameters
    ----------
    saliences : array, shape = (n, T, D)
        In 0..1.
    sources : sequence of str, length D
        As in ``WindowKind.sources``.
    variables : sequence of tuple of str, length n
        As in ``Windows.variables``.
    marks : sequence of mapping of mark to step of the window or None, length n
        As ``steps_of_marks`` returns them.

    Returns
    -------
    of_salience, of_time : float64 arrays, shape = (n, len(PARTS))
        NaN where the part is absent; the salience shares are also NaN where a window has no salience.
    """
    of_salience, of_time = np.full((2, len(saliences), len(PARTS)), np.nan)
    for row, (salience, names, window_marks) in enumerate(zip(saliences, variables, marks, strict=True)):
        on_leads = salience_of_leads(salience, sources, names)
        segment_shares = compute_wave_shares(on_leads, window_marks)
        within = locate_qrs_parts(window_marks, len(salience))
        at_steps, level = on_leads.sum(axis=1, dtype=np.float64), np.ones(len(salience))
        for shares, segments, amount in (
            (of_salience, segment_shares.of_salience, at_steps),
            (of_time, segment_shares.of_time, level),
        ):
            parts = [_share(amount, within.get(part)) for part in QRS_PARTS]
            shares[row] = [np.nan if (share := segments[name]) is None else share for name in SEGMENTS] + parts
    return of_salience, of_time


def _share(amount: np.ndarray, steps: slice | None) -> float:
    whole = float(amount.sum())
    return float(amount[steps].sum()) / whole if steps is not None and whole > 0.0 else np.nan


def locate_qrs_parts(marks: Mapping[str, int | None], steps: int) -> dict[str, slice]:
    """Return the steps of each of QRS_PARTS that a beat has; together they are the QRS.

    Empty where an edge of the QRS or R is absent (QS).

    Parameters
    ----------
    marks : mapping of mark to step of the window or None
    steps : int
        Length of the window; steps outside it do not count.
    """
    onset, end, r_wave = (marks.get(mark) for mark in ("qrs_onset", "qrs_end", "r_wave"))
    if onset is None or end is None or r_wave is None:
        return {}
    q_peak, s_peak = marks.get("q_peak"), marks.get("s_peak")
    bounds = {
        "Q to R": (onset if q_peak is None else q_peak, r_wave),
        "R to S": (r_wave, end if s_peak is None else s_peak),
    }
    if q_peak is not None:
        bounds["onset to Q"] = (onset, q_peak)
    if s_peak is not None:
        bounds["S to end"] = (s_peak, end)
    return {part: slice(*np.clip(edges, 0, steps).tolist()) for part, edges in bounds.items()}
