"""The recipe of the bundle ``icu-alarm``: true or false alarm."""

from backend.models.network.lstm import Architecture
from backend.models.training.alarms.alarm_inputs import AlarmAugmentation
from backend.models.training.alarms.alarm_recipe import AlarmRecipe
from backend.models.training.alarms.labelled_alarms import ALARM_CLASSES
from backend.models.training.loop import Plan
from backend.models.training.recipe import CardText
from backend.windows.alarms.alarm_windows import AlarmWindow

__all__ = ["ICU_ALARM"]

_WINDOW = AlarmWindow()

ICU_ALARM = AlarmRecipe(
    name="icu-alarm",
    text=CardText(
        title="True or false alarm, from the seconds before it",
        summary=(
            "Classifies one of five bedside alarms (asystole, bradycardia, tachycardia, ventricular tachycardia, "
            "ventricular flutter or fibrillation) as true or false from 12 s of two ECG leads, arterial pressure, "
            "plethysmogram and respiration, as far as they are recorded. It reads beat detections and simple features "
            "of each sensor, eight times a second, and the alarm's type. When in doubt it predicts a true alarm, "
            "since a missed one costs most. Trained on 468 of 601 alarms of one archive, so that most figures for a "
            "single type are from fewer than a hundred alarms. Only five of 47 alarms of ventricular flutter or "
            "fibrillation were true: for this type the model does not outperform a baseline that knows only the type. "
            "If a lead falls off a patient whose pressure continues, it may predict a true alarm, marked as uncertain "
            "(32% on the simulated one)."
        ),
        preprocessing=(
            "Sensors by name: two ECG leads (II or another limb lead first), ABP, PLETH, RESP; a sensor that is "
            "absent, or has only gaps and a flat line, is marked as missing.",
            "Each is cut to the 60 s before the alarm; nothing after the alarm is read.",
            "ECG: FIR band-pass 0.5 to 45 Hz, R peaks by the detector of Hamilton 2002; pressure and plethysmogram: "
            "low-pass 12 Hz, pulses by a slope sum function (Zong 2003).",
            "Eight times a second: seconds since the last beat, rate over 1, 4 and 12 intervals, dissimilarity to the "
            "patient's usual beat, height and width of the QRS complex or pulse, movement, high-frequency noise, "
            "flatness, leakage and spectrum as in ventricular fibrillation, systolic, mean and pulse pressure; each "
            "divided by its usual deviation, or as its logarithm.",
            "Features that combine the sensors: the minimum and the maximum of their pauses and rates.",
            "The maximum, the minimum and the mean of each feature since the first step of the window.",
            "The alarm's type, one variable for each of the five.",
            "Windows of the 12 s before the alarm: 96 steps, 270 variables; those of a missing sensor are zero.",
        ),
        not_for=(
            "Diagnosis, treatment, triage or monitoring of patients: it is a research tool, not a medical device. It "
            "must not silence any alarm.",
            "Alarms of other kinds, and from monitors of other makers, whose alarms follow other rules: the training "
            "data have none.",
            "Children and newborns, whose hearts beat faster than these rules assume.",
            "Conclusions about ventricular flutter or fibrillation: the true alarms are too few to learn from or to "
            "test on.",
            "What happens after the alarm, and events that began more than 12 s before it.",
        ),
        data=(
            "PhysioNet/Computing in Cardiology Challenge 2015, training set, 601 of 750 records, 60 s before each "
            "alarm (Clifford et al. 2015, Computing in Cardiology 42:273-276; Goldberger et al. 2000), ODC-By 1.0",
        ),
    ),
    window=_WINDOW,
    architecture=Architecture(
        variables=len(_WINDOW.variables), classes=len(ALARM_CLASSES), hidden=32, steps_per_read=8, dropout=0.3
    ),
    plan=Plan(
        epochs=40,
        patience=40,
        batch=32,
        learning_rate=0.002,
        weight_decay=0.001,
        label_smoothing=0.05,
        averaging=0.99,
        augmentation=AlarmAugmentation(),
        seed=2015,
    ),
    seeds_per_fold=1,
    certain_from=0.8,
    explanation={"width_steps": 8, "fill": "not measured", "variables": "each"},
)
