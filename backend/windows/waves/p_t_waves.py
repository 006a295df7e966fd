"""The onset, peak and end of each P and T wave, for all beats of a lead at once.

Marks are columns of `AlignedBeats`, float64, NaN where a wave or mark is absent. Constants were chosen on the records
of the QT Database with an even index. "Curvature" is the second derivative of the smoothed lead.
"""

from dataclasses import dataclass, fields

import numpy as np
from scipy import ndimage

from backend.windows.waves.aligned import AlignedBeats, argmax_within, first_true, last_true
from backend.windows.waves.smoothing import smooth

__all__ = ["Wave", "find_p_waves", "find_t_waves", "measure_curvature"]

PEAK_SMOOTHING_S = 0.008
P_NEAR_S = 0.03
T_NEAR_S = 0.04
"""A peak is the extremum of the smoothed lead, this near to the strongest curvature."""

T_CURVATURE_S = 0.055
T_SMOOTHING_S = 0.024
T_ONSET_SHARE = 0.55
T_END_SHARE = 0.42
"""T begins and ends where the slope of its flanks falls below these proportions of their steepest."""

T_REACH_S = 0.2
T_GAP_S = 0.06
"""Minimum distance of the peak of T from the end of QRS."""

T_TYPICAL_S = 0.27
T_TYPICAL_EXPONENT = 0.4
T_TYPICAL_SPREAD = 0.4
"""T typically peaks 0.27 s * RR^0.4 after R (RR in s). Curvature at half this time counts for a quarter, at 1.5 times
for 0.6: a Gaussian of the logarithm, wide enough to keep a single T that comes far too late."""

T_SHARED_S = 0.03
"""The curvature of T in one lead is strongest no farther than this from where that of all leads together is."""

NOISE_SMOOTHING_S = 0.004
ACTIVITY_S = 10
ACTIVITY_FACTOR = 2.0
"""Curvature is scaled down where, over ten seconds, its square is more than twice as high as usual: movement."""

NOISE_STEP = 5
"""The noise of a lead is estimated from every fifth step."""

T_LATEST = 0.44
T_LATEST_SHARE = 0.6
"""T peaks no later than 0.44 s times the square root of RR in seconds, and no later than 0.6 RR."""

T_CLEAR_S = 0.12
T_END_CLEAR_S = 0.06
"""Minimum distance of the peak and of the end of T from the next QRS."""

P_CURVATURE_S = 0.024
P_SMOOTHING_S = 0.010
P_ONSET_SHARE = 0.28
P_END_SHARE = 0.5
"""As for T; Martinez et al. use 0.5 and 0.9 at a coarser scale."""

P_FLANK_S = 0.09
P_REACH_S = 0.26
P_GAP_S = 0.042
"""P peaks between these distances before QRS."""

P_MIN_MV = 0.015
T_MIN_MV = 0.015
"""Minimum amplitude of a wave over its onset and end."""

P_APART_S = 0.06
T_APART_S = 0.1
"""Curvature at least this far from the peak belongs to another wave."""

NEIGHBOURS = 7
NEIGHBOUR_SHARE = 0.5
"""Before P is located, each beat is averaged, half and half, with the mean of the seven beats around it."""


@dataclass(frozen=True, eq=False)
class Wave:
    """One wave of each beat, float64 arrays, shape = (n_beats,).

    Attributes
    ----------
    onset, peak, end
        Columns.
    amplitude_mv
        Height of an upright or depth of an inverted peak relative to onset and end.
    competition
        The strongest curvature elsewhere in the search window, as a proportion of that of the wave.
    """

    onset: np.ndarray
    peak: np.ndarray
    end: np.ndarray
    amplitude_mv: np.ndarray
    competition: np.ndarray

    def where(self, kept: np.ndarray) -> "Wave":
        """Return the wave with all its marks absent where ``kept`` is False."""
        return Wave(*(np.where(kept, getattr(self, field.name), np.nan) for field in fields(self)))


def measure_curvature(bridged: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return the squared curvature of one lead at the scale of T relative to its noise; zero for a flat lead.

    The sum over leads shows where the curvature of all of them is strongest, whatever their units and gains.

    Parameters
    ----------
    bridged : float64 array, shape = (n_steps,)
        The lead without its QRS complexes.
    sampling_rate : float
        Hz.

    Returns
    -------
    float32 array, shape = (n_steps,)
    """
    # Single precision and in-place operations halve the memory for a day; they decide no wave.
    lead = bridged.astype(np.float32)
    noise = _median_nonzero(smooth(lead, NOISE_SMOOTHING_S, sampling_rate, 2)[::NOISE_STEP])
    strength = smooth(lead, T_CURVATURE_S, sampling_rate, 2)
    del lead
    strength *= strength
    second = round(sampling_rate)
    starts = np.arange(0, len(strength), second)
    n_steps = np.diff(np.append(starts, len(strength)))
    activity = ndimage.uniform_filter1d(np.add.reduceat(strength, starts) / n_steps, ACTIVITY_S, mode="nearest")
    usual = _median_nonzero(activity)
    if not noise * usual > 0:
        return np.zeros_like(strength)
    scale = noise**2 * np.maximum(activity / (ACTIVITY_FACTOR * usual), 1)
    strength /= np.repeat(scale.astype(np.float32), n_steps)
    return strength


def _median_nonzero(values: np.ndarray) -> float:
    """Return the median magnitude of the nonzero values, as gaps are zero; 0 if there are none."""
    nonzero = np.abs(values[values != 0])
    return float(np.median(nonzero)) if len(nonzero) else 0.0


def find_t_waves(
    bridged: np.ndarray,
    curvature: np.ndarray,
    beats: AlignedBeats,
    sampling_rate: float,
    qrs_end: np.ndarray,
    next_qrs: np.ndarray,
    rr_s: np.ndarray,
) -> Wave:
    """Return the T wave of each beat, located where the curvature of all leads together is strongest after QRS.

    Parameters
    ----------
    bridged : float64 array, shape = (n_steps,)
        The lead without its QRS complexes.
    curvature : float32 array, shape = (n_steps,)
        The sum of `measure_curvature` over all leads, this one included.
    beats : AlignedBeats
    sampling_rate : float
        Hz.
    qrs_end, next_qrs : float64 arrays, shape = (n_beats,)
        Columns; ``next_qrs`` is infinite for the last beat.
    rr_s : float64 array, shape = (n_beats,)
        The typical RR interval around each beat.
    """
    columns = np.arange(len(beats.times_s))
    latest = np.minimum(T_LATEST * np.sqrt(rr_s), T_LATEST_SHARE * rr_s) * sampling_rate + beats.r_column
    latest = np.minimum(latest, next_qrs - T_CLEAR_S * sampling_rate)
    window = (columns >= (qrs_end + T_GAP_S * sampling_rate)[:, np.newaxis]) & (columns <= latest[:, np.newaxis])
    window = window & beats.is_inside

    after_r_s = np.maximum(beats.times_s, 1 / sampling_rate)
    lateness = np.log(after_r_s / (T_TYPICAL_S * rr_s**T_TYPICAL_EXPONENT)[:, np.newaxis])
    weights = np.exp(-0.5 * (lateness / T_TYPICAL_SPREAD) ** 2)
    shared = argmax_within(beats.take(curvature) * weights**2, window)

    own_curvature = -beats.take(smooth(bridged, T_CURVATURE_S, sampling_rate, 2))
    heights = beats.take(smooth(bridged, PEAK_SMOOTHING_S, sampling_rate))
    near_shared = window & (np.abs(columns - shared[:, np.newaxis]) <= T_SHARED_S * sampling_rate)
    weighted = own_curvature * weights * near_shared
    peak, sign = _peak_and_sign(weighted, heights, window, round(T_NEAR_S * sampling_rate))

    slopes = sign[:, np.newaxis] * beats.take(smooth(bridged, T_SMOOTHING_S, sampling_rate, 1))
    reach = round(T_REACH_S * sampling_rate)
    earliest = np.maximum(qrs_end + 1, peak - reach)
    onset = np.maximum(_onset_before(slopes, peak, earliest, T_ONSET_SHARE), earliest)
    end = _end_after(slopes, peak, np.minimum(next_qrs - T_END_CLEAR_S * sampling_rate, peak + reach), T_END_SHARE)
    end = np.where(end < next_qrs, end, np.nan)
    amplitude_mv = sign * _height_over_edges(heights, onset, peak, end)
    competition = _competition(own_curvature, window, peak, round(T_APART_S * sampling_rate))
    return Wave(onset, peak, end, amplitude_mv, competition).where(amplitude_mv >= T_MIN_MV)


def find_p_waves(
    bridged: np.ndarray,
    beats: AlignedBeats,
    sampling_rate: float,
    earliest: np.ndarray,
    qrs_onset: np.ndarray,
    is_conducted: np.ndarray,
) -> Wave:
    """Return the P wave of each beat: the strongest curvature between ``earliest`` and QRS.

    Each beat is averaged with its conducted neighbours first: P is small, and its position before QRS hardly changes
    from one beat to the next.

    Parameters
    ----------
    bridged : float64 array, shape = (n_steps,)
        The lead without its QRS complexes.
    beats : AlignedBeats
    sampling_rate : float
        Hz.
    earliest, qrs_onset : float64 arrays, shape = (n_beats,)
        Columns.
    is_conducted : bool array, shape = (n_beats,)
        False for ectopic beats, which are left out of the averages.
    """
    columns = np.arange(len(beats.times_s))
    first = np.maximum(earliest, qrs_onset - P_REACH_S * sampling_rate)
    latest = qrs_onset - P_GAP_S * sampling_rate
    window = (columns >= first[:, np.newaxis]) & (columns <= latest[:, np.newaxis]) & beats.is_inside

    def averaged(width_s: float, derivative: int) -> np.ndarray:
        rows = beats.take(smooth(bridged, width_s, sampling_rate, derivative))
        return _average_with_neighbours(rows, is_conducted)

    own_heights = beats.take(smooth(bridged, PEAK_SMOOTHING_S, sampling_rate))
    heights = _average_with_neighbours(own_heights, is_conducted)
    curvature = -averaged(P_CURVATURE_S, 2)
    peak, sign = _peak_and_sign(curvature, heights, window, round(P_NEAR_S * sampling_rate))

    slopes = sign[:, np.newaxis] * averaged(P_SMOOTHING_S, 1)
    reach = round(P_FLANK_S * sampling_rate)
    onset = _onset_before(slopes, peak, peak - reach, P_ONSET_SHARE)
    end = np.minimum(_end_after(slopes, peak, np.minimum(peak + reach, qrs_onset), P_END_SHARE), qrs_onset)
    amplitude_mv = np.minimum(
        sign * _height_over_edges(own_heights, onset, peak, end), sign * _height_over_edges(heights, onset, peak, end)
    )
    competition = _competition(curvature, window, peak, round(P_APART_S * sampling_rate))
    return Wave(onset, peak, end, amplitude_mv, competition).where(amplitude_mv >= P_MIN_MV)


def _average_with_neighbours(rows: np.ndarray, is_counted: np.ndarray) -> np.ndarray:
    """Return each row averaged with the mean of the counted rows around it."""
    weights = is_counted.astype(np.float64)[:, np.newaxis]
    sums = ndimage.uniform_filter1d(rows * weights, NEIGHBOURS, axis=0, mode="constant")
    shares = ndimage.uniform_filter1d(weights, NEIGHBOURS, axis=0, mode="constant")
    has_neighbours = shares > 0.5 / NEIGHBOURS
    means = np.where(has_neighbours, sums / np.where(has_neighbours, shares, 1.0), rows)
    return (1 - NEIGHBOUR_SHARE) * rows + NEIGHBOUR_SHARE * means


def _peak_and_sign(
    curvature: np.ndarray, heights: np.ndarray, window: np.ndarray, near: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the peak near the strongest curvature in the window, and its sign: 1 if upright, -1 if inverted."""
    centre = argmax_within(np.abs(curvature), window)
    sign = np.where(curvature[np.arange(len(window)), centre] < 0, -1.0, 1.0)
    is_near = np.abs(np.arange(window.shape[1]) - centre[:, np.newaxis]) <= near
    peak = argmax_within(sign[:, np.newaxis] * heights, window & is_near)
    return np.where(peak < 0, np.nan, peak), sign


def _competition(curvature: np.ndarray, window: np.ndarray, peak: np.ndarray, apart: int) -> np.ndarray:
    """Return the strongest curvature ``apart`` or more columns from the peak, relative to the strongest nearer to it.

    0 without a peak.
    """
    distance = np.abs(np.arange(window.shape[1]) - peak[:, np.newaxis])
    strength = np.where(window, np.abs(curvature), 0.0)
    elsewhere = (strength * (distance >= apart)).max(axis=1)
    return elsewhere / np.maximum((strength * (distance < apart)).max(axis=1), 1e-12)


def _height_over_edges(heights: np.ndarray, onset: np.ndarray, peak: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the height of the peak over the mean of onset and end, or over the only one of them that is marked."""
    rows = np.arange(len(heights))

    def height_at(columns: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(columns), np.nan, heights[rows, np.nan_to_num(columns).astype(np.int64)])

    before, after = height_at(onset), height_at(end)
    base = np.where(np.isnan(before), after, np.where(np.isnan(after), before, (before + after) / 2))
    return height_at(peak) - base


def _end_after(slopes: np.ndarray, peak: np.ndarray, latest: np.ndarray, share: float) -> np.ndarray:
    """Return where the steepest descent after the peak has slowed to this proportion."""
    rows, columns = np.arange(len(slopes)), np.arange(slopes.shape[1])
    flank = (columns > peak[:, np.newaxis]) & (columns <= latest[:, np.newaxis])
    steepest = argmax_within(-slopes, flank)
    is_slow = -slopes < (share * -slopes[rows, steepest])[:, np.newaxis]
    end = first_true(is_slow & (columns > steepest[:, np.newaxis]))
    return np.where((steepest < 0) | (end == slopes.shape[1]), np.nan, end)


def _onset_before(slopes: np.ndarray, peak: np.ndarray, earliest: np.ndarray, share: float) -> np.ndarray:
    """Return where the ascent before the peak exceeds this proportion of its steepest."""
    rows, columns = np.arange(len(slopes)), np.arange(slopes.shape[1])
    flank = (columns < peak[:, np.newaxis]) & (columns >= earliest[:, np.newaxis])
    steepest = argmax_within(slopes, flank)
    is_slow = slopes < (share * slopes[rows, steepest])[:, np.newaxis]
    onset = last_true(is_slow & (columns < steepest[:, np.newaxis]))
    return np.where((steepest < 0) | (onset < 0), np.nan, onset)
