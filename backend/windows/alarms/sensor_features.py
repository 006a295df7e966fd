"""Features of one bedside sensor at each time step: rate, shape and size of its beats, noise and flat lines."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from backend.windows.alarms.fibrillation import measure_fibrillation
from backend.windows.alarms.pulse_onsets import PULSE_RATE, find_pulse_onsets, low_pass
from backend.windows.alarms.rhythm_features import (
    cut_shapes,
    hold_until_next_beat,
    measure_amplitudes,
    measure_dissimilarity,
    rate_over,
    seconds_since,
    trim_lags,
)
from backend.windows.beats.hamilton import hamilton_r_peaks
from backend.windows.signal.filtering import WIDE_BAND_HZ, WORKING_RATE, fill_gaps, resample_lead

__all__ = ["SensorSegment", "measure_ecg", "measure_pressure", "measure_pulse", "measure_respiration"]

RECENT_S = 16.0
"""The patient's typical values are taken from before the last 16 s, so that the alarm itself does not count."""

_DECIMATION = 3  # 120 Hz preserve the shape of QRS
_QRS_REACH = 14
_WIDTH_REACH = 22  # far enough that the median is the level between beats
_STEP_REACH_S = 0.0625
_MOVEMENT_S = 1.5
_FLAT_S = 0.4
_NOISE_S = 1.0
_PULSE_BEFORE, _PULSE_AFTER = 10, 40
_PULSE_UPPER_HZ, _BREATH_UPPER_HZ, _BREATH_RATE = 12.0, 3.0, 25.0
_MIN_AMPLITUDE_MV = 1e-3
_MIN_AMPLITUDE = 1e-6
_DEFAULT_WIDTH_MS = 70.0
_FLAT_MV = 1e-4
_FLAT_SHARE = 1e-4


@dataclass(frozen=True, eq=False)
class SensorSegment:
    """The samples of one sensor up to the alarm, and the time steps at which features are measured.

    Attributes
    ----------
    samples : array, shape = (n,)
        In the channel's own unit; NaN in gaps.
    sampling_rate : float
        Hz.
    steps_s : float64 array, shape = (T,)
        Seconds from the first sample; the last one lies on the last sample.
    """

    samples: np.ndarray
    sampling_rate: float
    steps_s: np.ndarray

    @property
    def end_s(self) -> float:
        """Time of the last sample, s."""
        return (len(self.samples) - 1) / self.sampling_rate

    @property
    def times_s(self) -> np.ndarray:
        """Time of each sample, s."""
        return np.arange(len(self.samples)) / self.sampling_rate

    def is_missing(self) -> np.ndarray:
        """Return whether nothing was recorded at each step, bool, shape = (T,)."""
        is_outside = self.steps_s < 0
        return is_outside | (np.interp(self.steps_s, self.times_s, np.isnan(self.samples)) > 0.5)


def measure_ecg(segment: SensorSegment) -> Mapping[str, np.ndarray]:
    """Return the features of an ECG lead, by the keys of its quantities; each shape = (T,)."""
    steps_s = segment.steps_s
    lead = resample_lead(segment.samples, segment.sampling_rate, WIDE_BAND_HZ)
    beats_s = hamilton_r_peaks(segment.samples.astype(np.float32), segment.sampling_rate) / segment.sampling_rate
    decimated = lead[::_DECIMATION]
    beats = np.round(beats_s * WORKING_RATE).astype(np.int64) // _DECIMATION
    shapes = cut_shapes(decimated, beats, _QRS_REACH, _QRS_REACH)
    is_reference = beats_s < segment.end_s - RECENT_S
    amplitudes = measure_amplitudes(shapes)
    widths_ms = _widths_ms(cut_shapes(decimated, beats, _WIDTH_REACH, _WIDTH_REACH))
    typical_mv = max(
        _typical(amplitudes, is_reference, default=_movement(lead, WORKING_RATE).mean()), _MIN_AMPLITUDE_MV
    )
    typical_ms = max(_typical(widths_ms, is_reference, default=_DEFAULT_WIDTH_MS), 1.0)
    lead_s = np.arange(len(lead)) / WORKING_RATE
    edge = 2 * round(_STEP_REACH_S * WORKING_RATE) + 1
    fibrillation = measure_fibrillation(decimated, WORKING_RATE / _DECIMATION)
    middle_mv = np.median(lead)

    def at_steps(values: np.ndarray) -> np.ndarray:
        return np.interp(steps_s, lead_s, values)

    width_ms = hold_until_next_beat(widths_ms, beats_s, steps_s, typical_ms)
    return {
        "highest": (at_steps(ndimage.maximum_filter1d(lead, edge)) - middle_mv) / typical_mv,
        "lowest": (at_steps(ndimage.minimum_filter1d(lead, edge)) - middle_mv) / typical_mv,
        **_rhythm_features(beats_s, steps_s),
        "unlikeness": hold_until_next_beat(measure_dissimilarity(shapes, is_reference), beats_s, steps_s, 0.0),
        "height": hold_until_next_beat(amplitudes, beats_s, steps_s, typical_mv) / typical_mv,
        "width": width_ms,
        "relative width": width_ms / typical_ms,
        "movement": at_steps(_movement(lead, WORKING_RATE)) / typical_mv,
        "noise": _noise(lead, lead_s, steps_s) / typical_mv,
        "leakage": _interpolate(fibrillation.ends_s, fibrillation.leakage, steps_s),
        "dominant frequency": _interpolate(fibrillation.ends_s, fibrillation.dominant_hz, steps_s),
        "concentration": _interpolate(fibrillation.ends_s, fibrillation.concentration, steps_s),
        "flat": _flat(segment, _FLAT_MV),
    }


def measure_pulse(segment: SensorSegment) -> Mapping[str, np.ndarray]:
    """Return the features of a photoplethysmogram, by the keys of its quantities; each shape = (T,)."""
    pulses = _Pulses.of(segment)
    movement = _movement(pulses.wave, PULSE_RATE)
    return pulses.features | {"movement": pulses.at_steps(movement) / pulses.typical}


def measure_pressure(segment: SensorSegment) -> Mapping[str, np.ndarray]:
    """Return the features of an arterial pressure wave, by the keys of its quantities; each shape = (T,)."""
    pulses = _Pulses.of(segment)
    systolic = pulses.shapes.max(axis=1) if len(pulses.shapes) else np.zeros(0)
    mean = ndimage.uniform_filter1d(pulses.wave, round(2 * PULSE_RATE))
    return pulses.features | {
        "systolic": hold_until_next_beat(systolic, pulses.onsets_s, segment.steps_s, float(np.median(pulses.wave))),
        "pulse pressure": hold_until_next_beat(
            measure_amplitudes(pulses.shapes), pulses.onsets_s, segment.steps_s, 0.0
        ),
        "mean": pulses.at_steps(mean),
        "movement": pulses.at_steps(_movement(pulses.wave, PULSE_RATE)),
    }


def measure_respiration(segment: SensorSegment) -> Mapping[str, np.ndarray]:
    """Return the feature of a respiration signal: its wave, shape = (T,)."""
    wave = low_pass(segment.samples, segment.sampling_rate, _BREATH_RATE, _BREATH_UPPER_HZ)
    low, middle, high = np.percentile(wave, (5, 50, 95))
    at_steps = np.interp(segment.steps_s, _times_to(segment.end_s, len(wave), _BREATH_RATE), wave)
    return {"wave": (at_steps - middle) / max(high - low, _MIN_AMPLITUDE)}


@dataclass(frozen=True, eq=False)
class _Pulses:
    """The pulses of one sensor, and the features that pressure and photoplethysmogram share."""

    wave: np.ndarray
    wave_s: np.ndarray
    steps_s: np.ndarray
    onsets_s: np.ndarray
    shapes: np.ndarray
    typical: float
    features: dict[str, np.ndarray]

    @classmethod
    def of(cls, segment: SensorSegment) -> "_Pulses":
        wave = low_pass(segment.samples, segment.sampling_rate, PULSE_RATE, _PULSE_UPPER_HZ)
        wave_s = _times_to(segment.end_s, len(wave), PULSE_RATE)
        onsets = find_pulse_onsets(wave)
        onsets_s = wave_s[onsets]
        lagged = cut_shapes(wave, onsets, _PULSE_BEFORE, _PULSE_AFTER)
        shapes = trim_lags(lagged)
        is_reference = onsets_s < segment.end_s - RECENT_S
        amplitudes = measure_amplitudes(shapes)
        typical = max(_typical(amplitudes, is_reference, default=1.0), _MIN_AMPLITUDE)
        steps_s = segment.steps_s
        features = {
            "wave": (np.interp(steps_s, wave_s, wave) - np.median(wave)) / typical,
            **_rhythm_features(onsets_s, steps_s),
            "unlikeness": hold_until_next_beat(measure_dissimilarity(lagged, is_reference), onsets_s, steps_s, 0.0),
            "height": hold_until_next_beat(amplitudes, onsets_s, steps_s, typical) / typical,
            "flat": _flat(segment, _FLAT_SHARE * max(float(np.nanstd(segment.samples)), 1e-9)),
        }
        return cls(wave, wave_s, steps_s, onsets_s, shapes, typical, features)

    def at_steps(self, values: np.ndarray) -> np.ndarray:
        """Return values of the wave at the time steps."""
        return np.interp(self.steps_s, self.wave_s, values)


def _rhythm_features(beats_s: np.ndarray, steps_s: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "since": seconds_since(beats_s, steps_s),
        "rate": rate_over(beats_s, steps_s, 1),
        "rate over 4": rate_over(beats_s, steps_s, 4),
        "rate over 12": rate_over(beats_s, steps_s, 12),
    }


def _typical(per_beat: np.ndarray, is_reference: np.ndarray, default: float) -> float:
    """Return the median over the reference beats, or over all beats if those are fewer than three."""
    if not len(per_beat):
        return float(default)
    return float(np.median(per_beat[is_reference] if is_reference.sum() >= 3 else per_beat))


def _widths_ms(shapes: np.ndarray) -> np.ndarray:
    """Return the area of each QRS divided by its height: the duration of a rectangle of that height."""
    magnitude = np.abs(shapes - np.median(shapes, axis=1, keepdims=True)) if len(shapes) else np.zeros((0, 1))
    return (
        magnitude.sum(axis=1)
        / np.maximum(magnitude.max(axis=1), _MIN_AMPLITUDE)
        * (1000.0 * _DECIMATION / WORKING_RATE)
    )


def _movement(wave: np.ndarray, rate: float) -> np.ndarray:
    """Return the range of the wave within 1.5 s around each sample."""
    width = round(_MOVEMENT_S * rate)
    return ndimage.maximum_filter1d(wave, width) - ndimage.minimum_filter1d(wave, width)


def _noise(lead: np.ndarray, lead_s: np.ndarray, steps_s: np.ndarray) -> np.ndarray:
    """Return the median magnitude above about 28 Hz within a second, in mV, which QRS complexes do not raise."""
    fast = np.abs(lead - ndimage.uniform_filter1d(lead, 13))[::6]
    typical = ndimage.percentile_filter(fast, 50, size=round(_NOISE_S * WORKING_RATE / 6))
    return np.interp(steps_s, lead_s[::6], typical)


def _flat(segment: SensorSegment, limit: float) -> np.ndarray:
    """Return 1 where the sensor is constant within 0.4 s, else 0."""
    bridged = fill_gaps(segment.samples)
    width = max(2, int(_FLAT_S * segment.sampling_rate))
    moved = ndimage.maximum_filter1d(bridged, width) - ndimage.minimum_filter1d(bridged, width)
    return np.interp(segment.steps_s, segment.times_s, moved < limit)


def _times_to(end_s: float, n: int, rate: float) -> np.ndarray:
    return end_s - np.arange(n)[::-1] / rate


def _interpolate(times_s: np.ndarray, values: np.ndarray, steps_s: np.ndarray) -> np.ndarray:
    return np.interp(steps_s, times_s, values) if len(times_s) else np.zeros(len(steps_s))
