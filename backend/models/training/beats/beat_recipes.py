"""The bundled models as recipes: what each is trained on, how, and what must not be done with it."""

from dataclasses import dataclass

from backend.models.network.lstm import Architecture
from backend.models.training.beats.beat_augmentation import Augmentation
from backend.models.training.loop import Plan
from backend.windows.beats.beat_windows import BeatWindow
from backend.windows.signal.filtering import WIDE_BAND_HZ

__all__ = ["RECIPES", "Recipe"]

_NOT_FOR = (
    "Diagnosis, treatment, triage or monitoring of patients: it is a research tool and no medical device.",
    "Beats of other kinds (fusion, escape, aberrated, junctional): each gets the nearest of the known names.",
    "Children, foetal ECG, and ECGs recorded with other than standard electrodes: none were in the training data.",
    "A claim about a patient from one beat, or about a population: the patients are few.",
)


@dataclass(frozen=True)
class Recipe:
    """How a bundle is made.

    Attributes
    ----------
    name, title, summary : str
        The summary says honestly what the model is, in a few sentences.
    classes : tuple of str
    architecture : Architecture
    window : BeatWindow
    plan : Plan
    databases : tuple of str
        Folders of the data: ``mitdb`` first; the records of the others train, and are dealt by patient too.
    preprocessing : tuple of str
        In words for the card.
    not_for : tuple of str
    further_seeds : tuple of int
        The published network is trained from these seeds too, and the one of the least validation loss is kept: with
        few validation patients the test of one start is partly chance.
    """

    name: str
    title: str
    summary: str
    classes: tuple[str, ...]
    architecture: Architecture
    window: BeatWindow
    plan: Plan
    databases: tuple[str, ...]
    preprocessing: tuple[str, ...]
    not_for: tuple[str, ...] = _NOT_FOR
    further_seeds: tuple[int, ...] = ()


_LEAD = "Lead by name: MLII or II first."
_CUT = "Windows from 0.2 s before to 0.4 s after the R peak: 216 steps."

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="ecg-beat",
            title="Six kinds of beat, one to three leads",
            summary=(
                "The default. An LSTM that names a beat normal, LBBB, RBBB, atrial premature, PVC or paced from 0.6 s "
                "of one to three leads and the RR intervals around it. Trained on ambulatory (MIT-BIH) and resting "
                "(PTB-XL, CPSC 2018) recordings. On patients that it does not know it names whole patients wrongly: it "
                "takes narrow beats with a tall R in V1 for RBBB, misses most atrial premature beats, nearly all of "
                "them in bundle branch block, and about half of the pacemakers in resting recordings, whose spikes are "
                "filtered away."
            ),
            classes=("normal", "LBBB", "RBBB", "atrial premature", "PVC", "paced"),
            architecture=Architecture(
                variables=8, classes=6, hidden=128, steps_per_read=3, pooling="mean", dropout=0.3
            ),
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
            further_seeds=(1, 2, 3, 4),
            databases=("mitdb", "ptbxl", "cpsc2018"),
            preprocessing=(
                _LEAD,
                "R peaks by a detector after Hamilton 2002 (backend/windows/beats/hamilton.py), up or down as QRS is.",
                "FIR band-pass 0.5 to 45 Hz (Hamming window of 1.8 s, forwards and backwards), then 360 Hz.",
                _CUT,
                "Each lead of a window is brought to zero mean and unit deviation.",
                "One variable each for a limb lead (II first), a right precordial lead (V1 first) and a left "
                "precordial lead (V5 first); a lead that the record lacks is zero.",
                "Measurements as constant variables: RR before and after (log2 of the ratio to the median of the 17 "
                "around), irregularity of the rhythm, QRS duration, whether there is a P wave (marks of find_waves).",
            ),
        ),
        Recipe(
            name="ecg-beat-2018",
            title="The published recipe of 2018: four kinds of beat, one lead",
            summary=(
                "The recipe of van der Westhuizen & Lasenby 2018, kept for comparison with their figures: an LSTM "
                "of 128 units that names a beat normal, RBBB, PVC or paced from 0.6 s of one lead. It does not know "
                "LBBB or atrial premature beats, and it knows few patients: prefer ecg-beat."
            ),
            classes=("normal", "RBBB", "PVC", "paced"),
            architecture=Architecture(variables=1, classes=4),
            window=BeatWindow(detector="biosppy"),
            plan=Plan(),
            databases=("mitdb",),
            preprocessing=(
                _LEAD,
                "FIR band-pass 3 to 45 Hz (Hamming window of 0.3 s, forwards and backwards), then 360 Hz.",
                "R peaks by BioSPPy's Hamilton detector, each moved to the highest point within 0.05 s.",
                _CUT,
                "Values stay in mV.",
            ),
        ),
    )
}
