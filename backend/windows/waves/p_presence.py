"""Whether a P wave stands before each QRS, judged from what its neighbours have in the same place.

A single stretch before a QRS cannot tell a small P from noise or from the waves of a fibrillating atrium. Many can: a
conducted P keeps its shape and its distance from QRS from beat to beat, and nothing else does.
"""

from dataclasses import dataclass

import numpy as np

from backend.windows.waves.aligned import Aligned
from backend.windows.waves.slopes import smoothed

__all__ = ["PEvidence", "ectopic_beats", "p_evidence"]

KIND_REACH = 60
"""Beats on either side with whose QRS a beat's own is compared."""

ALIKE = 0.9
"""Correlation of two QRS from which on they are of one kind."""

WIDER = 1.15
"""A QRS this many times as long as many of another kind nearby started in the ventricles, or is aberrant."""

NARROW_SHARE = 0.2
NARROW_COUNT = 3

P_REACH = 25
"""Beats on either side whose stretches before QRS are averaged."""

FEWEST = 4
"""With fewer neighbours than this nothing can be said from them."""

AGREEMENT = 0.03
"""Least mean correlation between two neighbours' stretches before QRS."""

IRREGULAR = 0.03
IRREGULAR_COST = 0.7
"""Each 0.1 by which the RR intervals' mean relative change exceeds 0.03 asks for 0.07 more agreement."""

ECTOPIC_FIT = 0.85
ECTOPIC_NEARER_S = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06)
"""Correlation with its neighbours' P that a wide beat's own must have, at the best of these shifts towards its QRS: a
beat that starts in the ventricles too, or by another way, begins before the P before it is conducted."""

_QRS_REACH_S = 0.07
_QRS_SMOOTHING_S = 0.006
_BEND_S = 0.018
_STRETCH_S = (-0.24, -0.02)


@dataclass(frozen=True, eq=False)
class PEvidence:
    """What a beat's neighbours say of its P.

    Attributes
    ----------
    is_known : bool array, shape = (n_beats,)
        Whether there are enough neighbours to say anything.
    margin : float64 array, shape = (n_beats,)
        By how much their agreement with each other exceeds what is needed.
    fit : float64 array, shape = (n_beats,)
        Correlation of the beat's own stretch before QRS with theirs, nearer to QRS by the best of `ECTOPIC_NEARER_S`.
    """

    is_known: np.ndarray
    margin: np.ndarray
    fit: np.ndarray

    def allows(self, ectopic: np.ndarray) -> np.ndarray:
        """Which beats may have a P: an ectopic one only if its own is like its neighbours'; shape = (n_beats,)."""
        agreed = self.margin > 0
        return np.where(ectopic, self.is_known & agreed & (self.fit > ECTOPIC_FIT), ~self.is_known | agreed)


def ectopic_beats(
    steady: np.ndarray, beats: Aligned, sampling_rate: float, qrs_onset: np.ndarray, qrs_end: np.ndarray
) -> np.ndarray:
    """Which beats have a longer QRS, of another shape, than many of the beats around them; bool, shape = (n_beats,)."""
    shapes, widths = _qrs_shapes(steady, beats, sampling_rate), qrs_end - qrs_onset
    n_beats = len(widths)
    narrower = np.zeros(n_beats, dtype=np.int64)
    for lag in range(1, min(KIND_REACH, n_beats - 1) + 1):
        unlike = np.einsum("ij,ij->i", shapes[lag:], shapes[:-lag]) < ALIKE
        narrower[lag:] += unlike & (WIDER * widths[:-lag] < widths[lag:])
        narrower[:-lag] += unlike & (WIDER * widths[lag:] < widths[:-lag])
    first, last = _neighbourhood(n_beats, KIND_REACH)
    return narrower >= np.maximum(NARROW_COUNT, NARROW_SHARE * (last - first - 1))


def p_evidence(
    bridged: np.ndarray, beats: Aligned, sampling_rate: float, qrs_onset: np.ndarray, ectopic: np.ndarray
) -> PEvidence:
    """What the stretches before QRS say of a P, from those of the beats around that are not ectopic."""
    stretches = _stretches(bridged, beats, sampling_rate, qrs_onset, 0.0)
    sums, counts = _sums_over_neighbours(stretches, ~ectopic)
    agreement = ((sums**2).sum(axis=1) - counts) / np.maximum(counts * (counts - 1), 1)
    needed = AGREEMENT + IRREGULAR_COST * np.maximum(_irregularity(beats.r_steps, ectopic) - IRREGULAR, 0)
    usual = _unit(sums)
    fits = [
        (_stretches(bridged, beats, sampling_rate, qrs_onset, nearer_s) * usual).sum(axis=1)
        for nearer_s in ECTOPIC_NEARER_S
    ]
    return PEvidence(counts >= FEWEST, agreement - needed, np.max(fits, axis=0))


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _qrs_shapes(steady: np.ndarray, beats: Aligned, sampling_rate: float) -> np.ndarray:
    columns = np.flatnonzero(np.abs(beats.times_s) <= _QRS_REACH_S)[::2]
    shapes = smoothed(steady, _QRS_SMOOTHING_S, sampling_rate)[beats.steps[:, columns]]
    return _unit(shapes - shapes.mean(axis=1, keepdims=True))


def _stretches(
    bridged: np.ndarray, beats: Aligned, sampling_rate: float, qrs_onset: np.ndarray, nearer_s: float
) -> np.ndarray:
    """The bends of the signal before each QRS, scaled to unit length so that no beat outweighs the others.

    The stretch is taken ``nearer_s`` nearer to QRS; what then lies within QRS is 0.
    """
    bends = -smoothed(bridged, _BEND_S, sampling_rate, 2)
    onsets = beats.r_steps + qrs_onset.astype(np.int64) - beats.r_column
    offsets = np.arange(round(_STRETCH_S[0] * sampling_rate), round(_STRETCH_S[1] * sampling_rate))
    offsets = offsets + round(nearer_s * sampling_rate)
    return _unit(bends[np.clip(onsets[:, np.newaxis] + offsets, 0, len(bends) - 1)] * (offsets < 0))


def _neighbourhood(n_beats: int, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """The first beat within reach of each beat, and the one after the last."""
    beats = np.arange(n_beats)
    return np.maximum(beats - reach, 0), np.minimum(beats + reach + 1, n_beats)


def _sums_over_neighbours(rows: np.ndarray, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sum of the counted rows within `P_REACH` of each beat, its own left out, and how many these are."""
    own = np.column_stack([rows, np.ones(len(rows))]) * counted[:, np.newaxis]
    running = np.vstack([np.zeros(own.shape[1]), np.cumsum(own, axis=0)])
    first, last = _neighbourhood(len(rows), P_REACH)
    sums = running[last] - running[first] - own
    return sums[:, :-1], np.round(sums[:, -1])


def _irregularity(r_steps: np.ndarray, ectopic: np.ndarray) -> np.ndarray:
    """Mean relative change from one RR interval to the next around each beat, ectopic beats and their pauses left out.

    0 where there are too few to say.
    """
    if len(r_steps) < 3:
        return np.zeros(len(r_steps))
    rr = np.diff(r_steps).astype(np.float64)
    change = np.zeros(len(r_steps))
    change[2:] = np.minimum(np.abs(np.diff(rr)) / np.maximum(rr[1:], 1.0), 0.4)
    counted = np.zeros(len(r_steps), dtype=bool)
    counted[2:] = ~(ectopic[2:] | ectopic[1:-1] | ectopic[:-2])
    sums, counts = _sums_over_neighbours(change[:, np.newaxis], counted)
    return np.where(counts >= FEWEST, sums[:, 0] / np.maximum(counts, 1), 0.0)
