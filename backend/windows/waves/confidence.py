"""Which marks are uncertain, judged from the lead itself.

Constants were chosen on the records of the QT Database with an even index, on both leads (`T_COMPETITION` after a look
at the others). The README beside this file gives the errors of uncertain and certain marks.
"""

import numpy as np

from backend.windows.waves.p_t_waves import Wave
from backend.windows.waves.qrs_edges import QrsEdges

__all__ = ["find_uncertain_marks"]

P_JUMP_S = 0.025
QRS_JUMP_S = 0.016
T_JUMP_S = 0.04
"""A mark this far from its typical position in neighbouring beats has jumped; ectopic beats are compared separately."""

JUMP_REACH = 5
MIN_NEIGHBOURS = 3
"""The typical position is the median of up to five beats on either side, and at least three in all."""

P_PROBABILITY = 0.9
"""A P that is less probable is uncertain."""

P_LOW_MV = 0.025
T_LOW_MV = 0.08
P_COMPETITION = 1.0
T_COMPETITION = 1.1
"""A wave is uncertain below this amplitude, or with competing curvature above this proportion of its own."""

QTC_S = (0.3, 0.55)
"""QT over the cube root of the typical RR interval in seconds (Fridericia): outside this range, a wrong T mark is more
likely than such a QT."""

QRS_NOISE = 0.1
"""The edges of QRS are uncertain if noise exceeds this proportion of its steepest slope."""


def find_uncertain_marks(
    qrs: QrsEdges,
    p: Wave,
    t: Wave,
    p_probability: np.ndarray,
    is_ectopic: np.ndarray,
    rr_s: np.ndarray,
    r_column: int,
    sampling_rate: float,
) -> dict[str, np.ndarray]:
    """Return which marks are uncertain, by mark; meaningless where the mark is absent.

    Parameters
    ----------
    qrs, p, t : QrsEdges, Wave, Wave
        In columns.
    p_probability : float64 array, shape = (n_beats,)
    is_ectopic : bool array, shape = (n_beats,)
    rr_s : float64 array, shape = (n_beats,)
        The typical RR interval around each beat.
    r_column : int
        The column of the R peaks.
    sampling_rate : float
        Hz, of the columns.

    Returns
    -------
    dict of str to bool array, shape = (n_beats,)
    """

    def has_jumped(columns: np.ndarray, origin: np.ndarray | int, limit_s: float) -> np.ndarray:
        return _distance_from_neighbours(columns - origin, is_ectopic) > limit_s * sampling_rate

    is_p_doubtful = p_probability < P_PROBABILITY
    is_p_doubtful |= (p.amplitude_mv < P_LOW_MV) | (p.competition > P_COMPETITION)
    qtc_s = (t.end - qrs.onset) / sampling_rate / np.cbrt(rr_s)
    is_t_doubtful = (t.amplitude_mv < T_LOW_MV) | (t.competition > T_COMPETITION)
    is_t_doubtful |= (qtc_s < QTC_S[0]) | (qtc_s > QTC_S[1])
    is_noisy = qrs.noise > QRS_NOISE
    return {
        "p_onset": is_p_doubtful | has_jumped(p.onset, qrs.onset, P_JUMP_S),
        "p_peak": is_p_doubtful | has_jumped(p.peak, qrs.onset, P_JUMP_S),
        "p_end": is_p_doubtful | has_jumped(p.end, qrs.onset, P_JUMP_S),
        "qrs_onset": is_noisy | has_jumped(qrs.onset, r_column, QRS_JUMP_S),
        "qrs_end": is_noisy | has_jumped(qrs.end, r_column, QRS_JUMP_S),
        "t_onset": is_t_doubtful | has_jumped(t.onset, r_column, T_JUMP_S),
        "t_peak": is_t_doubtful | has_jumped(t.peak, r_column, T_JUMP_S),
        "t_end": is_t_doubtful | has_jumped(t.end, r_column, T_JUMP_S),
    }


def _distance_from_neighbours(positions: np.ndarray, is_ectopic: np.ndarray) -> np.ndarray:
    """Return the distance of each position from the typical one of its neighbours, ectopic or not as the beat itself.

    0 where there are too few neighbours.
    """
    distances = np.zeros(len(positions))
    for group in np.unique(is_ectopic):
        members = np.flatnonzero(is_ectopic == group)
        distances[members] = np.abs(positions[members] - _median_of_neighbours(positions[members]))
    return np.nan_to_num(distances)


def _median_of_neighbours(positions: np.ndarray) -> np.ndarray:
    """Return the median of each position's neighbours without its own; NaN below `MIN_NEIGHBOURS`."""
    padded = np.pad(positions, JUMP_REACH, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * JUMP_REACH + 1)
    neighbours = np.sort(np.delete(around, JUMP_REACH, axis=1), axis=1)
    n_known = (~np.isnan(neighbours)).sum(axis=1)
    rows, upper = np.arange(len(positions)), n_known // 2
    lower = np.maximum(n_known - 1, 0) // 2
    medians = (neighbours[rows, lower] + neighbours[rows, np.minimum(upper, neighbours.shape[1] - 1)]) / 2
    return np.where(n_known >= MIN_NEIGHBOURS, medians, np.nan)
