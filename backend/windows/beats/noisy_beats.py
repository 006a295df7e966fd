"""The beats of a lead in noise, chosen by the usual QRS and the rhythm."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage, signal

from backend.windows.beats.hamilton import Peaks, find_peaks, find_qrs_peaks, place_r_peaks
from backend.windows.beats.signal_quality import Reference, SignalQuality, assess_quality
from backend.windows.signal.filtering import fill_gaps

__all__ = ["LeadBeats", "find_lead_beats"]

WEIGHTS = (-5.7, 6.7, 1.2, 2.6, -1.8)
"""Log odds that a candidate is a QRS: a constant, then the weights of `_measure`'s columns."""

MIN_LOG_ODDS = -6.0
"""A candidate with lower odds is never a beat, whatever the rhythm."""

FIRST_PASS_WEIGHT = 2.0
QUIET_LOG_NOISE = -1.0
"""A beat of the first pass gains twice the amount by which the logarithm of the noise around it is below this."""

RHYTHM_WEIGHT = 0.7
BEAT_BONUS = 1.0
"""Weight of the log density of the RR interval, and what each beat of the sequence adds."""

IRREGULAR_SHARE = 0.15
IRREGULAR_WIDTH = 0.45
MIN_WIDTH = 0.04
WIDTH_PER_DEVIATION = 1.2
WIDTH_OFFSET = 0.02
"""The logarithm of an RR interval over the usual one is Laplace distributed with a width that grows with the median
deviation of the quiet intervals, except for this share with a wide normal distribution (premature beats, pauses)."""

MISSED_COST = 3.0
MAX_MISSED = 3
"""An interval may be that of up to four beats, each missed one at this cost."""

MAX_GAP_RR = 4.0
MIN_RR_S = 0.24
RHYTHM_REACH_S = 60.0
MIN_INTERVALS = 10
MAX_RR_S = 2.0

APART_S = 0.06
SAME_S = 0.03
MIN_CORRELATION = 0.3
PEAK_REACH_S = 0.08
NEAR_S, AROUND_S = 0.14, 0.6
LOWEST_RELATIVE, HIGHEST_RELATIVE = 0.02, 1.5
LOWEST_NOISE = 0.01

DOUBT_REACH_S = 5.0
MAX_DOUBT = 1.0
RHYTHM_DOUBT = 4.0
"""A second is unreadable if the mean logarithm of the noise around the beats within 5 s, relative to the usual QRS,
plus four times the mean deviation of the logarithm of their RR intervals, exceeds `MAX_DOUBT`."""


class LeadBeats(NamedTuple):
    """The beats of one lead.

    Attributes
    ----------
    r_peaks : int64 array, shape = (n_beats,)
        Samples, ascending.
    unreadable : int64 array, shape = (n_stretches, 2)
        First sample of each stretch in which noise or fibrillation hides the beats, and the one after its last.
    """

    r_peaks: np.ndarray
    unreadable: np.ndarray


class _Candidates(NamedTuple):
    """Steps of a noisy stretch that may be a QRS (s), the log odds of each by its shape, and the noise there."""

    times_s: np.ndarray
    log_odds: np.ndarray
    log_noise: np.ndarray


def find_lead_beats(samples: np.ndarray, sampling_rate: float) -> LeadBeats:
    """Return the R peaks of one lead and its unreadable stretches.

    Where the lead is quiet, the beats are those of `hamilton_r_peaks`. In its noisy stretches
    (`signal_quality.assess_quality`), the most probable sequence of candidates is chosen instead: each candidate has
    log odds by its similarity to the usual QRS of the record, its height, its sharpness and the noise around it, and
    each interval a probability by the usual RR interval and its variation within a minute. The sequence is found by
    dynamic programming (Viterbi 1967).

    Parameters
    ----------
    samples : array, shape = (n,)
        mV; NaN in gaps, which are interpolated.
    sampling_rate : float
        Hz; 50 to 5000.

    References
    ----------
    A. J. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm", IEEE Trans.
    Inf. Theory 13(2):260-269, 1967.
    """
    no_stretches = np.zeros((0, 2), dtype=np.int64)
    if not len(samples):
        return LeadBeats(np.zeros(0, dtype=np.int64), no_stretches)
    if np.isnan(samples).any():
        samples = fill_gaps(samples).astype(np.float32)
    peaks = find_peaks(samples, sampling_rate)
    qrs = find_qrs_peaks(peaks)
    beats_s = peaks.times_s[qrs]
    quality = assess_quality(samples, sampling_rate, peaks, qrs)
    unreadable: list[np.ndarray] = []
    for start_s, end_s in quality.noisy_stretches().tolist():
        candidates = _find_candidates(peaks, quality, start_s, end_s)
        if candidates is None:
            continue
        rhythm = _find_rhythm(peaks.times_s[qrs], quality.is_quiet, start_s, end_s)
        if rhythm is None:
            continue
        candidates = _favour_first_pass(candidates, beats_s)
        chosen = _choose_beats(candidates, rhythm, beats_s, start_s, end_s)
        unreadable.append(_unreadable_seconds(candidates, chosen, rhythm, start_s, end_s))
        is_inside = (beats_s >= start_s) & (beats_s < end_s)
        chosen_s = _snap(candidates.times_s[chosen], beats_s[is_inside])
        beats_s = np.sort(np.concatenate([beats_s[~is_inside], chosen_s]))
    r_peaks = place_r_peaks(samples, sampling_rate, beats_s)
    return LeadBeats(r_peaks, _merge(unreadable, sampling_rate, len(samples)))


def _find_candidates(peaks: Peaks, quality: SignalQuality, start_s: float, end_s: float) -> _Candidates | None:
    """Return the candidates of a stretch; None if the record is too short to know its usual QRS."""
    reference = quality.reference_at((start_s + end_s) / 2)
    if not len(reference.templates):
        return None
    rate = quality.rate
    margin = round(AROUND_S * rate)
    first, last = max(0, int(start_s * rate) - margin), min(len(quality.slope), int(end_s * rate) + margin)
    slope = quality.slope[first:last].astype(np.float64)
    correlation = _correlate(slope, reference.templates)
    steps = _candidate_steps(correlation, peaks.times_s * rate - first, rate)
    times_s = (steps + first) / rate
    is_inside = (times_s >= start_s) & (times_s < end_s)
    steps, times_s = steps[is_inside], times_s[is_inside]
    measured = _measure(slope, correlation, steps, times_s, peaks, reference, rate)
    log_odds = WEIGHTS[0] + measured @ np.array(WEIGHTS[1:])
    is_possible = log_odds > MIN_LOG_ODDS
    return _Candidates(times_s[is_possible], log_odds[is_possible], measured[is_possible, -1])


def _correlate(slope: np.ndarray, templates: np.ndarray) -> np.ndarray:
    """Return the highest correlation of the slopes around each step with a template; shape = (n_steps,)."""
    width = templates.shape[1]
    energy = ndimage.uniform_filter1d(slope**2, width, mode="constant") * width
    norms = np.sqrt(np.maximum(energy, 1e-12))
    best = np.full(len(slope), -1.0)
    for template in templates:
        products = signal.oaconvolve(slope, template[::-1], mode="same")
        best = np.maximum(best, products / (np.linalg.norm(template) * norms))
    return best


def _candidate_steps(correlation: np.ndarray, peak_steps: np.ndarray, rate: float) -> np.ndarray:
    """Return the peaks of the correlation, and those of the moving average that are not near one; int64, ascending."""
    apart = round(APART_S * rate)
    highest = ndimage.maximum_filter1d(correlation, 2 * apart + 1)
    steps = np.flatnonzero((correlation == highest) & (correlation > MIN_CORRELATION))
    others = np.round(peak_steps).astype(np.int64)
    others = others[(others >= 0) & (others < len(correlation))]
    if len(steps):
        others = others[_distance(others, steps) > apart]
    return np.sort(np.concatenate([steps, others]))


def _snap(times_s: np.ndarray, beats_s: np.ndarray) -> np.ndarray:
    """Return each time, or that of the beat of the first pass close to it."""
    if not len(beats_s):
        return times_s
    nearest_s = beats_s[_nearest(times_s, beats_s)]
    return np.where(np.abs(nearest_s - times_s) <= APART_S, nearest_s, times_s)


def _nearest(values: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Return the index of the nearest of some ascending values to each value."""
    after = np.clip(np.searchsorted(ascending, values), 1, max(len(ascending) - 1, 1))
    after = np.minimum(after, len(ascending) - 1)
    before = np.maximum(after - 1, 0)
    return np.where(np.abs(ascending[after] - values) < np.abs(ascending[before] - values), after, before)


def _distance(values: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    return np.abs(ascending[_nearest(values, ascending)] - values)


def _measure(
    slope: np.ndarray,
    correlation: np.ndarray,
    steps: np.ndarray,
    times_s: np.ndarray,
    peaks: Peaks,
    reference: Reference,
    rate: float,
) -> np.ndarray:
    """Return what speaks for each candidate; float64, shape = (n_candidates, 4).

    The columns are the correlation with the most similar usual QRS, the logarithms of height and sharpness over those
    of the usual QRS, and the logarithm of the slopes around it over those of the usual QRS.
    """
    if not len(steps):
        return np.zeros((0, len(WEIGHTS) - 1))
    nearest = _nearest(times_s, peaks.times_s)
    has_peak = np.abs(peaks.times_s[nearest] - times_s) < PEAK_REACH_S
    height = np.where(has_peak, peaks.heights[nearest] / reference.height, 0.0)
    sharpness = np.where(has_peak, peaks.sharpness[nearest] / reference.sharpness, 0.0)
    near, around = (2 * round(width_s * rate / 2) + 1 for width_s in (NEAR_S, AROUND_S))
    power = slope**2
    beside = around * ndimage.uniform_filter1d(power, around) - near * ndimage.uniform_filter1d(power, near)
    noise = np.sqrt(np.maximum(beside[steps], 0.0) / (around - near))
    usual = np.sqrt(np.mean(reference.templates[0] ** 2))
    return np.column_stack(
        [
            correlation[steps],
            np.log(np.clip(height, LOWEST_RELATIVE, HIGHEST_RELATIVE)),
            np.log(np.clip(sharpness, LOWEST_RELATIVE, HIGHEST_RELATIVE)),
            np.log(noise / usual + LOWEST_NOISE),
        ]
    )


def _favour_first_pass(candidates: _Candidates, beats_s: np.ndarray) -> _Candidates:
    """Return the candidates with higher odds for the beats of the first pass where there is little noise."""
    if not len(beats_s):
        return candidates
    gain = FIRST_PASS_WEIGHT * np.maximum(QUIET_LOG_NOISE - candidates.log_noise, 0.0)
    is_beat = _distance(candidates.times_s, beats_s) < SAME_S
    return candidates._replace(log_odds=candidates.log_odds + np.where(is_beat, gain, 0.0))


class _Rhythm(NamedTuple):
    """The usual RR interval (s), and the width of the distribution of its logarithm."""

    rr_s: float
    width: float

    def log_density(self, intervals_s: np.ndarray) -> np.ndarray:
        """Return the log density of each interval, as that of one beat or of several that were missed."""
        return np.max(
            [
                self._log_density(intervals_s / (self.rr_s * (missed + 1))) - MISSED_COST * missed
                for missed in range(MAX_MISSED + 1)
            ],
            axis=0,
        )

    def _log_density(self, ratios: np.ndarray) -> np.ndarray:
        logs = np.log(ratios)
        regular = np.exp(-np.abs(logs) / self.width) / (2 * self.width)
        irregular = np.exp(-0.5 * (logs / IRREGULAR_WIDTH) ** 2) / (IRREGULAR_WIDTH * np.sqrt(2 * np.pi))
        return np.log((1 - IRREGULAR_SHARE) * regular + IRREGULAR_SHARE * irregular + 1e-6)

    def score(self, intervals_s: np.ndarray) -> np.ndarray:
        """Return what each interval adds to the score of a sequence; -inf if it is too short for two beats."""
        is_long = intervals_s > MAX_GAP_RR * self.rr_s
        possible = np.maximum(intervals_s, MIN_RR_S)
        scores = RHYTHM_WEIGHT * self.log_density(possible) + BEAT_BONUS
        lost = -MISSED_COST * (MAX_GAP_RR * RHYTHM_WEIGHT + 0.5 * possible / self.rr_s)
        return np.where(intervals_s < MIN_RR_S, -np.inf, np.where(is_long, lost, scores))


def _choose_beats(
    candidates: _Candidates, rhythm: _Rhythm, beats_s: np.ndarray, start_s: float, end_s: float
) -> np.ndarray:
    """Return the indices of the most probable sequence of candidates between the beats before and after a stretch."""
    before, after = beats_s[beats_s < start_s], beats_s[beats_s >= end_s]
    previous_s = float(before[-1]) if len(before) else start_s - rhythm.rr_s
    next_s = float(after[0]) if len(after) else None
    return _most_probable(candidates, rhythm, previous_s, next_s)


def _find_rhythm(beats_s: np.ndarray, is_quiet: np.ndarray, start_s: float, end_s: float) -> _Rhythm | None:
    """Return the rhythm of the quiet intervals within a minute, else of all quiet ones, else of all."""
    intervals_s = np.diff(beats_s)
    is_short = intervals_s < MAX_RR_S
    is_usual = is_quiet[1:] & is_quiet[:-1] & is_short
    is_near = is_usual & (beats_s[1:] > start_s - RHYTHM_REACH_S) & (beats_s[1:] < end_s + RHYTHM_REACH_S)
    for chosen in (is_near, is_usual, is_short):
        if chosen.sum() >= MIN_INTERVALS:
            rr_s = float(np.median(intervals_s[chosen]))
            deviation = float(np.median(np.abs(np.log(intervals_s[chosen] / rr_s))))
            return _Rhythm(rr_s, max(MIN_WIDTH, WIDTH_PER_DEVIATION * deviation + WIDTH_OFFSET))
    return None


def _most_probable(candidates: _Candidates, rhythm: _Rhythm, previous_s: float, next_s: float | None) -> np.ndarray:
    """Return the indices of the sequence with the highest sum of log odds and scores of its intervals."""
    times_s, n_candidates = candidates.times_s, len(candidates.times_s)
    best = np.full(n_candidates, -np.inf)
    previous = np.full(n_candidates, -1, dtype=np.int64)
    from_start = rhythm.score(times_s - previous_s)
    earliest = np.searchsorted(times_s, times_s - MAX_GAP_RR * rhythm.rr_s)
    latest = np.searchsorted(times_s, times_s - MIN_RR_S)
    for index in range(n_candidates):
        first, last = earliest[index], latest[index]
        best[index] = from_start[index]
        if last > first:
            scores = best[first:last] + rhythm.score(times_s[index] - times_s[first:last])
            highest = int(scores.argmax())
            if scores[highest] > best[index]:
                best[index], previous[index] = scores[highest], first + highest
        best[index] += candidates.log_odds[index]
    if next_s is not None:
        best = best + rhythm.score(next_s - times_s)
    elif n_candidates:
        best = best - 0.5 * MISSED_COST * (times_s[-1] - times_s) / rhythm.rr_s
    if not n_candidates or not np.isfinite(best.max()):
        return np.zeros(0, dtype=np.int64)
    chosen = [int(best.argmax())]
    while previous[chosen[-1]] >= 0:
        chosen.append(int(previous[chosen[-1]]))
    return np.array(chosen[::-1], dtype=np.int64)


def _unreadable_seconds(
    candidates: _Candidates, chosen: np.ndarray, rhythm: _Rhythm, start_s: float, end_s: float
) -> np.ndarray:
    """Return the seconds of a stretch in which the chosen beats are in doubt, or in which there are none; int64."""
    seconds = np.arange(int(start_s), int(np.ceil(end_s)))
    times_s = candidates.times_s[chosen]
    deviations = np.abs(np.log(np.diff(times_s, prepend=np.nan) / rhythm.rr_s))
    deviations[:1] = 0.0
    doubt = candidates.log_noise[chosen] + RHYTHM_DOUBT * deviations
    first = np.searchsorted(times_s, seconds + 0.5 - DOUBT_REACH_S)
    last = np.searchsorted(times_s, seconds + 0.5 + DOUBT_REACH_S)
    sums = np.concatenate([[0.0], np.cumsum(doubt)])
    width_s = np.minimum(seconds + 0.5 + DOUBT_REACH_S, end_s) - np.maximum(seconds + 0.5 - DOUBT_REACH_S, start_s)
    has_none = (last == first) & (width_s > MAX_GAP_RR * rhythm.rr_s)
    return seconds[has_none | (sums[last] - sums[first] > MAX_DOUBT * (last - first))]


def _merge(seconds_of_stretches: list[np.ndarray], sampling_rate: float, n_samples: int) -> np.ndarray:
    """Return the runs of some seconds, in samples."""
    if not seconds_of_stretches or not len(seconds := np.unique(np.concatenate(seconds_of_stretches))):
        return np.zeros((0, 2), dtype=np.int64)
    breaks = np.flatnonzero(np.diff(seconds) > 1)
    starts = seconds[np.concatenate([[0], breaks + 1])]
    ends = seconds[np.concatenate([breaks, [len(seconds) - 1]])] + 1
    stretches = np.round(np.column_stack([starts, ends]) * sampling_rate).astype(np.int64)
    return np.minimum(stretches, n_samples)
