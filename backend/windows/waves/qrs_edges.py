"""The onset and end of each QRS complex, for all beats of a lead at once.

Marks are columns of `AlignedBeats`, float64. Constants were chosen on the records of the QT Database with an even
index.
"""

from dataclasses import dataclass

import numpy as np

from backend.windows.waves.aligned import AlignedBeats, argmax_within, first_true
from backend.windows.waves.smoothing import smooth

__all__ = ["QrsEdges", "bridge_qrs", "find_qrs_edges"]

SMOOTHING_S = 0.007
"""Standard deviation of the Gaussian: near scale 2^2 of Martinez et al. at 250 Hz."""

CORE_S = 0.08
"""The steepest slope of QRS lies this near to the R peak."""

REACH_S = (-0.13, 0.16)
"""QRS begins no earlier and ends no later than this from its R peak."""

ONSET_SHARE = 0.075
END_SHARE = 0.085
"""QRS lasts while slopes exceed these proportions of its steepest; 0.06 and 0.09 in Martinez et al."""

PAUSE_S = 0.028
"""Maximum gap between two slopes of one QRS: longer than the crest of a broad R, shorter than the PR segment."""

ST_SLOPE_MV_S = 4.0
ST_SLOPE_SHARE = 0.15
"""A slope below 4 mV/s is ST, not QRS, unless it exceeds 0.15 of the steepest slope of this QRS."""

NOISE_QUANTILE = 0.35
NOISE_FACTOR = 3.0
"""Slopes below three times this quantile of the slopes around the beat are noise."""


@dataclass(frozen=True, eq=False)
class QrsEdges:
    """The onset and end of each QRS, float64, shape = (n_beats,).

    Attributes
    ----------
    onset, end
        Columns.
    noise
        The noise level of the slopes, as a proportion of the steepest slope of the QRS.
    """

    onset: np.ndarray
    end: np.ndarray
    noise: np.ndarray


def find_qrs_edges(lead: np.ndarray, beats: AlignedBeats, sampling_rate: float) -> QrsEdges:
    """Return the edges of each QRS, which extends from its steepest slope as far as slopes follow without a pause.

    Parameters
    ----------
    lead : float64 array, shape = (n_steps,)
        mV, without baseline wander.
    beats : AlignedBeats
    sampling_rate : float
        Hz.
    """
    slopes = np.abs(beats.take(smooth(lead, SMOOTHING_S, sampling_rate, 1))) * beats.is_inside
    steepest = argmax_within(slopes, np.broadcast_to(np.abs(beats.times_s) <= CORE_S, slopes.shape))
    steepest_slope = slopes[np.arange(len(slopes)), steepest]
    noise = NOISE_FACTOR * np.quantile(slopes, NOISE_QUANTILE, axis=1)
    within_reach = (beats.times_s >= REACH_S[0]) & (beats.times_s <= REACH_S[1])

    def is_steep(limit: np.ndarray) -> np.ndarray:
        return (slopes > np.clip(limit, noise, 0.5 * steepest_slope)[:, np.newaxis]) & within_reach

    st_limit = np.minimum(ST_SLOPE_MV_S, ST_SLOPE_SHARE * steepest_slope)
    before = is_steep(ONSET_SHARE * steepest_slope)
    after = is_steep(np.maximum(END_SHARE * steepest_slope, st_limit))
    pause, last = round(PAUSE_S * sampling_rate), slopes.shape[1] - 1
    onset = last - _end_of_run(before[:, ::-1], last - np.minimum(steepest, beats.r_column), pause)
    end = _end_of_run(after, np.maximum(steepest, beats.r_column), pause)
    return QrsEdges(onset - 1.0, end + 1.0, noise / np.maximum(steepest_slope, 1e-12))


def _end_of_run(mask: np.ndarray, start: np.ndarray, pause: int) -> np.ndarray:
    """Return the last True reached from ``start`` without a gap of more than ``pause`` columns."""
    columns = np.arange(mask.shape[1])
    latest = np.where(mask & (columns >= start[:, np.newaxis]), columns, start[:, np.newaxis])
    latest = np.maximum.accumulate(latest, axis=1)
    stop = np.minimum(first_true(columns - latest > pause), mask.shape[1] - 1)
    return latest[np.arange(len(mask)), stop]


def bridge_qrs(lead: np.ndarray, r_steps: np.ndarray, onset: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the lead with a straight line in place of each QRS, so that wide filters respond to P and T alone.

    Parameters
    ----------
    lead : float64 array, shape = (n_steps,)
    r_steps : int64 array, shape = (n_beats,)
    onset, end : float64 arrays, shape = (n_beats,)
        Edges of QRS in steps from the R peak.
    """
    first = np.clip(r_steps + onset.astype(np.int64), 0, len(lead) - 1)
    after = np.clip(r_steps + end.astype(np.int64) + 1, 0, len(lead))
    depth = np.zeros(len(lead) + 1, dtype=np.int16)
    np.add.at(depth, first, 1)
    np.add.at(depth, after, -1)
    is_qrs = np.cumsum(depth[:-1], dtype=np.int16) > 0
    is_beside = np.zeros(len(lead), dtype=bool)
    is_beside[1:] |= is_qrs[:-1]
    is_beside[:-1] |= is_qrs[1:]
    anchors = np.flatnonzero(is_beside & ~is_qrs)
    if not len(anchors):
        return lead
    bridged = lead.copy()
    bridged[is_qrs] = np.interp(np.flatnonzero(is_qrs), anchors, lead[anchors])
    return bridged
