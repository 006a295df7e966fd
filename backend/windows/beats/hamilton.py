"""The QRS detector of Hamilton (2002), and the R peak of each QRS complex of a lead."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from backend.windows.rows import select_rows
from backend.windows.signal.filtering import BAND_HZ, fill_gaps
from backend.windows.signal.grid import Grid

__all__ = ["Peaks", "find_peaks", "find_qrs_peaks", "hamilton_r_peaks", "place_r_peaks", "points_up", "slope_signal"]

QRS_BAND_HZ = (8.0, 16.0)
AVERAGE_S = 0.08
REFRACTORY_S = 0.2
T_WAVE_S = 0.36
THRESHOLD = 0.3125
"""Position of the threshold between the averages of noise and QRS; 0.3125 to 0.475 in the paper."""

N_AVERAGED = 8
"""Number of QRS complexes, noise peaks and RR intervals in an average."""

SEARCH_BACK_RR = 1.5
SEARCH_BACK_SHARE = 0.5

LEARNING_S = 16.0
SECONDS_PER_RANK = 8.0
"""The first average of QRS is the third highest of the peaks of 16 s, one per second, or one rank higher for every 8 s
less: two artifacts may be higher, and a heart may beat every four seconds."""

SILENCE_S = 4.0
"""The averages are learnt again after this time without a beat."""

ASYSTOLE_S = 60.0
ASYSTOLE_SHARE = 0.3
ASYSTOLE_BEATS = 64
"""For a minute, the average of QRS is then at least this proportion of the median of the last 64 beats, so that noise
in an asystole is not QRS. Later, the lead is assumed to have changed, not the heart."""

MAX_RELATIVE_HEIGHT = 2.0
"""A peak enters the averages with at most this multiple of the average of QRS."""

DISTANCE_EXPONENT = 3
"""Exponent of the distance in the size that a peak near a beat must have; see `_belongs_to_beat`."""

SHIFT_REACH_S = 0.12
SHIFT_SHARE = 0.1
"""Within 0.12 s of a QRS, the lead rises and falls, the slower of both at least a tenth as steep as the other."""

R_REACH_S = 0.08
R_CLEAR = 2.0
R_NEIGHBOURS = 31
"""R has the polarity of most of the 31 beats around it, unless the opposite deflection is twice as high."""

_DETECTION_RATE, _PLACING_RATE = 150.0, 360.0
_QRS_KERNEL_S, _R_KERNEL_S = 0.25, 0.3
_SMOOTHING_S = 0.007
_SHARPNESS_REACH_S = 0.06
_MIN_SLOPE_MV_S = 1e-4


def hamilton_r_peaks(samples: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return the R peaks of one lead.

    As in the paper, the lead passes a band-pass of 8 to 16 Hz, derivative, rectification and a moving average of 80 ms.
    A peak of the average is a QRS if (1) no higher peak lies within 200 ms, (2) it is not a baseline shift, in which
    slopes have one sign only, (3) it is not a T wave, and (4) it exceeds a threshold between the averages of the last
    eight noise peaks and the last eight QRS complexes, or (5) exceeds half of it after 1.5 mean RR intervals without a
    beat.

    Parameters
    ----------
    samples : array, shape = (n,)
        mV; NaN in gaps, which are interpolated.
    sampling_rate : float
        Hz; 50 to 5000.

    Returns
    -------
    int64 array, shape = (n_beats,)
        Samples, ascending.

    Notes
    -----
    Departures from the paper; the README beside this module gives the measurements behind them:

    - FIR filters without delay, on a grid of 150 to 300 Hz whatever the sampling rate, computed in blocks. The result
      does not depend on the blocks, and a part of a record has the same beats as the whole once the averages have
      settled.
    - T wave (rule 3): a peak within 360 ms of the last beat is a T wave if its height times sharpness (the second
      derivative) is less than (200 ms / distance)^3 of that of the beat, rather than half of its slope.
    - P wave: the same rule applies to a peak before a beat, which is not possible in real time.
    - Baseline shift (rule 2): the smaller of the maximum rise and fall is at least a tenth of the larger one.
    - A peak enters the averages with at most twice the average of QRS. After 4 s without a beat the averages are learnt
      again, though for a minute not from peaks much lower than the last beats.
    - The first average of QRS is the third highest peak of 16 s, one per second, rather than a median.
    - The R peak is the extremum of the lead (3 to 45 Hz) within 80 ms, with the polarity of most beats around it unless
      the opposite deflection is twice as high.

    References
    ----------
    P. S. Hamilton, "Open source ECG analysis", Computing in Cardiology 29:101-104, 2002.
    """
    if not len(samples):
        return np.zeros(0, dtype=np.int64)
    if np.isnan(samples).any():
        samples = fill_gaps(samples).astype(np.float32)
    peaks = find_peaks(samples, sampling_rate)
    return place_r_peaks(samples, sampling_rate, peaks.times_s[find_qrs_peaks(peaks)])


@dataclass(frozen=True, eq=False)
class Peaks:
    """Peaks of the moving average, float64 arrays, shape = (n,)."""

    times_s: np.ndarray
    heights: np.ndarray
    sharpness: np.ndarray
    balance: np.ndarray
    """The smaller of the maximum rise and fall around the peak, relative to the larger one."""

    def may_be_qrs(self) -> np.ndarray:
        """Return which peaks satisfy rules 1 and 2; bool, shape = (n,)."""
        return ~_is_near_higher(self) & (self.balance >= SHIFT_SHARE)


def find_peaks(samples: np.ndarray, sampling_rate: float) -> Peaks:
    """Return all peaks of the moving average of a lead without NaN (mV; Hz)."""
    grid = Grid.of_at_least(_DETECTION_RATE, sampling_rate)
    kernels = _kernels(grid)
    blocks = [_peaks(samples, grid, kernels, first, last) for first, last in grid.blocks(samples)]
    return Peaks(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def find_qrs_peaks(peaks: Peaks) -> np.ndarray:
    """Return the indices of the peaks that are QRS complexes by all rules; int64, ascending."""
    kept = np.flatnonzero(peaks.may_be_qrs())
    return kept[_Classifier(select_rows(peaks, kept)).find_beats()]


def slope_signal(samples: np.ndarray, sampling_rate: float) -> tuple[np.ndarray, float]:
    """Return the smoothed derivative of a lead without NaN, and its rate.

    Returns
    -------
    slope : float32 array, shape = (n_steps,)
        mV/s.
    rate : float
        Hz; 150 to 300.
    """
    grid = Grid.of_at_least(_DETECTION_RATE, sampling_rate)
    kernel = _kernels(grid)[1]
    parts = [grid.filter(samples, kernel, first, last).astype(np.float32) for first, last in grid.blocks(samples)]
    return np.concatenate(parts), grid.rate


def _peaks(
    samples: np.ndarray, grid: Grid, kernels: tuple[np.ndarray, ...], first: int, last: int
) -> tuple[np.ndarray, ...]:
    """Return time, height, sharpness and balance of all peaks in one block."""
    band, slope, curvature = kernels
    average = np.ones(round(AVERAGE_S * grid.rate) // 2 * 2 + 1)
    margin = len(average) // 2
    energy = np.abs(grid.filter(samples, band, first - 1 - margin, last + 1 + margin))
    height = signal.upfirdn(average / len(average), energy)[2 * margin :][: last - first + 2]
    middle = height[1:-1]
    top = np.flatnonzero((middle > height[:-2]) & (middle >= height[2:]) & (middle > _MIN_SLOPE_MV_S))

    def around(kernel: np.ndarray, reach_s: float) -> np.ndarray:
        reach = round(reach_s * grid.rate)
        steps = grid.filter(samples, kernel, first - reach, last + reach)
        return steps[top[:, np.newaxis] + np.arange(2 * reach + 1)]

    slopes = around(slope, SHIFT_REACH_S)
    rise, fall = np.maximum(slopes.max(axis=1), 0.0), np.maximum(-slopes.min(axis=1), 0.0)
    balance = np.minimum(rise, fall) / np.maximum(np.maximum(rise, fall), _MIN_SLOPE_MV_S)
    sharpness = np.abs(around(curvature, _SHARPNESS_REACH_S)).max(axis=1)
    return (top + first) / grid.rate, middle[top], sharpness, balance


def _kernels(grid: Grid) -> tuple[np.ndarray, ...]:
    """Return the kernels of the derivative in the band of QRS, and of the first and second derivative of the lead."""
    rate = grid.fine_rate
    band = signal.firwin(int(_QRS_KERNEL_S * rate) | 1, QRS_BAND_HZ, pass_zero=False, fs=rate) * grid.up
    width = _SMOOTHING_S * rate
    steps = np.arange(-int(4 * width) - 1, int(4 * width) + 2)
    bell = np.exp(-0.5 * (steps / width) ** 2)
    bell /= bell.sum()
    if grid.up > 1:
        # Interpolates between the samples of a slow recording.
        interpolation = signal.firwin(8 * grid.up + 1, 0.4 * grid.sampling_rate, fs=rate) * grid.up
        bell = np.convolve(bell, interpolation)
    difference = np.array([0.5, 0.0, -0.5]) * rate
    slope = np.convolve(bell, difference)
    kernels = np.convolve(band, difference), slope, np.convolve(slope, difference)
    return tuple(grid.remove_offset(kernel) for kernel in kernels)


def _is_near_higher(peaks: Peaks) -> np.ndarray:
    """Return which peaks violate rule 1; the first of two peaks of equal height does not."""
    is_near = np.zeros(len(peaks.heights), dtype=bool)
    for earlier, later in _pairs_within(peaks.times_s, REFRACTORY_S):
        first_is_higher = peaks.heights[earlier] >= peaks.heights[later]
        is_near[later[first_is_higher]] = True
        is_near[earlier[~first_is_higher]] = True
    return is_near


def _pairs_within(times_s: np.ndarray, distance_s: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Return the indices of all pairs closer than this, neighbours first, as (earlier, later)."""
    for lag in range(1, len(times_s)):
        earlier = np.flatnonzero(times_s[lag:] - times_s[:-lag] < distance_s)
        if not len(earlier):
            return
        yield earlier, earlier + lag


def _belongs_to_beat(size: float, beat_size: float, distance_s: float) -> bool:
    """Return whether a peak is another wave of the beat ``distance_s`` away (rule 3).

    A peak of its own is at least as large as that beat at 200 ms, and a sixth of it at 360 ms.
    """
    return distance_s < T_WAVE_S and size < (REFRACTORY_S / distance_s) ** DISTANCE_EXPONENT * beat_size


class _Classifier:
    """One pass over the candidates, with the running averages that the rules need."""

    def __init__(self, candidates: Peaks) -> None:
        self._times_s = candidates.times_s.tolist()
        self._heights = candidates.heights.tolist()
        self._sizes = (candidates.heights * candidates.sharpness).tolist()
        self._is_p = self._find_p_waves(candidates.times_s)
        self._found: list[int] = []
        self._rr_s = deque([1.0] * N_AVERAGED, N_AVERAGED)

    def find_beats(self) -> np.ndarray:
        """Return the indices of the candidates that are QRS complexes, int64, ascending."""
        if self._times_s:
            self._learn_averages(0)
        index = 0
        while index < len(self._times_s):
            missed = self._find_missed(index)
            if missed is not None:
                self._accept(missed)
                continue
            if self._times_s[index] - self._last_event_s > SILENCE_S:
                self._learn_averages(index)
            if self._is_qrs(index):
                self._accept(index)
            else:
                self._noise.append(self._capped_height(index))
            index += 1
        return np.array(self._found, dtype=np.int64)

    def _learn_averages(self, index: int) -> None:
        """Set the averages from the following candidates."""
        start_s = self._last_event_s = self._times_s[index]
        highest: dict[int, float] = {}
        for later in range(index, len(self._times_s)):
            second = int(self._times_s[later] - start_s)
            if second >= LEARNING_S:
                break
            highest[second] = max(highest.get(second, 0.0), self._heights[later])
        ranked = sorted(highest.values(), reverse=True)
        seconds = 1 + max(highest)
        typical = ranked[min(int(seconds / SECONDS_PER_RANK), len(ranked) - 1)]
        self._learnt_from = index
        self._qrs = deque([max(typical, self._min_qrs(index))] * N_AVERAGED, N_AVERAGED)
        self._noise = deque([0.0] * N_AVERAGED, N_AVERAGED)

    def _min_qrs(self, index: int) -> float:
        """Return the minimum average of QRS while an asystole is possible."""
        if not self._found or self._times_s[index] - self._times_s[self._found[-1]] > ASYSTOLE_S:
            return 0.0
        return ASYSTOLE_SHARE * float(np.median([self._heights[beat] for beat in self._found[-ASYSTOLE_BEATS:]]))

    def _threshold(self) -> float:
        noise = sum(self._noise) / N_AVERAGED
        return noise + THRESHOLD * (sum(self._qrs) / N_AVERAGED - noise)

    def _capped_height(self, index: int) -> float:
        return min(self._heights[index], MAX_RELATIVE_HEIGHT * sum(self._qrs) / N_AVERAGED)

    def _accept(self, index: int) -> None:
        if self._found and index > self._learnt_from:
            self._rr_s.append(min(self._times_s[index] - self._times_s[self._found[-1]], SILENCE_S))
        self._qrs.append(self._capped_height(index))
        self._found.append(index)
        self._last_event_s = self._times_s[index]

    def _is_qrs(self, index: int) -> bool:
        """Return whether a candidate satisfies rules 3 and 4."""
        return self._heights[index] > self._threshold() and not self._is_p[index] and not self._is_t(index)

    def _is_t(self, index: int) -> bool:
        if not self._found:
            return False
        last = self._found[-1]
        return _belongs_to_beat(self._sizes[index], self._sizes[last], self._times_s[index] - self._times_s[last])

    def _find_p_waves(self, times_s: np.ndarray) -> list[bool]:
        """Return which candidates precede a larger one (rule 3 reversed)."""
        is_p = [False] * len(times_s)
        for earlier, later in _pairs_within(times_s, T_WAVE_S):
            for one, other in zip(earlier.tolist(), later.tolist(), strict=True):
                distance_s = self._times_s[other] - self._times_s[one]
                is_p[one] = is_p[one] or _belongs_to_beat(self._sizes[one], self._sizes[other], distance_s)
        return is_p

    def _find_missed(self, index: int) -> int | None:
        """Return the highest candidate since the last beat if that is too long ago (rule 5)."""
        if not self._found or self._learnt_from > self._found[-1]:
            return None
        last = self._found[-1]
        since_s = self._times_s[index] - self._times_s[last]
        if since_s <= SEARCH_BACK_RR * sum(self._rr_s) / N_AVERAGED:
            return None
        minimum = SEARCH_BACK_SHARE * self._threshold()
        skipped = [
            one
            for one in range(last + 1, index)
            if self._heights[one] > minimum
            and self._times_s[one] - self._times_s[last] >= T_WAVE_S
            and not self._is_p[one]
        ]
        return max(skipped, key=self._heights.__getitem__, default=None)


def place_r_peaks(samples: np.ndarray, sampling_rate: float, times_s: np.ndarray) -> np.ndarray:
    """Return the R peak of each QRS, in samples."""
    if not len(times_s):
        return np.zeros(0, dtype=np.int64)
    grid = Grid.of_at_least(_PLACING_RATE, sampling_rate)
    centres = np.round(times_s * grid.rate).astype(np.int64)
    reach = round(R_REACH_S * grid.rate)
    band_hz = (BAND_HZ[0], min(BAND_HZ[1], 0.45 * sampling_rate))
    taps = int(_R_KERNEL_S * grid.fine_rate) | 1
    kernel = grid.remove_offset(signal.firwin(taps, band_hz, pass_zero=False, fs=grid.fine_rate) * grid.up)
    upwards, downwards, heights, depths = [], [], [], []
    for first, last in grid.blocks(samples):
        inside = centres[(centres >= first) & (centres < last)]
        steps = grid.filter(samples, kernel, first - reach, last + reach)
        around = steps[(inside - first)[:, np.newaxis] + np.arange(2 * reach + 1)]
        upwards.append(inside - reach + around.argmax(axis=1))
        downwards.append(inside - reach + around.argmin(axis=1))
        heights.append(around.max(axis=1))
        depths.append(-around.min(axis=1))
    all_heights, all_depths = np.concatenate(heights), np.concatenate(depths)
    polarity = ndimage.median_filter(_polarity(all_heights, all_depths), R_NEIGHBOURS, mode="nearest")
    is_up = points_up(all_heights, all_depths, polarity)
    steps = np.where(is_up, np.concatenate(upwards), np.concatenate(downwards))
    return np.unique(np.clip(np.round(steps * (grid.down / grid.up)), 0, len(samples) - 1).astype(np.int64))


def points_up(heights: np.ndarray | float, depths: np.ndarray | float, polarity: np.ndarray | float) -> np.ndarray:
    """Return whether the R peak of each beat is its highest rather than lowest point; bool, shape = (n_beats,).

    Parameters
    ----------
    heights, depths : float64 arrays, shape = (n_beats,), or floats
        Maximum and negated minimum of the band-passed lead around each beat.
    polarity : float64 array, shape = (n_beats,), or float
        Positive if most of the beats around point up.
    """
    own = _polarity(heights, depths)
    return np.where(np.abs(own) > np.log(R_CLEAR), own, polarity) > 0


def _polarity(heights: np.ndarray | float, depths: np.ndarray | float) -> np.ndarray:
    """Return the logarithm of the height over the depth."""
    tiny = np.finfo(np.float64).tiny
    return np.asarray(np.log(np.maximum(heights, tiny)) - np.log(np.maximum(depths, tiny)))
