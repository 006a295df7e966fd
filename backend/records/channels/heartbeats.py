"""Whether a signal shows the heartbeats of an ECG, for channels whose names do not say what they are."""

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

__all__ = ["EXAMINED_S", "shows_heartbeats"]

EXAMINED_S = 60.0
"""Length of the part of a signal that is examined."""

_FEWEST_S = 4.0
_FEWEST_BEATS = 4
_SLOWEST_PER_MIN, _FASTEST_PER_MIN = 25, 240
_REFRACTORY_S = 0.25
_BLOCK_S = 2.5
_THRESHOLD = 0.3
_AROUND_S = 0.1
_SIMILAR = 0.8
_SIMILAR_SHARE = 0.75
_HIGHEST_BETWEEN = 0.25
_SHORTEST_S, _LONGEST_S = 0.008, 0.11


def shows_heartbeats(signal: np.ndarray, sampling_rate: float) -> bool:
    """Return whether a signal has the narrow, similar and separate deflections of QRS complexes at a possible rate.

    Muscle noise and EEG fail as their peaks differ from each other, a pulse wave and breathing as theirs are broad, a
    steady tone as nothing lies between them. The test is strict: an ECG with much noise or fibrillation fails.

    Parameters
    ----------
    signal : array, shape = (n_samples,)
        In any unit; up to `EXAMINED_S` from its middle are examined, NaN are filled by interpolation.
    sampling_rate : float
        Hz.
    """
    part = _middle(np.asarray(signal, dtype=np.float64), sampling_rate)
    if len(part) < _FEWEST_S * sampling_rate or not np.ptp(part) > 0:
        return False
    band = uniform_filter1d(part, _width(0.02, sampling_rate)) - uniform_filter1d(part, _width(0.12, sampling_rate))
    energy = uniform_filter1d(band**2, _width(0.08, sampling_rate))
    peaks = _peaks(energy, sampling_rate)
    around = round(_AROUND_S * sampling_rate)
    peaks = peaks[(peaks >= 2 * around) & (peaks < len(part) - 2 * around)]
    per_min = 60 * len(peaks) / (len(part) / sampling_rate)
    if len(peaks) < _FEWEST_BEATS or not _SLOWEST_PER_MIN <= per_min <= _FASTEST_PER_MIN:
        return False
    return (
        _are_separate(energy, peaks, sampling_rate)
        and _are_similar(band, peaks, around)
        and _are_narrow(part, peaks, sampling_rate)
    )


def _middle(signal: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return the examined part with NaN interpolated; empty if much is missing."""
    n = round(EXAMINED_S * sampling_rate)
    start = max(0, (len(signal) - n) // 2)
    part = signal[start : start + n]
    is_known = np.isfinite(part)
    if 2 * is_known.sum() <= len(part):
        return np.zeros(0)
    return np.interp(np.arange(len(part)), np.flatnonzero(is_known), part[is_known])


def _width(length_s: float, sampling_rate: float) -> int:
    return max(1, round(length_s * sampling_rate))


def _peaks(energy: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return the highest samples within the refractory time, above a share of what the blocks usually reach."""
    block = round(_BLOCK_S * sampling_rate)
    n_blocks = max(1, len(energy) // block)
    usual = np.median([part.max() for part in np.array_split(energy, n_blocks)])
    is_highest = energy == maximum_filter1d(energy, 2 * round(_REFRACTORY_S * sampling_rate) + 1)
    peaks = np.flatnonzero(is_highest & (energy > _THRESHOLD * usual))
    if len(peaks) < 2:
        return peaks
    return peaks[np.concatenate([[True], np.diff(peaks) > _REFRACTORY_S * sampling_rate / 2])]


def _are_separate(energy: np.ndarray, peaks: np.ndarray, sampling_rate: float) -> bool:
    """Return whether little happens between the peaks."""
    is_between = np.ones(len(energy), dtype=bool)
    around = round(0.14 * sampling_rate)
    for peak in peaks:
        is_between[max(0, peak - around) : peak + around] = False
    if not is_between.any():
        return False
    return bool(np.percentile(energy[is_between], 75) < _HIGHEST_BETWEEN**2 * np.median(energy[peaks]))


def _are_similar(band: np.ndarray, peaks: np.ndarray, around: int) -> bool:
    """Return whether most deflections have the shape of the median one, shifted by at most half their width."""
    shifts = range(-(around // 3), around // 3 + 1, max(1, around // 12))
    beats = np.stack([band[peak - around : peak + around] for peak in peaks])
    template = np.median(beats, axis=0)
    best = np.full(len(peaks), -1.0)
    for shift in shifts:
        shifted = np.stack([band[peak + shift - around : peak + shift + around] for peak in peaks])
        norms = np.linalg.norm(shifted, axis=1) * np.linalg.norm(template)
        best = np.fmax(best, shifted @ template / np.where(norms > 0, norms, np.inf))
    return bool(np.mean(best >= _SIMILAR) >= _SIMILAR_SHARE)


def _are_narrow(part: np.ndarray, peaks: np.ndarray, sampling_rate: float) -> bool:
    """Return whether the main deflection of the median beat is as short as a QRS complex, at half its height."""
    around = round(0.3 * sampling_rate)
    inside = peaks[(peaks >= around) & (peaks < len(part) - around)]
    if len(inside) < _FEWEST_BEATS:
        return False
    beat = np.median([part[peak - around : peak + around] for peak in inside], axis=0)
    beat = beat - np.median(beat)
    near = slice(around - round(0.12 * sampling_rate), around + round(0.12 * sampling_rate))
    top = near.start + int(np.argmax(np.abs(beat[near])))
    is_high = beat * np.sign(beat[top]) > abs(beat[top]) / 2
    before, after = top, top
    while before > 0 and is_high[before - 1]:
        before -= 1
    while after < len(beat) - 1 and is_high[after + 1]:
        after += 1
    return _SHORTEST_S <= (after - before + 1) / sampling_rate <= _LONGEST_S
