"""The simulated records that come with Beatlight, and what there is to see in each."""

from dataclasses import dataclass, field
from pathlib import Path

from backend.simulate.alarms.alarm_plans import ALARMS
from backend.simulate.alarms.alarm_simulation import simulate_alarm
from backend.simulate.ecg.heart import SimulatedRecord, simulate
from backend.simulate.ecg.noise import Gap, Noise
from backend.simulate.ecg.rhythm import Stretch
from backend.simulate.stays.stay_plans import STAYS
from backend.simulate.stays.stay_simulation import simulate_stay, write_stay
from backend.simulate.wfdb_files import write_alarm, write_record

__all__ = ["DEFAULT_SEED", "SAMPLES", "SamplePlan", "simulate_sample", "simulate_samples"]

DEFAULT_SEED = 2003

# Each sample is another person: a seed gives a hundred, ECGs from the first on, alarms and stays from these.
_PEOPLE = 100
_FIRST_ALARM = 40
_FIRST_STAY = 70


@dataclass(frozen=True)
class SamplePlan:
    """A simulated sample: its name, a line for the reader, and what goes into it."""

    name: str
    to_see: str
    stretches: tuple[Stretch, ...]
    noise: Noise = field(default_factory=Noise)
    gaps: tuple[Gap, ...] = ()
    paced_shape: str = "paced"


SAMPLES = (
    SamplePlan(
        "sim_normal",
        "Normal sinus rhythm whose rate breathes: every P, QRS and T where it should be.",
        (Stretch(120, rate_per_min=66, irregularity=0.045),),
    ),
    SamplePlan(
        "sim_atrial_premature",
        "Atrial premature beats alone, in pairs and in a run of six: early, another P wave, at times on the T before.",
        (
            Stretch(
                180,
                rate_per_min=72,
                irregularity=0.035,
                extra=dict.fromkeys((9.0, 17.0, 25.0, 33.0, 52.0, 96.0, 101.0, 118.0, 142.0, 163.0, 171.0), "A")
                | {42.0: "AA", 62.0: "A---A", 72.0: "AA", 82.0: "AAAAAA", 106.0: "AA", 126.0: "A--A--A--A"}
                | {150.0: "AAA"},
            ),
        ),
    ),
    SamplePlan(
        "sim_ventricular_premature",
        "Premature ventricular beats from two places: alone, in pairs, in a run, and between two sinus beats.",
        (
            Stretch(
                180,
                rate_per_min=64,
                irregularity=0.035,
                extra={
                    10.0: "V",
                    19.0: "V",
                    28.0: "W",
                    37.0: "VV",
                    48.0: "V",
                    57.0: "I",
                    66.0: "V",
                    76.0: "VVV",
                    90.0: "W",
                    99.0: "V",
                }
                | {108.0: "VW", 119.0: "V", 128.0: "I", 139.0: "V", 147.0: "WW", 158.0: "V", 168.0: "V"},
            ),
        ),
        Noise(muscle_mv=0.012),
    ),
    SamplePlan(
        "sim_bigeminy",
        "Ventricular bigeminy, then trigeminy, then a run of eight ventricular beats.",
        (
            Stretch(
                180,
                rate_per_min=76,
                irregularity=0.03,
                extra={15.0: "U-" * 16, 62.0: "U--" * 10, 110.0: "UUUUUUUU", 130.0: "U", 142.0: "U-" * 8, 168.0: "U"},
            ),
        ),
        Noise(breathing_mv=0.06),
    ),
    SamplePlan(
        "sim_left_bundle_branch_block",
        "Left bundle branch block: broad notched R in II, rS in V1, T against QRS; some ventricular premature beats.",
        (
            Stretch(
                180,
                rate_per_min=74,
                conduction="left block",
                irregularity=0.03,
                extra={25.0: "U", 58.0: "U", 92.0: "UU", 130.0: "U", 155.0: "U"},
            ),
        ),
    ),
    SamplePlan(
        "sim_right_bundle_branch_block",
        "Right bundle branch block: slurred S in II, rSR' in V1; some ventricular premature beats.",
        (
            Stretch(
                180,
                rate_per_min=68,
                conduction="right block",
                irregularity=0.035,
                extra={30.0: "V", 70.0: "V", 110.0: "VV", 148.0: "V"},
            ),
        ),
        Noise(wander_mv=0.05),
    ),
    SamplePlan(
        "sim_atrial_fibrillation",
        "Sinus rhythm turns into atrial fibrillation and back: irregular, no P waves, trembling baseline.",
        (
            Stretch(45, rate_per_min=70, irregularity=0.035, extra={20.0: "A", 31.0: "A", 41.0: "A"}),
            Stretch(105, "fibrillation", rate_per_min=92, irregularity=0.14, extra={18.0: "W", 47.0: "W", 81.0: "WW"}),
            Stretch(50, rate_per_min=68, irregularity=0.035, extra={20.0: "A", 31.0: "A", 42.0: "A"}),
        ),
        Noise(muscle_mv=0.008),
    ),
    SamplePlan(
        "sim_paced",
        "A ventricular pacemaker beside atria that beat on their own: spike, broad QRS, P waves that lead nowhere.",
        (Stretch(150, "paced", rate_per_min=70, extra={40.0: "W", 85.0: "W", 120.0: "W"}),),
    ),
    SamplePlan(
        "sim_paced_on_demand",
        "Atrial fibrillation whose long pauses a pacemaker in the apex ends: own beats and paced ones side by side.",
        (Stretch(180, "paced on demand", rate_per_min=72, irregularity=0.12),),
        paced_shape="paced apex",
    ),
    SamplePlan(
        "sim_dropouts",
        "A poor recording: signal missing, flat or cut off in places, one electrode loose, much muscle noise.",
        (
            Stretch(
                180,
                rate_per_min=78,
                irregularity=0.035,
                extra={18.0: "V", 47.0: "A", 68.0: "V", 90.0: "A", 112.0: "V", 125.0: "VV", 150.0: "A"},
            ),
        ),
        Noise(breathing_mv=0.08, wander_mv=0.10, muscle_mv=0.025, mains_mv=0.012),
        (
            Gap(30.0, 4.0, "missing"),
            Gap(60.0, 3.0, "flat"),
            Gap(80.0, 6.0, "flat", leads=(1,)),
            Gap(100.0, 5.0, "clipped"),
            Gap(140.0, 2.5, "missing"),
            Gap(142.5, 1.5, "flat"),
        ),
    ),
)


def simulate_sample(plan: SamplePlan, seed: int = DEFAULT_SEED) -> SimulatedRecord:
    """One of the samples, with all that is known of it; each plan is another simulated person."""
    position = [each.name for each in SAMPLES].index(plan.name)
    return simulate(
        plan.stretches,
        _PEOPLE * seed + position,
        noise=plan.noise,
        gaps=plan.gaps,
        paced_shape=plan.paced_shape,
    )


def simulate_samples(folder: Path, seed: int = DEFAULT_SEED) -> list[str]:
    """Write all simulated samples into a folder, making it if need be, and return their names.

    The files are the same to the byte whenever the seed is; `sample_records/simulated` holds those of the default seed.
    Each record's second comment line says what there is to see.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for plan in SAMPLES:
        write_record(simulate_sample(plan, seed), plan.name, (plan.to_see,), folder)
    for position, alarm in enumerate(ALARMS, start=_FIRST_ALARM):
        write_alarm(alarm, simulate_alarm(alarm, _PEOPLE * seed + position), folder)
    for position, stay in enumerate(STAYS, start=_FIRST_STAY):
        write_stay(stay, simulate_stay(stay, _PEOPLE * seed + position), folder)
    return [plan.name for plan in (*SAMPLES, *ALARMS, *STAYS)]
