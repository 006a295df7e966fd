"""The recipe of the bundle ``ecg-beat``, the default: six beat classes, one to three leads."""

from backend.models.network.lstm import Architecture
from backend.models.training.beats.beat_inputs import Augmentation
from backend.models.training.beats.beat_recipe import BEAT_NOT_FOR, BeatRecipe, beat_data
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.loop import Plan
from backend.models.training.recipe import CardText
from backend.windows.beats.beat_windows import BeatWindow
from backend.windows.signal.filtering import WIDE_BAND_HZ

__all__ = ["ECG_BEAT"]

_DATABASES = ("mitdb", "svdb", "ptbxl", "cpsc2018", "cinc2021")

_WINDOW = BeatWindow(before_s=0.5, after_s=0.4, sampling_rate=120.0, band_hz=WIDE_BAND_HZ, in_context=True)

ECG_BEAT = BeatRecipe(
    name="ecg-beat",
    text=CardText(
        title="Six beat classes, one to three leads",
        summary=(
            "The default model. An LSTM that classifies a beat as normal, LBBB, RBBB, atrial premature (any "
            "supraventricular premature beat), PVC or paced from 0.9 s of one to three leads, their difference from "
            "the patient's usual beat, and the rhythm. What it reads at a time step is known at that time. Trained on "
            "ambulatory (MIT-BIH, svdb) and resting (PTB-XL, CPSC 2018, CinC 2021) recordings."
        ),
        preprocessing=(
            "Lead by name: MLII or II first.",
            "R peaks by the detector of Hamilton 2002 (backend/windows/beats/hamilton.py), at the maximum or the "
            "minimum, depending on the polarity of the QRS complex.",
            "FIR band-pass 0.5 to 45 Hz (Hamming window of 1.8 s, forwards and backwards), then resampling to 120 Hz. "
            "The band-pass has no phase shift: it looks ahead by up to 1.8 s.",
            "Windows from 0.5 s before to 0.4 s after the R peak: 108 steps.",
            "One variable each for a limb lead (II first), a right precordial lead (V1 first) and a left precordial "
            "lead (V5 first), in units of the median QRS amplitude of the beats on time among the 60 preceding ones; a "
            "lead that the record lacks is zero. A second lead of unknown position takes the place of a precordial "
            "one.",
            "The difference of each lead from the patient's usual beat: the median of the same beats, step by step; "
            "zero with fewer than three. A beat is on time if its RR interval is at least 85% of the 65% quantile.",
            "Leads and differences compressed: arcsinh(8 a) / 3, so that P waves count.",
            "The rhythm: RR interval before the beat (absolute, relative to a typical, a long and a long-term "
            "interval, and relative to the usual change between intervals), two earlier intervals, the spread of the "
            "last 6 and 20 and the usual change of the last 40, constant over the window; the RR interval after the "
            "beat at the last three steps only.",
        ),
        not_for=BEAT_NOT_FOR,
        data=beat_data(_DATABASES),
    ),
    classes=("normal", "LBBB", "RBBB", "atrial premature", "PVC", "paced"),
    architecture=Architecture(
        variables=len(_WINDOW.variables), classes=6, hidden=64, steps_per_read=3, pooling="mean", dropout=0.4
    ),
    window=_WINDOW,
    plan=Plan(
        epochs=28,
        patience=28,
        batch=256,
        learning_rate=0.006,
        weight_decay=1e-5,
        decay=0.4,
        draw={
            "normal": 4800,
            CONDUCTED: 4300,
            "atrial premature": 1300,
            "PVC": 1500,
            "LBBB": 1700,
            "RBBB": 2000,
            "paced": 1000,
        },
        balanced_validation=True,
        label_smoothing=0.05,
        averaging=0.99,
        max_gradient=1.0,
        augmentation=Augmentation(),
    ),
    databases=_DATABASES,
    further_seeds=(1, 2),
    is_merged=True,
    explanation={"width_steps": 9, "stabiliser": 0.1},
)
