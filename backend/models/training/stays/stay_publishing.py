"""From the stays of the challenge to the bundle icu-mortality with its card."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np

from backend.models.bundle import BUNDLES, Bundle, load_bundle, save_bundle
from backend.models.calibration.prefixes import fitted_prefixes
from backend.models.calibration.temperature import fitted_temperature
from backend.models.metrics.binary import event_1_threshold
from backend.models.metrics.stay_metrics import calibration_figures, figures_of_risk, hourly_figures
from backend.models.network.lstm import scored
from backend.models.out_of_distribution import Familiarity, fit_familiarity
from backend.models.scores import softmax, weighed
from backend.models.training.stays.labelled_stays import (
    FOLDS,
    LabelledStays,
    StayDeal,
    deal_stays,
    dealt_for_test,
    load_stays,
)
from backend.models.training.stays.stay_peers import fit_last_values
from backend.models.training.stays.stay_training import (
    MEMBERS,
    PLAN,
    TrainedStays,
    scores_by_hour,
    stay_values,
    targets_of,
    train_ensemble,
)
from backend.records.stays import OUTCOMES
from backend.windows.stay_windows import StayWindow

__all__ = ["NAME", "peer_figures", "publish_stays", "stay_test_figures", "train_stay_bundle"]

NAME = "icu-mortality"

_DEATH = OUTCOMES.index("death")
_CERTAIN_FROM = 0.65
"""Of the probabilities weighed by cost: below, a stay is so near to the threshold that its label says little."""

_TITLE = "Death in hospital, from the first 48 hours in intensive care"
_SUMMARY = (
    "An LSTM that tells the risk of death in hospital from what was charted in the first 48 hours in intensive care, "
    "after every hour. It is several small LSTMs made into one, trained on 6,393 stays of one hospital. It orders "
    "patients better than SAPS-I and a logistic regression, about as well as gradient boosting, and no better: about "
    "half of the stays that it calls end in survival, and it misses about half of the deaths. In the first hours it "
    "knows little."
)
_PREPROCESSING = (
    "A value that is impossible, and -1, is missing.",
    "An hour's value is the mean of what was charted in it, of urine the sum; the last hour holds 48:00 too.",
    "Logarithm of skewed values, then zero mean and unit deviation over the training stays, at most 5 deviations.",
    "Each parameter as four variables: its last hourly value (0, the mean, before the first), whether it was charted "
    "in this hour, how long ago it last was (logarithm, 1 for never), and the square of its distance from the mean.",
    "Age, sex, height, weight and the kind of unit stand beside them; what is not known is 0.",
)
_NOT_FOR = (
    "Diagnosis, treatment, triage, prognosis or the limits of care of any patient: it is a research tool and no "
    "medical device.",
    "Children, and stays shorter than 48 hours: the training stays lasted at least that long.",
    "Other hospitals and other years: all stays are of one hospital in Boston, 2001 to 2008, and what is charted, and "
    "how often, tells of its habits as much as of the patients.",
    "Causes: a variable that the risk hangs on need not be one that changing would help.",
)
_DATA = (
    "PhysioNet/Computing in Cardiology Challenge 2012, sets a and b (Silva et al. 2012, Computing in Cardiology "
    "39:245-248; Goldberger et al. 2000, Circulation 101(23):e215), ODC-By 1.0",
)
_EXPLANATION = {"width_steps": 3, "fill": "not measured", "variables": "each"}
_EARLIER_TRIALS = {
    "gradient boosting on first, last, least, greatest, mean and count of each variable": {
        "auroc": 0.849,
        "event_1": 0.516,
    },
    "logistic regression on last values": {"auroc": 0.832, "event_1": 0.491},
    "SAPS-I": {"auroc": 0.64},
}


def train_stay_bundle(data: Path, runs: Path, into: Path = BUNDLES) -> Bundle:
    """Train icu-mortality on the stays in ``data`` and write it with its card.

    It is trained twice: on all but the test stays, which is the bundle; and on set a alone, tested on all of set b,
    which is only for a figure that can be set beside those of others.

    Parameters
    ----------
    data : Path
        Holds ``challenge2012``.
    runs : Path
        Checkpoints go to ``runs/icu-mortality``; a run that was cut goes on where it was.
    into : Path
        The folder that gets the bundle's folder.

    Raises
    ------
    RecordRefused
        If the data are not there.
    """
    return publish_stays(load_stays(data), runs, into)


def publish_stays(stays: LabelledStays, runs: Path, into: Path) -> Bundle:
    """Train icu-mortality on stays that are read already; see `train_stay_bundle`."""
    deal = deal_stays(stays)
    trained = train_ensemble(deal, runs / NAME / "published")
    card = _card(deal, trained) | {"strict": _strict_figures(stays, runs / NAME / "strict")}
    familiarity = _familiarity(trained, deal)
    save_bundle(NAME, trained.network, familiarity, trained.window, card, into)
    tested = stay_test_figures(load_bundle(NAME, into), deal)
    save_bundle(NAME, trained.network, familiarity, trained.window, card | {"test": tested}, into)
    return load_bundle(NAME, into)


def stay_test_figures(bundle: Bundle, deal: StayDeal) -> dict[str, Any]:
    """The card's figures over the test stays, beside SAPS-I and a logistic regression on the same stays."""
    values = stay_values(deal.test, cast(StayWindow, bundle.window))
    by_hour = scores_by_hour(bundle.network, values)
    died, risk = deal.test.died, _risk(by_hour[:, -1], bundle.temperature)
    unlike = _unlike(bundle, values)
    is_certain = weighed(bundle, by_hour[:, -1]).max(axis=1) >= bundle.certain_from
    is_right = (risk >= bundle.card["death_called_from"]) == died
    return {
        **figures_of_risk(died, risk, bundle.card["death_called_from"]),
        "calibration": calibration_figures(died, risk),
        "by_hours": hourly_figures(died, _risk(_calibrated(bundle, by_hour), bundle.temperature)),
        "uncertain_share": _rounded(1 - is_certain.mean()),
        "accuracy_of_certain": _share(is_right[is_certain]),
        "accuracy_of_uncertain": _share(is_right[~is_certain]),
        "unlike_share": _rounded(unlike.mean()),
        "beside": peer_figures(deal),
    }


def peer_figures(deal: StayDeal) -> dict[str, Any]:
    """What SAPS-I and the logistic regression are worth on the test stays; their thresholds are of the training stays.

    A stay whose SAPS-I is not known counts as the median one.
    """
    training, test = deal.training, deal.test
    median = np.nanmedian(training.saps)
    saps = [np.where(np.isnan(stays.saps), median, stays.saps) for stays in (training, test)]
    known = fit_last_values(training.last, training.died)
    held_out = np.zeros(len(training))
    for fold in range(FOLDS):
        out = deal.folds == fold
        held_out[out] = fit_last_values(training.last[~out], training.died[~out]).risk(training.last[out])
    return {
        "SAPS-I": figures_of_risk(test.died, saps[1], event_1_threshold(training.died, saps[0])),
        "logistic regression on last values": figures_of_risk(
            test.died, known.risk(test.last), event_1_threshold(training.died, held_out)
        ),
    }


def _strict_figures(stays: LabelledStays, runs: Path) -> dict[str, Any]:
    """The same recipe trained on set a alone and tested on all of set b, beside what others had on that split."""
    deal = dealt_for_test(stays, stays.sets == "b")
    trained = train_ensemble(deal, runs)
    temperature = _temperature(deal, trained)
    threshold = event_1_threshold(deal.training.died, _risk(trained.held_out_scores[:, -1], temperature))
    risk = _risk(scores_by_hour(trained.network, stay_values(deal.test, trained.window))[:, -1], temperature)
    return {
        "what": "trained on set a (epochs, temperature and threshold chosen within it), tested on all of set b",
        **figures_of_risk(deal.test.died, risk, threshold),
        "calibration": calibration_figures(deal.test.died, risk),
        "beside": peer_figures(deal),
        "earlier_trials": _EARLIER_TRIALS,
    }


def _card(deal: StayDeal, trained: TrainedStays) -> dict[str, Any]:
    temperature = _temperature(deal, trained)
    prefixes = fitted_prefixes(trained.held_out_scores, deal.training.died, temperature)
    by_hour = _risk(prefixes.applied(trained.held_out_scores), temperature)
    threshold = round(event_1_threshold(deal.training.died, by_hour[:, -1]), 4)
    return {
        "title": _TITLE,
        "summary": _SUMMARY,
        "classes": list(OUTCOMES),
        "variables": list(trained.window.variables),
        "preprocessing": list(_PREPROCESSING),
        "not_for": list(_NOT_FOR),
        "temperature": temperature,
        "certain_from": _CERTAIN_FROM,
        "prefixes": asdict(prefixes),
        "weights": {"death": round((1 - threshold) / threshold, 4), "survival": 1.0},
        "death_called_from": threshold,
        "explanation": _EXPLANATION,
        "plan": asdict(PLAN) | {"folds": FOLDS, "members_for_each_fold": MEMBERS},
        "data": list(_DATA),
        "data_digest": _joined_digest(deal),
        "training": _described(deal.training) | {"best_epochs": list(trained.epochs)},
        "validation": {
            "what": "each training stay as told by the members of the ensemble that were not trained on it",
            **figures_of_risk(deal.training.died, by_hour[:, -1], threshold),
            "calibration": calibration_figures(deal.training.died, by_hour[:, -1]),
            "by_hours": hourly_figures(deal.training.died, by_hour),
        },
        "test_set": _described(deal.test),
    }


def _described(stays: LabelledStays) -> dict[str, Any]:
    return {
        "stays": {"death": int(stays.died.sum()), "survival": int((~stays.died).sum())},
        "patients": sorted(map(str, stays.names)),
    }


def _joined_digest(deal: StayDeal) -> str:
    return deal.training.joined(deal.test).digest


def _temperature(deal: StayDeal, trained: TrainedStays) -> float:
    return fitted_temperature(trained.held_out_scores[:, -1], targets_of(deal.training.died))


def _risk(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Probability of death, shape = (...), from class scores (..., 2)."""
    return softmax(scores, temperature)[..., _DEATH]


def _calibrated(bundle: Bundle, by_hour: np.ndarray) -> np.ndarray:
    """Scores after each hour (n, 48, 2) as the bundle tells them."""
    return by_hour if bundle.prefixes is None else bundle.prefixes.applied(by_hour)


def _familiarity(trained: TrainedStays, deal: StayDeal) -> Familiarity:
    """Fitted to all folds but one, which sets the limit; no stay is unknown to all members, but few weigh in."""
    values = stay_values(deal.training, trained.window)
    features = scored(trained.network, values)[1]
    labels = np.array(OUTCOMES)[targets_of(deal.training.died)]
    out = deal.folds == 0
    return fit_familiarity(values[~out], features[~out], labels[~out], 0, (values[out], features[out]))


def _unlike(bundle: Bundle, values: np.ndarray) -> np.ndarray:
    if bundle.familiarity is None:
        return np.zeros(len(values), dtype=bool)
    return bundle.familiarity.unlike(values, scored(bundle.network, values)[1])


def _share(chosen: np.ndarray) -> float | None:
    return _rounded(chosen.mean()) if chosen.size else None


def _rounded(value: float) -> float:
    return round(float(value), 4)
