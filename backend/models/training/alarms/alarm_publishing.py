"""From labelled alarms to a published bundle: dealt by record, trained, checked and written with its card."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from backend.models.bundle import BUNDLES, Bundle, load_bundle, save_bundle
from backend.models.calibration.temperature import fitted_temperature
from backend.models.metrics.alarm_metrics import TypeRule, alarm_figures, best_threshold
from backend.models.network.ensemble import merged
from backend.models.network.lstm import ScoringLSTM, scored
from backend.models.out_of_distribution import Familiarity, fit_familiarity
from backend.models.scores import softmax, weighed
from backend.models.thresholds import named_from
from backend.models.training.alarms import alarm_recipe as recipe
from backend.models.training.alarms.alarm_patients import kept_together
from backend.models.training.alarms.labelled_alarms import (
    ALARM_CLASSES,
    CATALOGUED,
    AlarmExamples,
    LabelledAlarms,
    load_alarms,
)
from backend.models.training.loop import train_network
from backend.records.alarms import ALARM_KINDS
from backend.windows.alarms.alarm_windows import STRANGE

__all__ = [
    "FOLDS",
    "TEST_FOLD",
    "Committee",
    "alarm_folds",
    "held_out_alarm_figures",
    "train_alarm_bundle",
    "train_committee",
]

FOLDS = 5
TEST_FOLD = 0
"""The fold that the published bundle is not trained on."""

_FAMILIAR_SHARE = 0.995
_SPLIT_SEED = 2015
_TRUE = ALARM_CLASSES.index("true alarm")


@dataclass(frozen=True, eq=False)
class Committee:
    """Networks that were each trained without another part of the alarms, and what was chosen on those parts.

    Attributes
    ----------
    network : ScoringLSTM
        All members as one (Krogh & Vedelsby 1995).
    members : tuple of ScoringLSTM
    left_out : tuple of int array
        For each member the places of the alarms that it was not trained on.
    temperature, threshold : float
        Fitted to the scores of the alarms by the members that were not trained on them.
    familiarity : Familiarity
    best_epochs : tuple of int
    validation_losses : tuple of float
    """

    network: ScoringLSTM
    members: tuple[ScoringLSTM, ...]
    left_out: tuple[np.ndarray, ...]
    temperature: float
    threshold: float
    familiarity: Familiarity
    best_epochs: tuple[int, ...]
    validation_losses: tuple[float, ...]

    def risk(self, values: np.ndarray) -> np.ndarray:
        """Calibrated probability of a true alarm of windows (n, T, D), shape = (n,)."""
        return softmax(scored(self.network, values)[0], self.temperature)[:, _TRUE]


def alarm_folds(alarms: LabelledAlarms) -> np.ndarray:
    """The fold of each alarm, int64, shape = (n,): every kind and label is spread as evenly as it goes.

    The records that stand in the catalogue of samples are all in TEST_FOLD, and records of one patient, as far as that
    can be told, in one fold.
    """
    rng = np.random.default_rng(_SPLIT_SEED)
    folds = np.zeros(len(alarms), dtype=np.int64)
    is_catalogued = np.isin(alarms.records, CATALOGUED)
    for kind in range(len(ALARM_KINDS)):
        for is_true in (True, False):
            own = rng.permutation(np.flatnonzero((alarms.kinds == kind) & (alarms.is_true == is_true)))
            own = own[np.argsort(~is_catalogued[own], kind="stable")]
            folds[own] = np.arange(len(own)) * FOLDS // max(len(own), 1)
    return kept_together(alarms.records, folds, is_catalogued)


def train_alarm_bundle(data: Path, runs: Path, into: Path = BUNDLES) -> Bundle:
    """Train ``icu-alarm`` from the database in ``data`` and write it with its card.

    Checkpoints go to ``runs/icu-alarm``; a run that was cut goes on where it was. The committee of the first fold is
    the one that is published, the others check how much the figures depend on the split.

    Raises
    ------
    RecordRefused
        If the database is not there.
    """
    alarms = load_alarms(data, recipe.WINDOW)
    folds = alarm_folds(alarms)
    with tqdm(total=FOLDS * (FOLDS - 1) * recipe.SEEDS, desc=recipe.ALARM_BUNDLE, unit="network") as bar:
        committees = [
            train_committee(
                alarms.only(folds != fold), folds[folds != fold], runs / recipe.ALARM_BUNDLE, f"fold{fold}", bar
            )
            for fold in range(FOLDS)
        ]
    published = committees[TEST_FOLD]
    card = _card(alarms, folds, published) | {"cross_validation": _cross_validation(alarms, folds, committees)}
    save_bundle(recipe.ALARM_BUNDLE, published.network, published.familiarity, recipe.WINDOW, card, into)
    bundle = load_bundle(recipe.ALARM_BUNDLE, into)
    card["test"] = held_out_alarm_figures(bundle, alarms.only(folds == TEST_FOLD), alarms.only(folds != TEST_FOLD))
    save_bundle(recipe.ALARM_BUNDLE, published.network, published.familiarity, recipe.WINDOW, card, into)
    return load_bundle(recipe.ALARM_BUNDLE, into)


def train_committee(alarms: LabelledAlarms, folds: np.ndarray, runs: Path, name: str, bar: tqdm) -> Committee:
    """Train the members on alarms of several folds, each without one of them, which chooses its epoch.

    Parameters
    ----------
    folds : int array, shape = (n,)
        The fold of each alarm.
    runs : Path
        Folder of checkpoints, named after ``name``, fold and seed.
    """
    values, targets = alarms.values(), alarms.targets
    members, left_out, epochs, losses = [], [], [], []
    unseen = np.zeros((len(alarms), len(ALARM_CLASSES)), dtype=np.float32)
    for fold in np.unique(folds):
        own = np.flatnonzero(folds == fold)
        for seed in range(recipe.SEEDS):
            network, history = train_network(
                AlarmExamples(alarms.only(folds != fold), recipe.PLAN.augmentation),
                (values[own], targets[own]),
                recipe.ARCHITECTURE,
                replace(recipe.PLAN, seed=recipe.PLAN.seed + 10 * int(fold) + seed),
                runs / f"{name}-without{fold}-seed{seed}.pt",
            )
            bar.update()
            unseen[own] += scored(network, values[own])[0] / recipe.SEEDS
            members.append(network)
            left_out.append(own)
            epochs.append(history.best_epoch)
            losses.append(round(min(history.validation), 4))
    temperature = fitted_temperature(unseen, targets)
    network = merged(members)
    return Committee(
        network=network,
        members=tuple(members),
        left_out=tuple(left_out),
        temperature=temperature,
        threshold=best_threshold(alarms.is_true, softmax(unseen, temperature)[:, _TRUE]),
        familiarity=_familiarity(network, members, left_out, values, targets),
        best_epochs=tuple(epochs),
        validation_losses=tuple(losses),
    )


def _familiarity(
    network: ScoringLSTM,
    members: Sequence[ScoringLSTM],
    left_out: Sequence[np.ndarray],
    values: np.ndarray,
    targets: np.ndarray,
) -> Familiarity:
    """Fitted to all alarms, its limit wider by as much as alarms lie further off in networks not trained on them.

    White noise in every sensor lies no further off in the features than the noise of some alarms; what it has of its
    own is that no beat resembles another, in any sensor.
    """
    ratios = []
    for member, own in zip(members, left_out, strict=True):
        features = scored(member, values)[1]
        is_own = np.isin(np.arange(len(values)), own)
        known = (values[~is_own], features[~is_own])
        of_known = fit_familiarity(*known, targets[~is_own], 0, known)
        of_unseen = fit_familiarity(*known, targets[~is_own], 0, (values[is_own], features[is_own]))
        ratios.append(of_unseen.most_distance / of_known.most_distance)
    features = scored(network, values)[1]
    fitted = fit_familiarity(values, features, targets, 0, (values, features))
    telling = recipe.WINDOW.variables.index(STRANGE)
    return replace(
        fitted,
        most_distance=fitted.most_distance * float(np.mean(ratios)),
        telling=(telling,),
        most_told=float(np.quantile(values[:, -1, telling], _FAMILIAR_SHARE)),
    )


def _cross_validation(alarms: LabelledAlarms, folds: np.ndarray, committees: Sequence[Committee]) -> dict[str, Any]:
    """Figures of each fold by the committee that knows nothing of it, and of all folds together."""
    risk, by_type = np.zeros(len(alarms)), np.zeros(len(alarms))
    called = np.zeros(len(alarms), dtype=bool)
    rows = []
    for fold, committee in enumerate(committees):
        own = folds == fold
        rule = TypeRule.learnt(alarms.kinds[~own], alarms.is_true[~own])
        risk[own] = committee.risk(alarms.only(own).values())
        called[own] = risk[own] >= committee.threshold
        by_type[own] = rule.risk(alarms.kinds[own])
        figures = alarm_figures(alarms.is_true[own], risk[own], called[own], by_type[own], alarms.kinds[own])
        kept = ("alarms", "true_alarms", "auc", "accuracy", "majority_class_share", "challenge_score")
        rows.append({name: figures[name] for name in kept} | {"named_true_from": round(committee.threshold, 3)})
    return {"folds": rows, "all": alarm_figures(alarms.is_true, risk, called, by_type, alarms.kinds)}


def held_out_alarm_figures(bundle: Bundle, test: LabelledAlarms, training: LabelledAlarms) -> dict[str, Any]:
    """The card's figures over the test alarms, and how certain and how familiar the bundle finds them.

    Parameters
    ----------
    training : LabelledAlarms
        What the rule that knows the alarm's type alone is learnt from.
    """
    values = test.values()
    scores, features = scored(bundle.network, values)
    risk = softmax(scores, bundle.temperature)[:, _TRUE]
    called = risk >= named_from(bundle, ALARM_CLASSES[_TRUE])
    rule = TypeRule.learnt(training.kinds, training.is_true)
    found = alarm_figures(test.is_true, risk, called, rule.risk(test.kinds), test.kinds)
    sure = weighed(bundle, scores).max(axis=1) >= bundle.certain_from
    right = called == test.is_true
    certainty = {
        "uncertain_share": 1.0 - float(sure.mean()),
        "accuracy_of_certain": float(right[sure].mean()) if sure.any() else 1.0,
        "accuracy_of_uncertain": float(right[~sure].mean()) if not sure.all() else 1.0,
    }
    if bundle.familiarity is not None:
        certainty["unlike_share"] = float(bundle.familiarity.unlike(values, features).mean())
    return found | {name: round(value, 4) for name, value in certainty.items()}


def _card(alarms: LabelledAlarms, folds: np.ndarray, published: Committee) -> dict[str, Any]:
    in_test = folds == TEST_FOLD
    training = alarms.only(~in_test)
    odds = (1.0 - published.threshold) / published.threshold
    return {
        "title": recipe.TITLE,
        "summary": recipe.SUMMARY,
        "classes": list(ALARM_CLASSES),
        "variables": list(recipe.WINDOW.variables),
        "preprocessing": list(recipe.PREPROCESSING),
        "not_for": list(recipe.NOT_FOR),
        "temperature": published.temperature,
        "certain_from": recipe.CERTAIN_FROM,
        "weights": {"true alarm": round(odds, 4), "false alarm": 1.0},
        "explanation": dict(recipe.EXPLANATION),
        "plan": asdict(recipe.PLAN) | {"members": len(published.members), "member_units": recipe.ARCHITECTURE.hidden},
        "data": list(recipe.DATA),
        "data_digest": alarms.digest,
        "training": _set_described(training)
        | {"best_epochs": list(published.best_epochs), "validation_losses": list(published.validation_losses)},
        "validation": {
            "how": "Every member is trained without one of these parts of the training records; it chooses the "
            "member's epoch. Temperature and weights are fitted to all of them, each alarm scored by the members that "
            "were not trained on it. Records of one patient, as far as the signals tell, are in one part, or all in "
            "the test set.",
            "parts": [sorted(training.records[own].tolist()) for own in published.left_out[:: recipe.SEEDS]],
        },
        "test_set": _set_described(alarms.only(in_test)),
    }


def _set_described(alarms: LabelledAlarms) -> dict[str, Any]:
    counts = {
        kind: {
            "true alarm": int((alarms.is_true & (alarms.kinds == place)).sum()),
            "false alarm": int((~alarms.is_true & (alarms.kinds == place)).sum()),
        }
        for place, kind in enumerate(ALARM_KINDS)
    }
    return {"alarms": counts, "records": sorted(alarms.records.tolist())}
