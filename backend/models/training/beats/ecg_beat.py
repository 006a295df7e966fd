"""The recipe of the bundle ``ecg-beat``, the default: six beat classes, one to three leads."""

from backend.models.network.lstm import Architecture
from backend.models.training.beats.beat_inputs import Augmentation
from backend.models.training.beats.beat_recipe import BEAT_NOT_FOR, BeatRecipe, beat_data
from backend.models.training.loop import Plan
from backend.models.training.recipe import CardText
from backend.windows.beats.beat_windows import BeatWindow
from backend.windows.signal.filtering import WIDE_BAND_HZ

__all__ = ["ECG_BEAT"]

_DATABASES = ("mitdb", "ptbxl", "cpsc2018")

ECG_BEAT = BeatRecipe(
    name="ecg-beat",
    text=CardText(
        title="Six beat classes, one to three leads",
        summary=(
            "The default model. An LSTM that classifies a beat as normal, LBBB, RBBB, atrial premature, PVC or paced "
            "from 0.6 s of one to three leads and the RR intervals around it. Trained on ambulatory (MIT-BIH) and "
            "resting (PTB-XL, CPSC 2018) recordings. In new patients, its errors affect whole patients: it classifies "
            "narrow beats with a tall R wave in V1 as RBBB, misses most atrial premature beats, nearly all of them in "
            "bundle branch block, and misses about half of the pacemakers in resting recordings, whose spikes the "
            "filter removes."
        ),
        preprocessing=(
            "Lead by name: MLII or II first.",
            "R peaks by the detector of Hamilton 2002 (backend/windows/beats/hamilton.py), at the maximum or the "
            "minimum, depending on the polarity of the QRS complex.",
            "FIR band-pass 0.5 to 45 Hz (Hamming window of 1.8 s, forwards and backwards), then resampling to 360 Hz.",
            "Windows from 0.2 s before to 0.4 s after the R peak: 216 steps.",
            "Each lead of a window is standardised to zero mean and unit standard deviation.",
            "One variable each for a limb lead (II first), a right precordial lead (V1 first) and a left precordial "
            "lead (V5 first); a lead that the record lacks is zero.",
            "Measurements as constant variables: previous and next RR interval (log2 of the ratio to the median of "
            "the surrounding 17), irregularity of the rhythm, QRS duration, presence of a P wave (see find_waves).",
        ),
        not_for=BEAT_NOT_FOR,
        data=beat_data(_DATABASES),
    ),
    classes=("normal", "LBBB", "RBBB", "atrial premature", "PVC", "paced"),
    architecture=Architecture(variables=8, classes=6, hidden=128, steps_per_read=3, pooling="mean", dropout=0.3),
    window=BeatWindow(band_hz=WIDE_BAND_HZ, several_leads=True, measurements=True, standardised=True),
    plan=Plan(
        epochs=40,
        patience=20,
        batch=128,
        weight_decay=1e-4,
        beats_per_patient_and_class=60,
        balanced_validation=True,
        label_smoothing=0.05,
        averaging=0.998,
        augmentation=Augmentation(),
    ),
    databases=_DATABASES,
    further_seeds=(1, 2, 3, 4),
)
