"""What the heart's beats do to the arteries: pressure in the wrist, and the pulse at the finger.

The arteries are a windkessel of three elements (Westerhof et al. 2009, sections 2 and 3): a compliance that is filled
with each beat and empties through the resistance of the small vessels, behind the impedance of the aorta. With the
flow Q out of the heart (mL/s), the pressure is

    P = Z Q + P_c,    C dP_c/dt = Q - (P_c - P_0) / R.

We depart from the paper in what the empty arteries are left with: not the veins' pressure but P_0, that at which the
small vessels close, since the pressure of patients whose ventricles fibrillate falls to 24.2 +- 5.3 mmHg with a time
constant of 2.9 +- 1.0 s (Schipke et al. 2003).

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

__all__ = ["Circulation", "Finger", "Strokes", "arterial_flow", "arterial_pressure", "pulse_at_finger", "strokes_of"]

_SHORTEST_EJECTION_S = 0.12
_VALVE_S = 0.05
_FALLS_BACK = 0.06


@dataclass(frozen=True)
class Circulation:
    """The arteries of one person, and how breathing sways them.

    Attributes
    ----------
    stroke_ml : float
        What a beat ejects after `full_rr_s`.
    compliance_ml_per_mmhg : float
    resistance_mmhg_s_per_ml : float
        With the compliance it makes the time constant with which the pressure falls: 2 s.
    impedance_mmhg_s_per_ml : float
        The aorta's, which makes the pressure peak while the heart ejects.
    closing_mmhg : float
        To which the pressure falls when the heart stands still.
    full_rr_s, filling_s, closed_s : float
        After the interval ``rr`` the ventricle holds ``1 - exp(-(rr - closed_s) / filling_s)`` of what it can, so that
        an early beat ejects little; a stroke of 1 is that after ``full_rr_s``.
    wrist_delay_s : float
        From the R peak to the foot of the pressure wave in the wrist: about 0.1 s until the valve opens and 0.08 s on
        the way.
    stroke_breathing : float
        Standard deviation of the stroke as breathing sways it, as a share of it.
    chest_mmhg : float
        The same of the pressure around heart and aorta.
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
        """Of the fall of the pressure while nothing is ejected."""
        return self.resistance_mmhg_s_per_ml * self.compliance_ml_per_mmhg

    @property
    def resting_mmhg(self) -> float:
        """Mean pressure at a full stroke every `full_rr_s`."""
        return self.closing_mmhg + self.resistance_mmhg_s_per_ml * self.stroke_ml / self.full_rr_s

    def filled(self, rr_s: np.ndarray) -> np.ndarray:
        """The share of a full stroke that a beat can eject after each interval (s)."""
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
        How much later than in the wrist the pulse arrives, and the monitor shows it.
    smoothing_s : float
        Time constant with which the finger's small vessels round the wave off.
    baseline_s : float
        Time constant of the monitor's filter that takes away what does not pulsate.
    per_mmhg : float
        NU for each mmHg; the scale has no unit.
    """

    delay_s: float = 0.10
    smoothing_s: float = 0.05
    baseline_s: float = 1.5
    per_mmhg: float = 0.025


@dataclass(frozen=True, eq=False)
class Strokes:
    """What the heart ejects: when each beat's wave arrives (s), how much it brings (mL), for how long (s)."""

    starts_s: np.ndarray
    volumes_ml: np.ndarray
    durations_s: np.ndarray


def strokes_of(beats_s: np.ndarray, strengths: np.ndarray, breathing: np.ndarray, circulation: Circulation) -> Strokes:
    """The strokes of a row of beats.

    A beat ejects for 413 ms less 1.7 ms for each beat a minute (Weissler et al. 1968), at least 120 ms.

    Parameters
    ----------
    beats_s : float array, shape = (n_beats,)
        R peaks.
    strengths : float array, shape = (n_beats,)
        What each beat ejects as a share of a sinus beat after the same interval: 0 is a beat without a pulse.
    breathing : float array, shape = (n_beats,)
        The breath at each beat, with unit deviation.
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
    """Flow into the arteries at evenly spaced times (mL/s): half a sine for each stroke.

    Then 6 % of the stroke falls back within 50 ms, until the valve is shut: the notch of the pressure wave.
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
    """The pressure that a flow makes (mmHg), by the exact solution for a flow that is even within each sample.

    Parameters
    ----------
    flow : float array, shape = (n_samples,)
        mL/s, from `arterial_flow`.
    sampling_rate : float
        Hz.
    start_mmhg : float
        Pressure in the compliance at first.
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
    """What a pulse oximeter shows of the pressure (NU, about 0): delayed, rounded off, and without its mean.

    Parameters
    ----------
    pressure : float array, shape = (n_samples,)
        mmHg, in the wrist.
    sampling_rate : float
        Hz.
    finger : Finger

    Returns
    -------
    float64 array, shape = (n_samples,)
    """
    delay = round(finger.delay_s * sampling_rate)
    arriving = np.concatenate([np.full(delay, pressure[0]), pressure[: len(pressure) - delay]])
    rounded = _followed(arriving, finger.smoothing_s, sampling_rate)
    return finger.per_mmhg * (rounded - _followed(rounded, finger.baseline_s, sampling_rate))


def _followed(signal: np.ndarray, time_constant_s: float, sampling_rate: float) -> np.ndarray:
    """The signal as something sluggish follows it."""
    kept = np.exp(-1 / (sampling_rate * time_constant_s))
    followed, _ = lfilter([1 - kept], [1, -kept], signal, zi=[kept * signal[0]])
    return followed
