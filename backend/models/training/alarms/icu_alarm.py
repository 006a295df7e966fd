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
            "Says of one of five bedside alarms (asystole, bradycardia, tachycardia, ventricular tachycardia, "
            "ventricular flutter or fibrillation) whether it is true, from 12 s of two ECG leads, arterial pressure, "
            "pulse and breathing, as far as they are there. It reads what beat detectors and simple measures find in "
            "each sensor, eight times a second, and the alarm's type. In doubt it calls an alarm true, since a missed "
            "one costs most. Trained on 468 of 601 alarms of one archive, so that most figures for a single type rest "
            "on fewer than a hundred alarms. Of ventricular flutter or fibrillation only five of 47 alarms were true: "
            "it tells them from false ones no better than the type alone does. A lead that falls off a patient whose "
            "pressure beats on is a false alarm that it may call true, in doubt (32 % on the simulated one)."
        ),
        preprocessing=(
            "Sensors by name: two ECG leads (II or another limb lead first), ABP, PLETH, RESP; one that is missing, "
            "or holds nothing but gaps and a flat line, is told as missing.",
            "Each cut to the 60 s before the alarm; nothing after the alarm is read.",
            "ECG: FIR band-pass 0.5 to 45 Hz, R peaks by the detector of Hamilton 2002; pressure and pulse: low-pass "
            "12 Hz, pulses by a slope sum function (Zong 2003).",
            "Eight times a second: seconds since the last beat, rate over 1, 4 and 12 intervals, how unlike the "
            "patient's usual beat, height and width of QRS or pulse, movement, fast noise, flatness, leakage and "
            "spectrum as in ventricular fibrillation, systolic, mean and pulse pressure; each over its usual "
            "deviation, or its logarithm.",
            "What the sensors tell together: the least and the greatest of their pauses and rates.",
            "Of each of these the greatest, the least and the mean since the window's first step.",
            "The alarm's type, one variable for each of the five.",
            "Windows of the 12 s before the alarm: 96 steps, 270 variables; a missing sensor's are zero.",
        ),
        not_for=(
            "Diagnosis, treatment, triage or monitoring of patients: it is a research tool and no medical device. It "
            "must silence no alarm.",
            "Alarms of other kinds, and from monitors of other makers, whose alarms sound by other rules: none were "
            "in the training data.",
            "Children and newborns, whose hearts beat faster than these rules suppose.",
            "A claim about ventricular flutter or fibrillation: too few true ones were there to learn from or to test "
            "on.",
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
