"""What one bedside sensor tells at every step: beats, their shape and size, its own trustworthiness."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from backend.windows.alarms.fibrillation import fibrillation_measures
from backend.windows.alarms.pulse_onsets import PULSE_RATE, pulse_feet, smoothed
from backend.windows.alarms.rhythm_features import (
    amplitudes,
    at_last_beat,
    rate_over,
    seconds_since,
    shapes_around,
    unlikeness,
    without_lags,
)
from backend.windows.beats.hamilton import hamilton_r_peaks
from backend.windows.signal.filtering import WIDE_BAND_HZ, WORKING_RATE, fill_gaps, resample_lead

__all__ = ["Stretch", "breath_series", "ecg_series", "pressure_series", "pulse_series"]

RECENT_S = 16.0
"""What is usual of a patient is learnt before the last 16 s, so that the alarm itself does not count as usual."""

_SHAPE_EVERY = 3  # at 120 Hz a QRS keeps its shape
_QRS_REACH = 14
_WIDTH_REACH = 22  # far enough that the middle value is the line between the beats, not the beat
_STEP_REACH_S = 0.0625
_MOVEMENT_S = 1.5
_FLAT_S = 0.4
_NOISE_S = 1.0
_PULSE_BEFORE, _PULSE_AFTER = 10, 40
_PULSE_UPPER_HZ, _BREATH_UPPER_HZ, _BREATH_RATE = 12.0, 3.0, 25.0
_LEAST_MV = 1e-3
_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Stretch:
    """One sensor's samples up to the alarm, and the moments at which they are told of.

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
        """The moment of the last sample."""
        return (len(self.samples) - 1) / self.sampling_rate

    @property
    def times_s(self) -> np.ndarray:
        """The moment of each sample."""
        return np.arange(len(self.samples)) / self.sampling_rate

    def is_missing(self) -> np.ndarray:
        """Whether nothing was recorded at a step, bool, shape = (T,)."""
        outside = self.steps_s < 0
        return outside | (np.interp(self.steps_s, self.times_s, np.isnan(self.samples)) > 0.5)


def ecg_series(stretch: Stretch) -> Mapping[str, np.ndarray]:
    """All that an alarm's window tells of one ECG lead, by the names of its quantities; each shape = (T,)."""
    steps_s = stretch.steps_s
    lead = resample_lead(stretch.samples, stretch.sampling_rate, WIDE_BAND_HZ)
    beats_s = hamilton_r_peaks(stretch.samples.astype(np.float32), stretch.sampling_rate) / stretch.sampling_rate
    thinned = lead[::_SHAPE_EVERY]
    beats = np.round(beats_s * WORKING_RATE).astype(np.int64) // _SHAPE_EVERY
    shapes = shapes_around(thinned, beats, _QRS_REACH, _QRS_REACH)
    is_earlier = beats_s < stretch.end_s - RECENT_S
    heights = amplitudes(shapes)
    widths_ms = _widths_ms(shapes_around(thinned, beats, _WIDTH_REACH, _WIDTH_REACH))
    usual_mv = max(_usual(heights, is_earlier, instead=_movement(lead, WORKING_RATE).mean()), _LEAST_MV)
    usual_ms = max(_usual(widths_ms, is_earlier, instead=_COMMON_WIDTH_MS), 1.0)
    lead_s = np.arange(len(lead)) / WORKING_RATE
    edge = 2 * round(_STEP_REACH_S * WORKING_RATE) + 1
    measures = fibrillation_measures(thinned, WORKING_RATE / _SHAPE_EVERY)
    middle_mv = np.median(lead)

    def told(values: np.ndarray) -> np.ndarray:
        return np.interp(steps_s, lead_s, values)

    held_ms = at_last_beat(widths_ms, beats_s, steps_s, usual_ms)
    return {
        "highest": (told(ndimage.maximum_filter1d(lead, edge)) - middle_mv) / usual_mv,
        "lowest": (told(ndimage.minimum_filter1d(lead, edge)) - middle_mv) / usual_mv,
        **_beat_series(beats_s, steps_s),
        "unlikeness": at_last_beat(unlikeness(shapes, is_earlier), beats_s, steps_s, 0.0),
        "height": at_last_beat(heights, beats_s, steps_s, usual_mv) / usual_mv,
        "width": held_ms,
        "relative width": held_ms / usual_ms,
        "movement": told(_movement(lead, WORKING_RATE)) / usual_mv,
        "noise": _noise(lead, lead_s, steps_s) / usual_mv,
        "leakage": _at(measures.ends_s, measures.leakage, steps_s),
        "dominant frequency": _at(measures.ends_s, measures.dominant_hz, steps_s),
        "concentration": _at(measures.ends_s, measures.concentration, steps_s),
        "flat": _flat(stretch, _FLAT_MV),
    }


_COMMON_WIDTH_MS = 70.0
_FLAT_MV = 1e-4


def pulse_series(stretch: Stretch) -> Mapping[str, np.ndarray]:
    """All that an alarm's window tells of the pulse at the finger; each shape = (T,)."""
    pulses = _Pulses.of(stretch)
    movement = _movement(pulses.wave, PULSE_RATE)
    return pulses.series | {"movement": pulses.told(movement) / pulses.usual}


def pressure_series(stretch: Stretch) -> Mapping[str, np.ndarray]:
    """All that an alarm's window tells of the arterial pressure; each shape = (T,)."""
    pulses = _Pulses.of(stretch)
    systolic = pulses.shapes.max(axis=1) if len(pulses.shapes) else np.zeros(0)
    mean = ndimage.uniform_filter1d(pulses.wave, round(2 * PULSE_RATE))
    return pulses.series | {
        "systolic": at_last_beat(systolic, pulses.feet_s, stretch.steps_s, float(np.median(pulses.wave))),
        "pulse pressure": at_last_beat(amplitudes(pulses.shapes), pulses.feet_s, stretch.steps_s, 0.0),
        "mean": pulses.told(mean),
        "movement": pulses.told(_movement(pulses.wave, PULSE_RATE)),
    }


def breath_series(stretch: Stretch) -> Mapping[str, np.ndarray]:
    """All that an alarm's window tells of breathing: its wave, shape = (T,)."""
    wave = smoothed(stretch.samples, stretch.sampling_rate, _BREATH_RATE, _BREATH_UPPER_HZ)
    low, middle, high = np.percentile(wave, (5, 50, 95))
    told = np.interp(stretch.steps_s, _times_to(stretch.end_s, len(wave), _BREATH_RATE), wave)
    return {"wave": (told - middle) / max(high - low, _LEAST)}


@dataclass(frozen=True, eq=False)
class _Pulses:
    """The pulses of one sensor, and what pressure and plethysmogram have in common."""

    wave: np.ndarray
    wave_s: np.ndarray
    steps_s: np.ndarray
    feet_s: np.ndarray
    shapes: np.ndarray
    usual: float
    series: dict[str, np.ndarray]

    @classmethod
    def of(cls, stretch: Stretch) -> "_Pulses":
        wave = smoothed(stretch.samples, stretch.sampling_rate, PULSE_RATE, _PULSE_UPPER_HZ)
        wave_s = _times_to(stretch.end_s, len(wave), PULSE_RATE)
        feet = pulse_feet(wave)
        feet_s = wave_s[feet]
        lagged = shapes_around(wave, feet, _PULSE_BEFORE, _PULSE_AFTER)
        shapes = without_lags(lagged)
        is_earlier = feet_s < stretch.end_s - RECENT_S
        heights = amplitudes(shapes)
        usual = max(_usual(heights, is_earlier, instead=1.0), _LEAST)
        steps_s = stretch.steps_s
        series = {
            "wave": (np.interp(steps_s, wave_s, wave) - np.median(wave)) / usual,
            **_beat_series(feet_s, steps_s),
            "unlikeness": at_last_beat(unlikeness(lagged, is_earlier), feet_s, steps_s, 0.0),
            "height": at_last_beat(heights, feet_s, steps_s, usual) / usual,
            "flat": _flat(stretch, 1e-4 * max(float(np.nanstd(stretch.samples)), 1e-9)),
        }
        return cls(wave, wave_s, steps_s, feet_s, shapes, usual, series)

    def told(self, values: np.ndarray) -> np.ndarray:
        return np.interp(self.steps_s, self.wave_s, values)


def _beat_series(beats_s: np.ndarray, steps_s: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "since": seconds_since(beats_s, steps_s),
        "rate": rate_over(beats_s, steps_s, 1),
        "rate over 4": rate_over(beats_s, steps_s, 4),
        "rate over 12": rate_over(beats_s, steps_s, 12),
    }


def _usual(figures: np.ndarray, is_earlier: np.ndarray, instead: float) -> float:
    """The median of the beats before the last seconds, of all where those are fewer than three."""
    if not len(figures):
        return float(instead)
    return float(np.median(figures[is_earlier] if is_earlier.sum() >= 3 else figures))


def _widths_ms(shapes: np.ndarray) -> np.ndarray:
    """Area of each QRS over its height: how long a rectangle of that height would last."""
    size = np.abs(shapes - np.median(shapes, axis=1, keepdims=True)) if len(shapes) else np.zeros((0, 1))
    return size.sum(axis=1) / np.maximum(size.max(axis=1), _LEAST) * (1000.0 * _SHAPE_EVERY / WORKING_RATE)


def _movement(wave: np.ndarray, rate: float) -> np.ndarray:
    """From the lowest to the highest within 1.5 s around each sample."""
    width = round(_MOVEMENT_S * rate)
    return ndimage.maximum_filter1d(wave, width) - ndimage.minimum_filter1d(wave, width)


def _noise(lead: np.ndarray, lead_s: np.ndarray, steps_s: np.ndarray) -> np.ndarray:
    """What is faster than some 28 Hz, in mV: its median size within a second, which QRS complexes do not raise."""
    fast = np.abs(lead - ndimage.uniform_filter1d(lead, 13))[::6]
    usual = ndimage.percentile_filter(fast, 50, size=round(_NOISE_S * WORKING_RATE / 6))
    return np.interp(steps_s, lead_s[::6], usual)


def _flat(stretch: Stretch, least: float) -> np.ndarray:
    """1 where the sensor does not move at all within 0.4 s, else 0."""
    bridged = fill_gaps(stretch.samples)
    width = max(2, int(_FLAT_S * stretch.sampling_rate))
    moved = ndimage.maximum_filter1d(bridged, width) - ndimage.minimum_filter1d(bridged, width)
    return np.interp(stretch.steps_s, stretch.times_s, moved < least)


def _times_to(end_s: float, n: int, rate: float) -> np.ndarray:
    return end_s - np.arange(n)[::-1] / rate


def _at(moments_s: np.ndarray, values: np.ndarray, steps_s: np.ndarray) -> np.ndarray:
    return np.interp(steps_s, moments_s, values) if len(moments_s) else np.zeros(len(steps_s))
