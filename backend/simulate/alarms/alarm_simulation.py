"""Simulated alarms: the minute of ECG, arterial pressure and pulse before an alarm, from the same beats."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from backend.simulate.alarms.circulation import (
    Circulation,
    Finger,
    arterial_flow,
    arterial_pressure,
    compute_strokes,
    pulse_at_finger,
)
from backend.simulate.ecg.heart import SimulatedRecord, simulate
from backend.simulate.ecg.noise import LeadsOff, Noise, Shaking, with_leads_off, with_shaking
from backend.simulate.ecg.rhythm import Stretch

__all__ = ["ALARM_RATE_HZ", "CHANNELS", "AlarmPlan", "SimulatedAlarm", "simulate_alarm"]

ALARM_RATE_HZ = 250.0
"""The sampling rate of the PhysioNet challenge 2015."""

CHANNELS = (("II", "mV"), ("V", "mV"), ("ABP", "mmHg"), ("PLETH", "NU"))
"""Name and unit of each signal, as in the challenge."""

MONITORED = Noise(mains_mv=0.0)
"""The noise of a bedside monitor, whose filter removes mains noise."""

ALARM_S = 60.0
# Time for the arterial pressure to settle, and for the T wave of the last beat.
_LEAD_IN_S = 10.0
_LEAD_OUT_S = 1.0
_PRESSURE_NOISE_MMHG = 0.3
_PULSE_NOISE_NU = 0.006


@dataclass(frozen=True)
class AlarmPlan:
    """The plan of a simulated alarm.

    Attributes
    ----------
    name, description : str
    called_out : str
        The alarm as in the headers of the challenge: ``Asystole``, ``Ventricular_Tachycardia``, ...
    is_true : bool
    stretches : tuple of Stretch
        The rhythm of the minute before the alarm; their durations add up to 60 s.
    strengths : mapping of str to float
        Stroke volume by WFDB symbol, relative to a sinus beat after the same interval.
    disturbance : LeadsOff, Shaking or None
        Artifact of the ECG; times from the start of the minute.
    noise : Noise
    """

    name: str
    description: str
    called_out: str
    is_true: bool
    stretches: tuple[Stretch, ...]
    strengths: Mapping[str, float] = field(default_factory=dict)
    disturbance: LeadsOff | Shaking | None = None
    noise: Noise = MONITORED


@dataclass(frozen=True, eq=False)
class SimulatedAlarm:
    """The minute before an alarm, whose alarm time is the last sample, and its ground truth.

    Attributes
    ----------
    signals : float32 array, shape = (15000, 4)
        In the order and units of `CHANNELS`.
    r_peaks : int64 array, shape = (n_beats,)
        Every beat, visible in the ECG or not.
    labels : tuple of str, length n_beats
        WFDB symbols.
    """

    signals: np.ndarray
    r_peaks: np.ndarray
    labels: tuple[str, ...]


def simulate_alarm(plan: AlarmPlan, seed: int, circulation: Circulation | None = None) -> SimulatedAlarm:
    """Return the minute of a plan, of a person drawn from the seed.

    The ECG is that of `backend.simulate.ecg.heart`, pressure and pulse those of `backend.simulate.alarms.circulation`,
    with noise of 0.3 mmHg and 0.006 NU.

    Parameters
    ----------
    plan : AlarmPlan
    seed : int
        The same seed and plan give an identical minute.
    circulation : Circulation, optional
        By default that of an adult at rest.
    """
    first, last = plan.stretches[0], plan.stretches[-1]
    around = (
        Stretch(_LEAD_IN_S, first.rhythm, first.rate_per_min, irregularity=first.irregularity),
        *plan.stretches,
        Stretch(_LEAD_OUT_S, last.rhythm, last.rate_per_min, irregularity=last.irregularity),
    )
    heart = simulate(around, seed, sampling_rate=ALARM_RATE_HZ, noise=plan.noise)
    rng = np.random.default_rng([seed, 1])
    pressure, pulse = _circulating(heart, plan, circulation or Circulation(), rng)
    minute = slice(round(_LEAD_IN_S * ALARM_RATE_HZ), round((_LEAD_IN_S + ALARM_S) * ALARM_RATE_HZ))
    leads = _disturbed(heart.signals[minute], plan.disturbance, rng)
    own_peaks = heart.r_peaks - minute.start
    inside = np.flatnonzero((own_peaks >= 0) & (own_peaks < minute.stop - minute.start))
    return SimulatedAlarm(
        signals=np.column_stack([leads, pressure[minute], pulse[minute]]).astype(np.float32),
        r_peaks=own_peaks[inside],
        labels=tuple(heart.labels[index] for index in inside),
    )


def _circulating(
    heart: SimulatedRecord, plan: AlarmPlan, circulation: Circulation, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pressure at the wrist (mmHg) and the pulse at the finger (NU) of all beats."""
    times_s = np.arange(len(heart.signals)) / ALARM_RATE_HZ
    strengths = np.array([plan.strengths.get(label, 1.0) for label in heart.labels])
    strokes = compute_strokes(heart.r_peaks / ALARM_RATE_HZ, strengths, heart.breathing[heart.r_peaks], circulation)
    flow = arterial_flow(strokes, times_s)
    pressure = arterial_pressure(flow, ALARM_RATE_HZ, circulation.resting_mmhg, circulation)
    pulse = pulse_at_finger(pressure, ALARM_RATE_HZ, Finger())
    pressure = pressure + circulation.chest_mmhg * heart.breathing
    return (
        pressure + _PRESSURE_NOISE_MMHG * rng.standard_normal(len(pressure)),
        pulse + _PULSE_NOISE_NU * rng.standard_normal(len(pulse)),
    )


def _disturbed(leads: np.ndarray, disturbance: LeadsOff | Shaking | None, rng: np.random.Generator) -> np.ndarray:
    if isinstance(disturbance, LeadsOff):
        return with_leads_off(leads, disturbance, ALARM_RATE_HZ, rng)
    if isinstance(disturbance, Shaking):
        return with_shaking(leads, disturbance, ALARM_RATE_HZ, rng)
    return leads
