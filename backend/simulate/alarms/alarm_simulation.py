"""Simulated alarms: a minute of ECG, arterial pressure and pulse, all of the same beats, that ends in an alarm."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from backend.simulate.alarms.circulation import (
    Circulation,
    Finger,
    arterial_flow,
    arterial_pressure,
    pulse_at_finger,
    strokes_of,
)
from backend.simulate.ecg.heart import SimulatedRecord, simulate
from backend.simulate.ecg.noise import LeadsOff, Noise, Shaking, with_leads_off, with_shaking
from backend.simulate.ecg.rhythm import Stretch

__all__ = ["ALARM_RATE_HZ", "CHANNELS", "AlarmPlan", "SimulatedAlarm", "simulate_alarm"]

ALARM_RATE_HZ = 250.0
"""The sampling rate of the PhysioNet challenge 2015."""

CHANNELS = (("II", "mV"), ("V", "mV"), ("ABP", "mmHg"), ("PLETH", "NU"))
"""Name and unit of each signal, as the challenge writes them."""

MONITORED = Noise(mains_mv=0.0)
"""What a bedside monitor leaves of the disturbances: its filter takes the mains' hum away."""

ALARM_S = 60.0
# The arteries have filled by then, and beats in the last half second need room for their T wave.
_LEAD_IN_S = 10.0
_LEAD_OUT_S = 1.0
_PRESSURE_NOISE_MMHG = 0.3
_PULSE_NOISE_NU = 0.006


@dataclass(frozen=True)
class AlarmPlan:
    """A simulated alarm: its name, a line for the reader, and what goes into it.

    Attributes
    ----------
    name, to_see : str
    called_out : str
        The alarm as the challenge's headers write it: ``Asystole``, ``Ventricular_Tachycardia``, ...
    is_true : bool
    stretches : tuple of Stretch
        The rhythm of the minute before the alarm; their durations add up to 60 s.
    strengths : mapping of str to float
        What a beat of a WFDB symbol ejects, as a share of a sinus beat after the same interval.
    disturbance : LeadsOff, Shaking or None
        What the ECG suffers; times count from the start of the minute.
    noise : Noise
    """

    name: str
    to_see: str
    called_out: str
    is_true: bool
    stretches: tuple[Stretch, ...]
    strengths: Mapping[str, float] = field(default_factory=dict)
    disturbance: LeadsOff | Shaking | None = None
    noise: Noise = MONITORED


@dataclass(frozen=True, eq=False)
class SimulatedAlarm:
    """The minute before an alarm, which sounds at the last sample, and what is true of it.

    Attributes
    ----------
    signals : float32 array, shape = (15000, 4)
        In the order and the units of `CHANNELS`.
    r_peaks : int64 array, shape = (n_beats,)
        Every beat of the heart, seen in the ECG or not.
    labels : tuple of str, length n_beats
        WFDB symbols.
    """

    signals: np.ndarray
    r_peaks: np.ndarray
    labels: tuple[str, ...]


def simulate_alarm(plan: AlarmPlan, seed: int, circulation: Circulation | None = None) -> SimulatedAlarm:
    """The minute of a plan, of a person drawn from the seed.

    ECG from `backend.simulate.ecg.heart`, pressure and pulse from `backend.simulate.alarms.circulation`: what the
    monitor adds to the pressure is 0.3 mmHg of noise, to the pulse 0.006 NU.

    Parameters
    ----------
    plan : AlarmPlan
    seed : int
        The same seed and plan give the same minute, to the last bit.
    circulation : Circulation, optional
        An adult's at rest unless given.
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
    """Pressure in the wrist (mmHg) and pulse at the finger (NU) of all beats."""
    times_s = np.arange(len(heart.signals)) / ALARM_RATE_HZ
    strengths = np.array([plan.strengths.get(label, 1.0) for label in heart.labels])
    strokes = strokes_of(heart.r_peaks / ALARM_RATE_HZ, strengths, heart.breathing[heart.r_peaks], circulation)
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
