"""The simulated alarms of Beatlight, true or false by construction."""

from backend.simulate.alarms.alarm_simulation import AlarmPlan
from backend.simulate.ecg.noise import LeadsOff, Shaking
from backend.simulate.ecg.rhythm import Stretch

__all__ = ["ALARMS"]

ALARMS = (
    AlarmPlan(
        "sim_alarm_lead_off",
        "An electrode is disconnected 13 s before the alarm: both ECG leads are flat, pressure and pulse continue.",
        "Asystole",
        False,
        (Stretch(60, rate_per_min=78, irregularity=0.03),),
        disturbance=LeadsOff(47.0),
    ),
    AlarmPlan(
        "sim_alarm_asystole",
        "Bradycardia, then asystole 7 s before the alarm: the pulse stops and the pressure decays.",
        "Asystole",
        True,
        (
            Stretch(38, rate_per_min=70, irregularity=0.03),
            Stretch(15, rate_per_min=46, irregularity=0.05),
            Stretch(7, "standstill"),
        ),
    ),
    AlarmPlan(
        "sim_alarm_vt_pulse",
        "Ventricular tachycardia at 155 per minute for 11 s: every beat has a pulse, but a weak one.",
        "Ventricular_Tachycardia",
        True,
        (
            Stretch(49, rate_per_min=80, irregularity=0.03, extra={14.0: "V", 33.0: "V"}),
            Stretch(11, "ventricular tachycardia", rate_per_min=155, irregularity=0.02),
        ),
        strengths={"V": 0.45},
    ),
    AlarmPlan(
        "sim_alarm_vt_pulseless",
        "Ventricular tachycardia at 205 per minute for 11 s: no beat has a pulse, the pressure decays.",
        "Ventricular_Tachycardia",
        True,
        (
            Stretch(49, rate_per_min=84, irregularity=0.03, extra={21.0: "V", 40.0: "VV"}),
            Stretch(11, "ventricular tachycardia", rate_per_min=205, irregularity=0.02),
        ),
        strengths={"V": 0.05},
    ),
    AlarmPlan(
        "sim_alarm_shaken_lead",
        "Movement artifact: broad waves in lead V resemble tachycardia, lead II and the pulse do not.",
        "Ventricular_Tachycardia",
        False,
        (Stretch(60, rate_per_min=72, irregularity=0.035),),
        disturbance=Shaking(48.0, 12.0, rate_hz=3.2, height_mv=2.4, lead=1),
    ),
)
