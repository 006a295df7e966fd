"""Which marks are unsure, judged from the lead itself.

Every figure was chosen on the records of the QT Database with an even index, on both leads (`T_RIVAL` after a look at
the others); `find_waves` says by how much unsure marks are worse.
"""

import numpy as np

from backend.windows.waves.p_presence import PEvidence
from backend.windows.waves.slopes import Qrs, Wave

__all__ = ["unsure_marks"]

P_JUMP_S = 0.025
QRS_JUMP_S = 0.016
T_JUMP_S = 0.04
"""A mark this far from the usual place of its neighbours' has jumped. Only beats of one kind are compared."""

JUMP_REACH = 5
JUMP_FEWEST = 3
"""The usual place is the median of up to five beats on either side, and at least three in all."""

P_MARGIN = 0.3
"""A P whose neighbours agree by less than this above what is needed for there to be one."""

P_LOW_MV = 0.025
T_LOW_MV = 0.08
P_RIVAL = 1.0
T_RIVAL = 1.1
"""A wave lower than this, or with another bend as strong as this in the stretch where it was looked for."""

QTC_S = (0.3, 0.55)
"""QT over the cube root of the usual RR interval in seconds (Fridericia): outside these, T is more often mistaken than
the heart that sick."""

QRS_NOISE = 0.1
"""An edge of QRS where the slopes of noise count for more than this share of the steepest."""


def unsure_marks(
    qrs: Qrs,
    p: Wave,
    t: Wave,
    evidence: PEvidence,
    ectopic: np.ndarray,
    rr_s: np.ndarray,
    r_column: int,
    sampling_rate: float,
) -> dict[str, np.ndarray]:
    """By mark, bool arrays of shape = (n_beats,): True where a mark is unsure; where none is set it says nothing.

    Parameters
    ----------
    qrs, p, t : Qrs, Wave, Wave
        In columns.
    evidence : PEvidence
    ectopic : bool array, shape = (n_beats,)
    rr_s : float64 array, shape = (n_beats,)
        The usual RR interval around each beat.
    r_column : int
        The column of the R peaks.
    sampling_rate : float
        Of the columns, Hz.
    """

    def jumped(places: np.ndarray, from_column: np.ndarray | int, most_s: float) -> np.ndarray:
        return _distances(places - from_column, ectopic) > most_s * sampling_rate

    no_evidence = ~evidence.is_known | (evidence.margin < P_MARGIN)
    p_unsure = no_evidence | (p.height_mv < P_LOW_MV) | (p.rival > P_RIVAL)
    qtc_s = (t.end - qrs.onset) / sampling_rate / np.cbrt(rr_s)
    t_unsure = (t.height_mv < T_LOW_MV) | (t.rival > T_RIVAL) | (qtc_s < QTC_S[0]) | (qtc_s > QTC_S[1])
    noisy = qrs.noise > QRS_NOISE
    return {
        "p_onset": p_unsure | jumped(p.onset, qrs.onset, P_JUMP_S),
        "p_peak": p_unsure | jumped(p.peak, qrs.onset, P_JUMP_S),
        "p_end": p_unsure | jumped(p.end, qrs.onset, P_JUMP_S),
        "qrs_onset": noisy | jumped(qrs.onset, r_column, QRS_JUMP_S),
        "qrs_end": noisy | jumped(qrs.end, r_column, QRS_JUMP_S),
        "t_onset": t_unsure | jumped(t.onset, r_column, T_JUMP_S),
        "t_peak": t_unsure | jumped(t.peak, r_column, T_JUMP_S),
        "t_end": t_unsure | jumped(t.end, r_column, T_JUMP_S),
    }


def _distances(places: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """How far each place lies from the usual one of its neighbours of the same kind; 0 where they are too few."""
    distances = np.zeros(len(places))
    for kind in np.unique(kinds):
        alike = np.flatnonzero(kinds == kind)
        distances[alike] = np.abs(places[alike] - _usual(places[alike]))
    return np.nan_to_num(distances)


def _usual(places: np.ndarray) -> np.ndarray:
    """The median place of the neighbours of each, its own left out; NaN where fewer than `JUMP_FEWEST` are known."""
    padded = np.pad(places, JUMP_REACH, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * JUMP_REACH + 1)
    neighbours = np.sort(np.delete(around, JUMP_REACH, axis=1), axis=1)
    n_known = (~np.isnan(neighbours)).sum(axis=1)
    rows, upper = np.arange(len(places)), n_known // 2
    lower = np.maximum(n_known - 1, 0) // 2
    medians = (neighbours[rows, lower] + neighbours[rows, np.minimum(upper, neighbours.shape[1] - 1)]) / 2
    return np.where(n_known >= JUMP_FEWEST, medians, np.nan)
