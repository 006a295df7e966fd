"""Does an explanation look where a cardiologist looks? Shares of salience on waves, and what was expected of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.explain.quality.wave_shares import SEGMENTS, wave_shares
from backend.windows.beats.lead_variables import lead_columns

__all__ = ["EXPECTED", "EXPECTED_BY", "PARTS", "QRS_PARTS", "Expectation", "qrs_part_steps", "shares_of_many"]

QRS_PARTS = ("onset to Q", "Q to R", "R to S", "S to end")
"""Parts of QRS between its deflections. Without Q, R rises from the onset; without S, it falls until the end."""

PARTS = SEGMENTS + QRS_PARTS
"""All that shares are told of: SEGMENTS divide the window, QRS_PARTS divide QRS again."""

EXPECTED_BY = (
    'van der Westhuizen & Lasenby 2018, "Techniques for visualizing LSTMs applied to electrocardiograms", section 4: '
    "what a cardiologist would look at, in our words"
)


@dataclass(frozen=True)
class Expectation:
    """What a cardiologist looks at in a kind of beat.

    Attributes
    ----------
    words : str
        For a reader.
    parts : tuple of str
        Those of PARTS in which it lies: the salience on them should be more than their share of the time.
    limit : str
        What of it shares of salience cannot tell.
    """

    words: str
    parts: tuple[str, ...]
    limit: str


EXPECTED: Mapping[str, Expectation] = {
    "normal": Expectation(
        words="QRS as a whole, and in it R and S more than Q",
        parts=("QRS", "Q to R", "R to S", "S to end"),
        limit=(
            "R rises out of Q: the stretch from Q to R belongs to both. Only the way down into Q can be told apart "
            "from R and S, and only where there is a Q."
        ),
    ),
    "RBBB": Expectation(
        words="the wide S, and the bump before R",
        parts=("R to S", "S to end", "onset to Q", "Q to R"),
        limit=(
            "The bump has no mark of its own: it lies between the onset of QRS and R, or just before the onset, in PR. "
            "That S is wide cannot be told from its share, only that it is looked at."
        ),
    ),
    "paced": Expectation(
        words="the narrow upstroke at the beginning, which the pacemaker makes",
        parts=("onset to Q", "Q to R"),
        limit=(
            "The pacemaker's spike has no mark of its own and may lie before the onset of QRS, in PR; a wide paced QRS "
            "without R (QS) has no such parts."
        ),
    ),
    "PVC": Expectation(
        words="how high R is beside S",
        parts=("Q to R", "R to S", "S to end"),
        limit=(
            "A ratio is nowhere: shares tell that R and S are looked at, not that they are compared. A PVC without R "
            "(QS) has no such parts."
        ),
    ),
}
"""By class; nothing was said of the others."""


def shares_of_many(
    saliences: np.ndarray, variables: Sequence[tuple[str, ...]], marks: Sequence[Mapping[str, int | None]]
) -> tuple[np.ndarray, np.ndarray]:
    """What part of the salience on the leads, and of the time, lies on each of PARTS, window by window.

    Parameters
    ----------
    saliences : array, shape = (n, T, D)
        In 0..1.
    variables : sequence of tuple of str, length n
        As in ``Windows.variables``.
    marks : sequence of mapping of mark to step of the window or None, length n
        As ``steps_of_marks`` gives them.

    Returns
    -------
    of_salience, of_time : float64 arrays, shape = (n, len(PARTS))
        NaN where the part is absent, and of salience where a window has none.
    """
    of_salience, of_time = np.full((2, len(saliences), len(PARTS)), np.nan)
    for row, (salience, names, own) in enumerate(zip(saliences, variables, marks, strict=True)):
        on_leads = salience[:, lead_columns(names)]
        found = wave_shares(on_leads, own)
        within = qrs_part_steps(own, len(salience))
        at_steps, level = on_leads.sum(axis=1, dtype=np.float64), np.ones(len(salience))
        for told, segments, amount in ((of_salience, found.of_salience, at_steps), (of_time, found.of_time, level)):
            parts = [_share(amount, within.get(part)) for part in QRS_PARTS]
            told[row] = [np.nan if (share := segments[name]) is None else share for name in SEGMENTS] + parts
    return of_salience, of_time


def _share(amount: np.ndarray, steps: slice | None) -> float:
    whole = float(amount.sum())
    return float(amount[steps].sum()) / whole if steps is not None and whole > 0.0 else np.nan


def qrs_part_steps(marks: Mapping[str, int | None], steps: int) -> dict[str, slice]:
    """Where those of QRS_PARTS lie that a beat has, in steps of its window.

    None of them where an edge of QRS or R is absent (QS). Together they are QRS.

    Parameters
    ----------
    marks : mapping of mark to step of the window or None
    steps : int
        Length of the window; what lies outside of it does not count.
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
    return {part: slice(*np.clip(own, 0, steps).tolist()) for part, own in bounds.items()}
