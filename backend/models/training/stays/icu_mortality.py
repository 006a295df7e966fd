"""The recipe of the bundle ``icu-mortality``: death in hospital."""

from backend.models.training.loop import Plan
from backend.models.training.recipe import CardText
from backend.models.training.stays.stay_inputs import StayAugmentation
from backend.models.training.stays.stay_recipe import StayColumns, StayRecipe
from backend.records.stays import PARAMETERS, STATICS

__all__ = ["ICU_MORTALITY"]

_QUANTITIES = ("value", "measured", "hours since", "distance")
_MEASURED = tuple(name for name in PARAMETERS if name not in (*STATICS, "MechVent"))
_COLUMNS = StayColumns(
    columns=(
        *((parameter, quantity) for parameter in ("Age", "Height") for quantity in ("value", "distance")),
        ("Gender", "value"),
        *(("ICUType", f"is {code}") for code in PARAMETERS["ICUType"].choices),
        *(("Weight", quantity) for quantity in ("value", "measured", "distance")),
        *(("MechVent", quantity) for quantity in ("value", "measured", "hours since")),
        *((parameter, quantity) for parameter in _MEASURED for quantity in _QUANTITIES),
    ),
    logarithmic=(
        *("Urine", "BUN", "Creatinine", "Bilirubin", "ALT", "AST", "ALP", "Glucose", "WBC", "Platelets", "Lactate"),
        *("TroponinI", "TroponinT", "PaO2", "Cholesterol"),
    ),
    unscaled=("ICUType", "MechVent"),
)

ICU_MORTALITY = StayRecipe(
    name="icu-mortality",
    text=CardText(
        title="Death in hospital, from the first 48 hours in intensive care",
        summary=(
            "An LSTM that tells the risk of death in hospital from what was charted in the first 48 hours in "
            "intensive care, after every hour. It is several small LSTMs made into one, trained on 6,393 stays of one "
            "hospital. It orders patients better than SAPS-I and a logistic regression, about as well as gradient "
            "boosting, and no better: about half of the stays that it calls end in survival, and it misses about half "
            "of the deaths. In the first hours it knows little."
        ),
        preprocessing=(
            "A value that is impossible, and -1, is missing.",
            "An hour's value is the mean of what was charted in it, of urine the sum; the last hour holds 48:00 too.",
            "Logarithm of skewed values, then zero mean and unit deviation over the training stays, at most 5 "
            "deviations.",
            "Each parameter as four variables: its last hourly value (0, the mean, before the first), whether it was "
            "charted in this hour, how long ago it last was (logarithm, 1 for never), and the square of its distance "
            "from the mean.",
            "Age, sex, height, weight and the kind of unit stand beside them; what is not known is 0.",
        ),
        not_for=(
            "Diagnosis, treatment, triage, prognosis or the limits of care of any patient: it is a research tool and "
            "no medical device.",
            "Children, and stays shorter than 48 hours: the training stays lasted at least that long.",
            "Other hospitals and other years: all stays are of one hospital in Boston, 2001 to 2008, and what is "
            "charted, and how often, tells of its habits as much as of the patients.",
            "Causes: a variable that the risk hangs on need not be one that changing would help.",
        ),
        data=(
            "PhysioNet/Computing in Cardiology Challenge 2012, sets a and b (Silva et al. 2012, Computing in "
            "Cardiology 39:245-248; Goldberger et al. 2000, Circulation 101(23):e215), ODC-By 1.0",
        ),
    ),
    columns=_COLUMNS,
    hidden=48,
    dropout=0.4,
    plan=Plan(
        epochs=24,
        patience=6,
        batch=128,
        learning_rate=0.002,
        weight_decay=6e-4,
        averaging=0.995,
        replication=0.5,
        augmentation=StayAugmentation(),
        seed=2012,
    ),
    seeds_per_fold=1,
    certain_from=0.65,
    explanation={"width_steps": 3, "fill": "not measured", "variables": "each"},
)
