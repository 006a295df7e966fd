"""The simulated records of Beatlight and their descriptions."""

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

# Each sample is another person: a seed gives a hundred; ECGs use the first ones, alarms and stays those from here.
_PEOPLE = 100
_FIRST_ALARM = 40
_FIRST_STAY = 70


@dataclass(frozen=True)
class SamplePlan:
    """The plan of a simulated ECG."""

    name: str
    description: str
    stretches: tuple[Stretch, ...]
    noise: Noise = field(default_factory=Noise)
    gaps: tuple[Gap, ...] = ()
    paced_shape: str = "paced"


SAMPLES = (
    SamplePlan(
        "sim_normal",
        "Normal sinus rhythm with respiratory variation: every P, QRS and T in its normal position.",
        (Stretch(120, rate_per_min=66, irregularity=0.045),),
    ),
    SamplePlan(
        "sim_atrial_premature",
        "Atrial premature beats, isolated, in pairs and in a run of six: early, with another P wave, some on T.",
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
        "PVCs from two foci: isolated, in pairs, in a run, and interpolated between two sinus beats.",
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
        "Left bundle branch block: wide, notched R in II, rS in V1, discordant T; some PVCs.",
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
        "Right bundle branch block: slurred S in II, rSR' in V1; some PVCs.",
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
        "Sinus rhythm, atrial fibrillation and sinus rhythm again: irregular, no P waves, fibrillatory waves.",
        (
            Stretch(45, rate_per_min=70, irregularity=0.035, extra={20.0: "A", 31.0: "A", 41.0: "A"}),
            Stretch(105, "fibrillation", rate_per_min=92, irregularity=0.14, extra={18.0: "W", 47.0: "W", 81.0: "WW"}),
            Stretch(50, rate_per_min=68, irregularity=0.035, extra={20.0: "A", 31.0: "A", 42.0: "A"}),
        ),
        Noise(muscle_mv=0.008),
    ),
    SamplePlan(
        "sim_paced",
        "Ventricular pacing with dissociated atria: pacemaker spikes, wide QRS, P waves that are not conducted.",
        (Stretch(150, "paced", rate_per_min=70, extra={40.0: "W", 85.0: "W", 120.0: "W"}),),
    ),
    SamplePlan(
        "sim_paced_on_demand",
        "Atrial fibrillation with demand pacing from the apex: intrinsic beats, and paced beats after long pauses.",
        (Stretch(180, "paced on demand", rate_per_min=72, irregularity=0.12),),
        paced_shape="paced apex",
    ),
    SamplePlan(
        "sim_dropouts",
        "A poor recording: missing, flat and clipped segments, a loose electrode and strong muscle noise.",
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
    """Return one of the samples with its ground truth; each plan is another simulated person."""
    position = [each.name for each in SAMPLES].index(plan.name)
    return simulate(
        plan.stretches,
        _PEOPLE * seed + position,
        noise=plan.noise,
        gaps=plan.gaps,
        paced_shape=plan.paced_shape,
    )


def simulate_samples(folder: Path, seed: int = DEFAULT_SEED) -> list[str]:
    """Write all simulated samples into a folder, created if necessary, and return their names.

    The files are identical for the same seed; `sample_records/simulated` contains those of the default seed. The second
    comment line of each record is its description.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for plan in SAMPLES:
        write_record(simulate_sample(plan, seed), plan.name, (plan.description,), folder)
    for position, alarm in enumerate(ALARMS, start=_FIRST_ALARM):
        write_alarm(alarm, simulate_alarm(alarm, _PEOPLE * seed + position), folder)
    for position, stay in enumerate(STAYS, start=_FIRST_STAY):
        write_stay(stay, simulate_stay(stay, _PEOPLE * seed + position), folder)
    return [plan.name for plan in (*SAMPLES, *ALARMS, *STAYS)]
