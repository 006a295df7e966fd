"""Arterial circulation: the pressure at the wrist and the pulse at the finger.

The arteries are a three-element windkessel (Westerhof et al. 2009, sections 2 and 3): a compliance filled by each beat
that empties through the peripheral resistance, behind the impedance of the aorta. With the flow Q out of the heart
(mL/s), the pressure is

    P = Z Q + P_c,    C dP_c/dt = Q - (P_c - P_0) / R.

Departure from the paper: the pressure falls to P_0, at which the small vessels close, rather than to the venous
pressure, since in ventricular fibrillation it falls to 24.2 +- 5.3 mmHg with a time constant of 2.9 +- 1.0 s (Schipke
et al. 2003).

References
----------
Westerhof N, Lankhaar JW, Westerhof BE. The arterial Windkessel. Med Biol Eng Comput 2009;47:131-141.
Schipke JD, Heusch G, Sanii AP, Gams E, Winter J. Static filling pressure in patients during induced ventricular
fibrillation. Am J Physiol Heart Circ Physiol 2003;285:H2510-H2515.
Weissler AM, Harris WS, Schoenfeld CD. Systolic time intervals in heart failure in man. Circulation 1968;37:149-159.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

__all__ = [
    "Circulation",
    "Finger",
    "Strokes",
    "arterial_flow",
    "arterial_pressure",
    "compute_strokes",
    "pulse_at_finger",
]

_SHORTEST_EJECTION_S = 0.12
_VALVE_S = 0.05
_FALLS_BACK = 0.06


@dataclass(frozen=True)
class Circulation:
    """The arterial parameters of one person.

    Attributes
    ----------
    stroke_ml : float
        Stroke volume after `full_rr_s`.
    compliance_ml_per_mmhg : float
    resistance_mmhg_s_per_ml : float
        Its product with the compliance is the time constant of the pressure: 2 s.
    impedance_mmhg_s_per_ml : float
        Impedance of the aorta, which makes the pressure peak during ejection.
    closing_mmhg : float
        Pressure in asystole.
    full_rr_s, filling_s, closed_s : float
        After an interval ``rr`` the ventricle is filled to ``1 - exp(-(rr - closed_s) / filling_s)``, so that an early
        beat ejects little; a stroke of 1 is that after ``full_rr_s``.
    wrist_delay_s : float
        From the R peak to the onset of the pressure wave at the wrist: about 0.1 s until the valve opens and 0.08 s of
        transit.
    stroke_breathing : float
        Respiratory standard deviation of the stroke volume, relative to it.
    chest_mmhg : float
        Respiratory standard deviation of the intrathoracic pressure.
    """

    stroke_ml: float = 55.0
    compliance_ml_per_mmhg: float = 2.1
    resistance_mmhg_s_per_ml: float = 0.95
    impedance_mmhg_s_per_ml: float = 0.06
    closing_mmhg: float = 24.0
    full_rr_s: float = 0.8
    filling_s: float = 0.22
    closed_s: float = 0.15
    wrist_delay_s: float = 0.18
    stroke_breathing: float = 0.04
    chest_mmhg: float = 1.0

    @property
    def time_constant_s(self) -> float:
        """Time constant of the pressure between beats."""
        return self.resistance_mmhg_s_per_ml * self.compliance_ml_per_mmhg

    @property
    def resting_mmhg(self) -> float:
        """Mean pressure at a full stroke every `full_rr_s`."""
        return self.closing_mmhg + self.resistance_mmhg_s_per_ml * self.stroke_ml / self.full_rr_s

    def filled(self, rr_s: np.ndarray) -> np.ndarray:
        """Return the stroke volume after each interval (s), relative to a full stroke."""
        full, filled = (
            -np.expm1(-np.maximum(after - self.closed_s, 0) / self.filling_s)
            for after in (np.array(self.full_rr_s), np.asarray(rr_s))
        )
        return filled / full


@dataclass(frozen=True)
class Finger:
    """The pulse oximeter on a finger.

    Attributes
    ----------
    delay_s : float
        Delay of the displayed pulse relative to the wrist.
    smoothing_s : float
        Time constant of the smoothing by small vessels.
    baseline_s : float
        Time constant of the high-pass filter of the monitor.
    per_mmhg : float
        NU per mmHg; the scale has no unit.
    """

    delay_s: float = 0.10
    smoothing_s: float = 0.05
    baseline_s: float = 1.5
    per_mmhg: float = 0.025


@dataclass(frozen=True, eq=False)
class Strokes:
    """The strokes of the heart: arrival time (s), volume (mL) and duration (s)."""

    starts_s: np.ndarray
    volumes_ml: np.ndarray
    durations_s: np.ndarray


def compute_strokes(
    beats_s: np.ndarray, strengths: np.ndarray, breathing: np.ndarray, circulation: Circulation
) -> Strokes:
    """Return the strokes of some beats.

    A beat ejects for 413 ms less 1.7 ms per beat per minute (Weissler et al. 1968), at least 120 ms.

    Parameters
    ----------
    beats_s : float array, shape = (n_beats,)
        R peaks.
    strengths : float array, shape = (n_beats,)
        Stroke volume relative to a sinus beat after the same interval: 0 for a beat without a pulse.
    breathing : float array, shape = (n_beats,)
        Respiration at each beat, with unit deviation.
    circulation : Circulation
    """
    rr_s = np.diff(beats_s, prepend=beats_s[:1] - circulation.full_rr_s)
    sway = 1 + circulation.stroke_breathing * np.clip(breathing, -2.5, 2.5)
    return Strokes(
        starts_s=beats_s + circulation.wrist_delay_s,
        volumes_ml=circulation.stroke_ml * strengths * circulation.filled(rr_s) * sway,
        durations_s=np.maximum(0.413 - 0.0017 * 60 / rr_s, _SHORTEST_EJECTION_S),
    )


def arterial_flow(strokes: Strokes, times_s: np.ndarray) -> np.ndarray:
    """Return the flow into the arteries at evenly spaced times (mL/s): half a sine per stroke.

    Then 6% of the stroke flows back within 50 ms until the valve closes, which makes the dicrotic notch.
    """
    flow = np.zeros(len(times_s))
    for start_s, volume_ml, duration_s in zip(strokes.starts_s, strokes.volumes_ml, strokes.durations_s, strict=True):
        end_s = start_s + duration_s
        _add_half_sine(flow, times_s, start_s, duration_s, (1 + _FALLS_BACK) * volume_ml)
        _add_half_sine(flow, times_s, end_s, _VALVE_S, -_FALLS_BACK * volume_ml)
    return flow


def _add_half_sine(flow: np.ndarray, times_s: np.ndarray, start_s: float, duration_s: float, volume_ml: float) -> None:
    first, last = np.searchsorted(times_s, (start_s, start_s + duration_s))
    phase = np.pi * (times_s[first:last] - start_s) / duration_s
    flow[first:last] += np.pi * volume_ml / (2 * duration_s) * np.sin(phase)


def arterial_pressure(
    flow: np.ndarray, sampling_rate: float, start_mmhg: float, circulation: Circulation
) -> np.ndarray:
    """Return the pressure of a flow (mmHg), by the exact solution for a flow that is constant within each sample.

    Parameters
    ----------
    flow : float array, shape = (n_samples,)
        mL/s, from `arterial_flow`.
    sampling_rate : float
        Hz.
    start_mmhg : float
        Initial pressure in the compliance.
    circulation : Circulation

    Returns
    -------
    float64 array, shape = (n_samples,)
    """
    kept = np.exp(-1 / (sampling_rate * circulation.time_constant_s))
    target = circulation.closing_mmhg + circulation.resistance_mmhg_s_per_ml * flow
    stored, _ = lfilter([1 - kept], [1, -kept], target, zi=[kept * start_mmhg])
    return stored + circulation.impedance_mmhg_s_per_ml * flow


def pulse_at_finger(pressure: np.ndarray, sampling_rate: float, finger: Finger) -> np.ndarray:
    """Return the pulse wave of a pulse oximeter (NU): the pressure delayed, smoothed, and without its mean.

    Parameters
    ----------
    pressure : float array, shape = (n_samples,)
        mmHg, at the wrist.
    sampling_rate : float
        Hz.
    finger : Finger

    Returns
    -------
    float64 array, shape = (n_samples,)
    """
    delay = round(finger.delay_s * sampling_rate)
    arriving = np.concatenate([np.full(delay, pressure[0]), pressure[: len(pressure) - delay]])
    rounded = _low_pass(arriving, finger.smoothing_s, sampling_rate)
    return finger.per_mmhg * (rounded - _low_pass(rounded, finger.baseline_s, sampling_rate))


def _low_pass(signal: np.ndarray, time_constant_s: float, sampling_rate: float) -> np.ndarray:
    """Return the signal after a first-order low-pass filter."""
    kept = np.exp(-1 / (sampling_rate * time_constant_s))
    followed, _ = lfilter([1 - kept], [1, -kept], signal, zi=[kept * signal[0]])
    return followed
