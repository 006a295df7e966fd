"""Simulated ICU stays: planned courses, physiological variability, and charting schedules.

Each measured quantity follows a course (linear between the hours of a plan) with the variability of an
Ornstein-Uhlenbeck process with a memory of hours, and measurement error. Dependent quantities are computed: mean
pressure from systolic and diastolic, pH from bicarbonate and carbon dioxide (Henderson & Hasselbalch, with a pK of 6.1
and 0.0307 mmol/L per mmHg), saturation from PaO2 (Severinghaus 1979, equation 1), urine from its rate and the time
since the last entry. Schedules determine which quantities are charted together and how often.

The plans follow textbook cases, not patients; they have no outcome.

References
----------
Uhlenbeck GE, Ornstein LS. On the theory of the Brownian motion. Phys Rev 1930;36:823-841.
Severinghaus JW. Simple, accurate equations for human blood O2 dissociation computations. J Appl Physiol
1979;46:599-602.
Silva I et al. Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in Cardiology Challenge 2012.
Computing in Cardiology 2012;39:245-248 (the form of the files, and what is charted how often).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

__all__ = ["STAY_LABEL", "Charted", "Schedule", "StayPlan", "simulate_stay", "write_stay"]

STAY_LABEL = "Simulated by Beatlight from a stated model (courses, variability and charting schedules); not a patient."

N_MINUTES = 48 * 60 + 1
_MEASUREMENT_ERROR = 1 / 3
_MAX_DELAY_MIN = 12
_URINE_STEP_ML = 5
_URINE_SHAPE = 12.0

Course = tuple[tuple[float, float], ...]
"""Hours after admission and values; constant before the first and after the last."""

# Standard deviation about the course, memory in hours, charted decimals.
_VARIABILITY = {
    "HR": (4.0, 2.0, 0),
    "SysABP": (6.0, 1.5, 0),
    "DiasABP": (3.5, 1.5, 0),
    "RespRate": (2.0, 1.5, 0),
    "Temp": (0.15, 4.0, 1),
    "PaO2": (8.0, 3.0, 0),
    "PaCO2": (2.0, 4.0, 0),
    "HCO3": (0.6, 8.0, 0),
    "Lactate": (0.15, 6.0, 1),
    "BUN": (1.0, 12.0, 0),
    "Creatinine": (0.05, 12.0, 1),
    "Na": (1.0, 8.0, 0),
    "K": (0.15, 6.0, 1),
    "Mg": (0.1, 12.0, 1),
    "Glucose": (10.0, 4.0, 0),
    "HCT": (0.8, 8.0, 1),
    "WBC": (0.6, 12.0, 1),
    "Platelets": (8.0, 12.0, 0),
    "Albumin": (0.1, 24.0, 1),
    "Bilirubin": (0.1, 12.0, 1),
    "ALP": (4.0, 24.0, 0),
    "ALT": (3.0, 12.0, 0),
    "AST": (3.0, 12.0, 0),
    "TroponinT": (0.003, 12.0, 2),
}
_STEPWISE = {"GCS": 0, "FiO2": 2, "MechVent": 0}
_COMPUTED = {"MAP": 0, "NIMAP": 0, "pH": 2, "SaO2": 0}
_NON_INVASIVE = {"NISysABP": "SysABP", "NIDiasABP": "DiasABP"}


@dataclass(frozen=True)
class Schedule:
    """Quantities charted together, about every ``every_h`` hours from ``from_h`` to ``to_h``."""

    quantities: tuple[str, ...]
    every_h: float
    from_h: float = 0.5
    to_h: float = 48.0


@dataclass(frozen=True)
class StayPlan:
    """The plan of a simulated stay.

    Attributes
    ----------
    name, description : str
    admitted : mapping of str to float
        Values charted at 00:00 (``Age``, ``Gender``, ``Height``, ``ICUType``, ``Weight``); -1 is unknown.
    courses : mapping of str to Course
        The course of each quantity, for urine the rate in mL/h. ``GCS``, ``FiO2`` and ``MechVent`` change in steps.
    schedules : tuple of Schedule
    """

    name: str
    description: str
    admitted: Mapping[str, float]
    courses: Mapping[str, Course]
    schedules: tuple[Schedule, ...]


@dataclass(frozen=True)
class Charted:
    """One line of a chart."""

    minute: int
    quantity: str
    value: float


def simulate_stay(plan: StayPlan, seed: int) -> tuple[Charted, ...]:
    """Return the charted values in the 48 hours of a plan, in order of time; identical for the same seed and plan.

    Examples
    --------
    >>> plan = StayPlan("calm", "Calm.", {"Age": 50}, {"HR": ((0, 70),)}, (Schedule(("HR",), 4),))
    >>> [line.quantity for line in simulate_stay(plan, 1)][:2]
    ['Age', 'HR']
    """
    rng = np.random.default_rng(seed)
    body = {quantity: _true_course(quantity, course, rng) for quantity, course in sorted(plan.courses.items())}
    lines = [Charted(0, quantity, value) for quantity, value in plan.admitted.items()]
    for schedule in plan.schedules:
        last_minute = round(60 * schedule.from_h) - 60
        for minute in _rounds(schedule, rng):
            lines += [
                Charted(minute, quantity, _measured(quantity, body, minute, minute - last_minute, rng))
                for quantity in schedule.quantities
            ]
            last_minute = minute
    return tuple(sorted(lines, key=lambda line: (line.minute, line.quantity)))


def _true_course(quantity: str, course: Course, rng: np.random.Generator) -> np.ndarray:
    """Return the true value at each minute, shape = (N_MINUTES,)."""
    hours, values = np.array(course, dtype=float).T
    now_h = np.arange(N_MINUTES) / 60
    if quantity in _STEPWISE:
        return values[np.maximum(np.searchsorted(hours, now_h, side="right") - 1, 0)]
    along = np.interp(now_h, hours, values)
    if quantity not in _VARIABILITY:
        return along
    spread, memory_h, _ = _VARIABILITY[quantity]
    kept = np.exp(-1 / (60 * memory_h))
    steps = rng.normal(0, spread * np.sqrt(1 - kept**2), N_MINUTES)
    steps[0] = rng.normal(0, spread)
    return np.maximum(along + lfilter([1], [1, -kept], steps), 0.05 * along)


def _rounds(schedule: Schedule, rng: np.random.Generator) -> list[int]:
    """Return the minutes of a schedule, each up to 12 minutes late but before the next."""
    due_h = np.arange(schedule.from_h, schedule.to_h, schedule.every_h)
    late = rng.integers(0, min(_MAX_DELAY_MIN, round(30 * schedule.every_h)), len(due_h), endpoint=True)
    minutes = np.round(60 * due_h).astype(int) + late
    return [int(minute) for minute in minutes if minute < min(60 * schedule.to_h, N_MINUTES)]


def _measured(
    quantity: str, body: Mapping[str, np.ndarray], minute: int, minutes_since: int, rng: np.random.Generator
) -> float:
    if quantity == "Urine":
        ml = body["Urine"][minute] * minutes_since / 60 * rng.gamma(_URINE_SHAPE, 1 / _URINE_SHAPE)
        return float(_URINE_STEP_ML * round(ml / _URINE_STEP_ML))
    if quantity in _COMPUTED:
        return round(_computed(quantity, {name: float(own[minute]) for name, own in body.items()}), _COMPUTED[quantity])
    if quantity in _STEPWISE:
        return round(float(body[quantity][minute]), _STEPWISE[quantity])
    source = _NON_INVASIVE.get(quantity, quantity)
    spread, _, decimals = _VARIABILITY[source]
    true = float(body[source][minute])
    return round(max(true + rng.normal(0, _MEASUREMENT_ERROR * spread), 0.05 * true), decimals)


def _computed(quantity: str, now: Mapping[str, float]) -> float:
    """Return a quantity computed from others."""
    if quantity == "pH":
        return 6.1 + float(np.log10(now["HCO3"] / (0.0307 * now["PaCO2"])))
    if quantity == "SaO2":
        return 100 / (1 + 23400 / (now["PaO2"] ** 3 + 150 * now["PaO2"]))
    return now["DiasABP"] + (now["SysABP"] - now["DiasABP"]) / 3


def write_stay(plan: StayPlan, chart: tuple[Charted, ...], folder: Path) -> None:
    """Write ``name.txt`` in the three columns of the PhysioNet challenge 2012, after two comment lines.

    The first states that it is simulated, the second describes it.
    """
    rows = [f"{line.minute // 60:02}:{line.minute % 60:02},{line.quantity},{line.value:g}" for line in chart]
    lines = [f"# {STAY_LABEL}", f"# {plan.description}", "Time,Parameter,Value", *rows]
    (folder / f"{plan.name}.txt").write_bytes(("\n".join(lines) + "\n").encode())
