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
            "An LSTM that predicts the risk of death in hospital, after every hour, from what was charted in the "
            "first 48 hours in intensive care. It is several small LSTMs merged into one, trained on 6,393 stays of "
            "one hospital. It discriminates better than SAPS-I and a logistic regression, about as well as gradient "
            "boosting, and no better: about half of the stays that it classifies as death end in survival, and it "
            "misses about half of the deaths. Its predictions in the first hours are weak."
        ),
        preprocessing=(
            "An impossible value, and -1, count as missing.",
            "The value of an hour is the mean of what was charted in it, for urine the sum; the last hour includes "
            "48:00.",
            "Logarithm of skewed values, then zero mean and unit standard deviation over the training stays, limited "
            "to 5 standard deviations.",
            "Each parameter as four variables: its last hourly value (0, the mean, before the first), whether it was "
            "charted in this hour, the time since it was last charted (logarithm, 1 for never), and the square of its "
            "distance from the mean.",
            "Age, sex, height, weight and the ICU type are further variables; an unknown value is 0.",
        ),
        not_for=(
            "Diagnosis, treatment, triage, prognosis or limitation of the care of any patient: it is a research tool, "
            "not a medical device.",
            "Children, and stays shorter than 48 hours: the training stays lasted at least that long.",
            "Other hospitals and other years: all stays are from one hospital in Boston, 2001 to 2008, and what is "
            "charted, and how often, reflects its habits as much as the patients.",
            "Causal conclusions: changing a variable that affects the predicted risk need not change the outcome.",
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
