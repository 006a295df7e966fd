"""The recipe of the bundle ``ecg-beat-2018``: four beat classes, one lead, as published."""

from backend.models.network.lstm import Architecture
from backend.models.training.beats.beat_recipe import BEAT_NOT_FOR, BeatRecipe, beat_data
from backend.models.training.loop import Plan
from backend.models.training.recipe import CardText
from backend.windows.beats.beat_windows import BeatWindow

__all__ = ["ECG_BEAT_2018"]

_DATABASES = ("mitdb",)

ECG_BEAT_2018 = BeatRecipe(
    name="ecg-beat-2018",
    text=CardText(
        title="The published recipe of 2018: four beat classes, one lead",
        summary=(
            "The recipe of van der Westhuizen & Lasenby 2018, kept for comparison with their figures: an LSTM of 128 "
            "units that classifies a beat as normal, RBBB, PVC or paced from 0.6 s of one lead. It has no class for "
            "LBBB or atrial premature beats and is trained on few patients: prefer ecg-beat."
        ),
        preprocessing=(
            "Lead by name: MLII or II first.",
            "FIR band-pass 3 to 45 Hz (Hamming window of 0.3 s, forwards and backwards), then resampling to 360 Hz.",
            "R peaks by BioSPPy's Hamilton detector, each moved to the maximum within 0.05 s.",
            "Windows from 0.2 s before to 0.4 s after the R peak: 216 steps.",
            "Values remain in mV.",
        ),
        not_for=BEAT_NOT_FOR,
        data=beat_data(_DATABASES),
    ),
    classes=("normal", "RBBB", "PVC", "paced"),
    architecture=Architecture(variables=1, classes=4),
    window=BeatWindow(detector="biosppy"),
    plan=Plan(),
    databases=_DATABASES,
)
