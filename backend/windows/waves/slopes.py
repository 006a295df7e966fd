"""Where the slopes of QRS, T and P begin and end, for all beats of a lead at once.

Marks are columns of an `Aligned`, float64, NaN where there is none.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from scipy import ndimage

from backend.windows.waves.aligned import Aligned, first_true, last_true, strongest

__all__ = ["Qrs", "Wave", "bend_strength", "bridged_qrs", "p_waves", "qrs_complexes", "smoothed", "t_waves"]

# All figures were chosen on the records of the QT Database with an even index (0, 2, ...); see `find_waves`.

QRS_SMOOTHING_S = 0.007
"""Standard deviation of the Gaussian before QRS slopes are taken: near scale 2^2 of Martinez et al. at 250 Hz."""

QRS_CORE_S = 0.08
"""The steepest slope of QRS lies this near to the R peak."""

QRS_REACH_S = (-0.13, 0.16)
"""QRS begins no earlier and ends no later than this from its R peak."""

QRS_ONSET_SHARE = 0.075
QRS_END_SHARE = 0.085
"""QRS lasts while slopes exceed these shares of its steepest; 0.06 and 0.09 in Martinez et al."""

QRS_PAUSE_S = 0.028
"""Two slopes of one QRS are no further apart: longer than the crest of a broad R, shorter than the PR segment."""

ST_SLOPE_MV_S = 4.0
ST_SLOPE_SHARE = 0.15
"""A slope below 4 mV/s is ST, not QRS, unless it is more than 0.15 of this QRS's steepest."""

QUIET_QUANTILE = 0.35
QUIET_FACTOR = 3.0
"""No slope counts below three times that which a third of the beat stays under: noise."""

PEAK_SMOOTHING_S = 0.008
P_NEAR_S = 0.03
T_NEAR_S = 0.04
"""A peak is the extremum of the signal, smoothed this little, this near to the strongest bend."""

T_BEND_S = 0.055
T_SMOOTHING_S = 0.024
T_ONSET_SHARE = 0.55
T_END_SHARE = 0.42
"""T begins and ends where its flanks' slope falls below these shares of their steepest, and begins after QRS."""

T_REACH_S = 0.2
T_GAP_S = 0.06
"""The peak of T comes no sooner after the end of QRS."""

T_USUAL_S = 0.27
T_USUAL_EXPONENT = 0.4
T_USUAL_SPREAD = 0.4
"""T usually peaks 0.27 s * RR^0.4 after R (RR in s). A bend half as long or half as far again after R counts for a
quarter or for 0.6 of one at that place: a Gaussian of the logarithm. It decides between two bumps and is too broad to
hide a T that is far too late but alone."""

T_TOGETHER_S = 0.03
"""T bends most in a lead no farther than this from where all leads together bend most."""

NOISE_SMOOTHING_S = 0.004
STRONGER_S = 10
STRONGER_FACTOR = 2.0
"""A lead speaks less where, over ten seconds, its bends are more than twice as strong (squared) as usual: movement."""

ONE_IN = 5
"""Noise shows in every fifth step."""

PIECE_STEPS = 2**20
"""Steps that are smoothed at a time: the filter holds them twice."""

T_LATEST = 0.44
T_LATEST_SHARE = 0.6
"""The peak of T comes no later than 0.44 s times the root of RR in seconds, nor than 0.6 RR."""

T_CLEAR_S = 0.12
T_END_CLEAR_S = 0.06
"""The peak and the end of T stay this far from the next QRS."""

P_BEND_S = 0.024
P_SMOOTHING_S = 0.010
P_ONSET_SHARE = 0.28
P_END_SHARE = 0.5
"""As for T; Martinez et al. have 0.5 and 0.9 on a coarser scale."""

P_FLANK_S = 0.09
P_REACH_S = 0.26
P_GAP_S = 0.042
"""The peak of P lies between these two before QRS."""

P_LEAST_MV = 0.015
T_LEAST_MV = 0.015
"""A wave lower than this over its feet is none; 99.5 % of the P waves marked in the QT Database are higher."""

P_APART_S = 0.06
T_APART_S = 0.1
"""A bend this far from the peak belongs to another wave."""

NEIGHBOURS = 7
NEIGHBOUR_SHARE = 0.5
"""Where P is looked for, half of a beat is the mean of the seven around it."""


@dataclass(frozen=True, eq=False)
class Qrs:
    """Onset and end of each QRS, float64, shape = (n_beats,).

    ``noise`` is the slope below which nothing counts, as a share of the steepest slope of this QRS.
    """

    onset: np.ndarray
    end: np.ndarray
    noise: np.ndarray


@dataclass(frozen=True, eq=False)
class Wave:
    """Onset, peak and end of one wave, each float64, shape = (n_beats,).

    ``height_mv`` is how far the peak rises over its feet (or falls under them), ``rival`` the strongest bend elsewhere
    in the stretch where the wave was looked for, as a share of the wave's own.
    """

    onset: np.ndarray
    peak: np.ndarray
    end: np.ndarray
    height_mv: np.ndarray
    rival: np.ndarray

    def where(self, kept: np.ndarray) -> "Wave":
        """The wave with all its marks absent where ``kept`` is False."""
        return Wave(*(np.where(kept, getattr(self, field.name), np.nan) for field in fields(self)))


def smoothed(signal: np.ndarray, width_s: float, sampling_rate: float, derivative: int = 0) -> np.ndarray:
    """The signal, or a derivative of it by seconds, after a Gaussian of this standard deviation."""
    width = width_s * sampling_rate
    reach = math.ceil(5 * width)
    changed = np.empty_like(signal)
    for start in range(0, len(signal), PIECE_STEPS):
        first = max(start - reach, 0)
        around = signal[first : start + PIECE_STEPS + reach]
        piece = ndimage.gaussian_filter1d(around, width, order=derivative, mode="nearest")
        changed[start : start + PIECE_STEPS] = piece[start - first : start - first + PIECE_STEPS]
    changed *= sampling_rate**derivative
    return changed


def qrs_complexes(signal: np.ndarray, beats: Aligned, sampling_rate: float) -> Qrs:
    """Each QRS: from its steepest slope outwards, as long as slopes follow one another."""
    slopes = np.abs(beats.of(smoothed(signal, QRS_SMOOTHING_S, sampling_rate, 1))) * beats.inside
    core = np.broadcast_to(np.abs(beats.times_s) <= QRS_CORE_S, slopes.shape)
    steepest = strongest(slopes, core)
    highest = slopes[np.arange(len(slopes)), steepest]
    quiet = QUIET_FACTOR * np.quantile(slopes, QUIET_QUANTILE, axis=1)
    reach = (beats.times_s >= QRS_REACH_S[0]) & (beats.times_s <= QRS_REACH_S[1])
    pause = round(QRS_PAUSE_S * sampling_rate)
    r_column = beats.r_column

    def steep(least: np.ndarray) -> np.ndarray:
        return (slopes > np.clip(least, quiet, 0.5 * highest)[:, np.newaxis]) & reach

    last = slopes.shape[1] - 1
    rising = steep(QRS_ONSET_SHARE * highest)
    falling = steep(np.maximum(QRS_END_SHARE * highest, np.minimum(ST_SLOPE_MV_S, ST_SLOPE_SHARE * highest)))
    onset = last - _run_end(rising[:, ::-1], last - np.minimum(steepest, r_column), pause)
    end = _run_end(falling, np.maximum(steepest, r_column), pause)
    return Qrs(onset - 1.0, end + 1.0, quiet / np.maximum(highest, 1e-12))


def _run_end(mask: np.ndarray, start: np.ndarray, pause: int) -> np.ndarray:
    """The last True that is reached from ``start`` without a pause longer than ``pause`` columns."""
    columns = np.arange(mask.shape[1])
    latest = np.where(mask & (columns >= start[:, np.newaxis]), columns, start[:, np.newaxis])
    latest = np.maximum.accumulate(latest, axis=1)
    stop = np.minimum(first_true(columns - latest > pause), mask.shape[1] - 1)
    return latest[np.arange(len(mask)), stop]


def bridged_qrs(signal: np.ndarray, r_steps: np.ndarray, onset: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The signal with a straight line in place of each QRS, so that wide filters see P and T alone.

    Onset and end count in steps from ``r_steps``.
    """
    first = np.clip(r_steps + onset.astype(np.int64), 0, len(signal) - 1)
    after = np.clip(r_steps + end.astype(np.int64) + 1, 0, len(signal))
    depth = np.zeros(len(signal) + 1, dtype=np.int16)
    np.add.at(depth, first, 1)
    np.add.at(depth, after, -1)
    is_bare = np.cumsum(depth[:-1], dtype=np.int16) > 0
    beside = np.zeros(len(signal), dtype=bool)
    beside[1:] |= is_bare[:-1]
    beside[:-1] |= is_bare[1:]
    feet = np.flatnonzero(beside & ~is_bare)
    if not len(feet):
        return signal
    bridged = signal.copy()
    bridged[is_bare] = np.interp(np.flatnonzero(is_bare), feet, signal[feet])
    return bridged


def bend_strength(bridged: np.ndarray, sampling_rate: float) -> np.ndarray:
    """How strongly one lead bends at each step at the scale of T, squared, against its noise; 0 if the lead is flat.

    The sum over leads tells where all of them together bend most, whatever their units and gains.
    """
    # In single precision and in place, which decides no bump: a day of it is long.
    signal = bridged.astype(np.float32)
    noise = _usual_size(smoothed(signal, NOISE_SMOOTHING_S, sampling_rate, 2)[::ONE_IN])
    strengths = smoothed(signal, T_BEND_S, sampling_rate, 2)
    del signal
    strengths *= strengths
    second = round(sampling_rate)
    starts = np.arange(0, len(strengths), second)
    steps = np.diff(np.append(starts, len(strengths)))
    around = ndimage.uniform_filter1d(np.add.reduceat(strengths, starts) / steps, STRONGER_S, mode="nearest")
    usual = _usual_size(around)
    if not noise * usual > 0:
        return np.zeros_like(strengths)
    scale = noise**2 * np.maximum(around / (STRONGER_FACTOR * usual), 1)
    strengths /= np.repeat(scale.astype(np.float32), steps)
    return strengths


def _usual_size(values: np.ndarray) -> float:
    """The median of those that are not 0, as they are where there is no signal; 0 if there is nothing else."""
    known = np.abs(values[values != 0])
    return float(np.median(known)) if len(known) else 0.0


def t_waves(
    bridged: np.ndarray,
    strength: np.ndarray,
    beats: Aligned,
    sampling_rate: float,
    qrs_end: np.ndarray,
    next_qrs: np.ndarray,
    rr_s: np.ndarray,
) -> Wave:
    """T of each beat: where all leads bend most between QRS and the latest moment that its RR interval allows.

    Parameters
    ----------
    bridged : float64 array
        The signal without its QRS.
    strength : float64 array
        Sum of the `bend_strength` of all leads, this one included.
    qrs_end, next_qrs : float64 arrays, shape = (n_beats,)
        Columns; ``next_qrs`` is infinite for the last beat.
    rr_s : float64 array, shape = (n_beats,)
        The usual RR interval around each beat.
    """
    columns = np.arange(len(beats.times_s))
    latest = np.minimum(T_LATEST * np.sqrt(rr_s), T_LATEST_SHARE * rr_s) * sampling_rate + beats.r_column
    latest = np.minimum(latest, next_qrs - T_CLEAR_S * sampling_rate)
    window = (columns >= (qrs_end + T_GAP_S * sampling_rate)[:, np.newaxis]) & (columns <= latest[:, np.newaxis])
    window = window & beats.inside
    usual = _usual_t(beats, sampling_rate, rr_s)
    together = strongest(beats.of(strength) * usual**2, window)
    bends = -beats.of(smoothed(bridged, T_BEND_S, sampling_rate, 2))
    heights = beats.of(smoothed(bridged, PEAK_SMOOTHING_S, sampling_rate))
    near = window & (np.abs(columns - together[:, np.newaxis]) <= T_TOGETHER_S * sampling_rate)
    peak, sign = _bump(bends * usual * near, heights, window, round(T_NEAR_S * sampling_rate))
    slopes = sign[:, np.newaxis] * beats.of(smoothed(bridged, T_SMOOTHING_S, sampling_rate, 1))
    reach = round(T_REACH_S * sampling_rate)
    earliest = np.maximum(qrs_end + 1, peak - reach)
    onset = np.maximum(_edge_before(slopes, peak, earliest, T_ONSET_SHARE), earliest)
    end = _edge_after(slopes, peak, np.minimum(next_qrs - T_END_CLEAR_S * sampling_rate, peak + reach), T_END_SHARE)
    end = np.where(end < next_qrs, end, np.nan)
    height_mv = sign * _height(heights, onset, peak, end)
    wave = Wave(onset, peak, end, height_mv, _rival(bends, window, peak, round(T_APART_S * sampling_rate)))
    return wave.where(height_mv >= T_LEAST_MV)


def _usual_t(beats: Aligned, sampling_rate: float, rr_s: np.ndarray) -> np.ndarray:
    """How usual it is that T peaks in each column, 1 at most; shape = (n_beats, n_columns)."""
    after_r_s = np.maximum(beats.times_s, 1 / sampling_rate)
    ratios = after_r_s / (T_USUAL_S * rr_s**T_USUAL_EXPONENT)[:, np.newaxis]
    return np.exp(-0.5 * (np.log(ratios) / T_USUAL_SPREAD) ** 2)


def p_waves(
    bridged: np.ndarray,
    beats: Aligned,
    sampling_rate: float,
    earliest: np.ndarray,
    qrs_onset: np.ndarray,
    conducted: np.ndarray,
) -> Wave:
    """P of each beat: the strongest bend in the stretch before QRS, from ``earliest`` (columns) on.

    Each beat is first steadied by its neighbours among the ``conducted`` (bool, shape = (n_beats,)): P is small, and
    its place before QRS hardly changes from one beat to the next.
    """
    columns = np.arange(len(beats.times_s))
    first = np.maximum(earliest, qrs_onset - P_REACH_S * sampling_rate)
    latest = qrs_onset - P_GAP_S * sampling_rate
    window = (columns >= first[:, np.newaxis]) & (columns <= latest[:, np.newaxis])

    def rows(width_s: float, derivative: int) -> np.ndarray:
        return _steadied(beats.of(smoothed(bridged, width_s, sampling_rate, derivative)), conducted)

    own = beats.of(smoothed(bridged, PEAK_SMOOTHING_S, sampling_rate))
    steadied = _steadied(own, conducted)
    near = round(P_NEAR_S * sampling_rate)
    window = window & beats.inside
    bends = -rows(P_BEND_S, 2)
    peak, sign = _bump(bends, steadied, window, near)
    slopes = sign[:, np.newaxis] * rows(P_SMOOTHING_S, 1)
    reach = round(P_FLANK_S * sampling_rate)
    onset = _edge_before(slopes, peak, peak - reach, P_ONSET_SHARE)
    end = _edge_after(slopes, peak, np.minimum(peak + reach, qrs_onset), P_END_SHARE)
    end = np.minimum(end, qrs_onset)
    height_mv = np.minimum(sign * _height(own, onset, peak, end), sign * _height(steadied, onset, peak, end))
    wave = Wave(onset, peak, end, height_mv, _rival(bends, window, peak, round(P_APART_S * sampling_rate)))
    return wave.where(height_mv >= P_LEAST_MV)


def _steadied(rows: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Each row mixed with the mean of the counted rows around it."""
    weights = counted.astype(np.float64)[:, np.newaxis]
    sums = ndimage.uniform_filter1d(rows * weights, NEIGHBOURS, axis=0, mode="constant")
    shares = ndimage.uniform_filter1d(weights, NEIGHBOURS, axis=0, mode="constant")
    known = shares > 0.5 / NEIGHBOURS
    means = np.where(known, sums / np.where(known, shares, 1.0), rows)
    return (1 - NEIGHBOUR_SHARE) * rows + NEIGHBOUR_SHARE * means


def _bump(bends: np.ndarray, heights: np.ndarray, window: np.ndarray, near: int) -> tuple[np.ndarray, np.ndarray]:
    """The peak next to the strongest bend in the window, and whether it points up (1) or down (-1)."""
    middle = strongest(np.abs(bends), window)
    sign = np.where(bends[np.arange(len(window)), middle] < 0, -1.0, 1.0)
    close = np.abs(np.arange(window.shape[1]) - middle[:, np.newaxis]) <= near
    peak = strongest(sign[:, np.newaxis] * heights, window & close)
    return np.where(peak < 0, np.nan, peak), sign


def _rival(bends: np.ndarray, window: np.ndarray, peak: np.ndarray, apart: int) -> np.ndarray:
    """The strongest bend in the window that is ``apart`` columns from the peak or more, as a share of the nearer ones.

    0 where there is no peak.
    """
    distance = np.abs(np.arange(window.shape[1]) - peak[:, np.newaxis])
    strengths = np.where(window, np.abs(bends), 0.0)
    farther = (strengths * (distance >= apart)).max(axis=1)
    return farther / np.maximum((strengths * (distance < apart)).max(axis=1), 1e-12)


def _height(heights: np.ndarray, onset: np.ndarray, peak: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How far the peak rises over the mean of onset and end, or over the one of them that is marked."""
    rows = np.arange(len(heights))

    def at(columns: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(columns), np.nan, heights[rows, np.nan_to_num(columns).astype(np.int64)])

    before, after = at(onset), at(end)
    foot = np.where(np.isnan(before), after, np.where(np.isnan(after), before, (before + after) / 2))
    return at(peak) - foot


def _edge_after(slopes: np.ndarray, peak: np.ndarray, latest: np.ndarray, share: float) -> np.ndarray:
    """Where the steepest descent after the peak has slowed down to this share of itself."""
    rows, columns = np.arange(len(slopes)), np.arange(slopes.shape[1])
    flank = (columns > peak[:, np.newaxis]) & (columns <= latest[:, np.newaxis])
    steepest = strongest(-slopes, flank)
    slow = -slopes < (share * -slopes[rows, steepest])[:, np.newaxis]
    edge = first_true(slow & (columns > steepest[:, np.newaxis]))
    return np.where((steepest < 0) | (edge == slopes.shape[1]), np.nan, edge)


def _edge_before(slopes: np.ndarray, peak: np.ndarray, earliest: np.ndarray, share: float) -> np.ndarray:
    """Where the ascent before the peak exceeds this share of its steepest."""
    rows, columns = np.arange(len(slopes)), np.arange(slopes.shape[1])
    flank = (columns < peak[:, np.newaxis]) & (columns >= earliest[:, np.newaxis])
    steepest = strongest(slopes, flank)
    slow = slopes < (share * slopes[rows, steepest])[:, np.newaxis]
    edge = last_true(slow & (columns < steepest[:, np.newaxis]))
    return np.where((steepest < 0) | (edge < 0), np.nan, edge)
