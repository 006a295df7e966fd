"""The recipe of the alarm models."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from backend.models.bundle import Bundle
from backend.models.calibration.temperature import fit_temperature
from backend.models.metrics.alarm_metrics import optimal_threshold
from backend.models.network.lstm import Architecture, ScoringLSTM, score_with_features
from backend.models.out_of_distribution import OODDetector, fit_ood_detector
from backend.models.scores import softmax
from backend.models.training.alarms.alarm_evaluation import (
    TRUE_ALARM,
    AlarmCommittee,
    cross_validate,
    evaluate_test_set,
)
from backend.models.training.alarms.alarm_inputs import alarm_examples, compose_inputs
from backend.models.training.alarms.alarm_patients import keep_patients_together
from backend.models.training.alarms.labelled_alarms import ALARM_CLASSES, CATALOGUED, LabelledAlarms, load_alarms
from backend.models.training.committee import Committee, Member, train_committee
from backend.models.training.loop import Plan
from backend.models.training.recipe import CardText, Trained
from backend.records.alarms import ALARM_KINDS
from backend.windows.alarms.alarm_windows import MEAN_LOWEST_DISSIMILARITY, AlarmWindow

__all__ = ["FOLDS", "TEST_FOLD", "AlarmRecipe", "AlarmSplit", "TrainedAlarms", "assign_folds"]

FOLDS = 5
TEST_FOLD = 0
"""The fold that the published bundle is not trained on."""

_IN_DISTRIBUTION_SHARE = 0.995
_SPLIT_SEED = 2015
_VALIDATION = (
    "Each member is trained without one of these parts of the training records, which chooses its epoch. Temperature "
    "and weights are fitted to all of them, each alarm scored by the members that were not trained on it. Records of "
    "one patient, as far as the signals show, are in one part, or all in the test set."
)


@dataclass(frozen=True, eq=False)
class AlarmSplit:
    """All alarms and the fold of each, int64, shape = (n,); TEST_FOLD is the test set of the published bundle."""

    alarms: LabelledAlarms
    folds: np.ndarray

    @property
    def test(self) -> LabelledAlarms:
        """The alarms of TEST_FOLD."""
        return self.alarms.select(self.folds == TEST_FOLD)

    @property
    def training(self) -> LabelledAlarms:
        """The alarms of the other folds."""
        return self.alarms.select(self.folds != TEST_FOLD)


@dataclass(frozen=True, eq=False)
class TrainedAlarms(Trained):
    """A trained alarm model: the published committee and the figures of the cross-validation."""

    published: AlarmCommittee
    cross_validation: dict[str, Any]


@dataclass(frozen=True)
class AlarmRecipe:
    """How an alarm model is made; see `Recipe`.

    Attributes
    ----------
    name : str
    text : CardText
    window : AlarmWindow
    architecture : Architecture
        Of one member of the committee.
    plan : Plan
    seeds_per_fold : int
        Members that are trained without each fold.
    certain_from : float
        A prediction whose weighted probability is lower is uncertain.
    explanation : mapping
        Default parameters of the explanations.
    """

    name: str
    text: CardText
    window: AlarmWindow
    architecture: Architecture
    plan: Plan
    seeds_per_fold: int
    certain_from: float
    explanation: Mapping[str, Any]

    def load(self, data: Path) -> LabelledAlarms:
        """Read the alarms of the PhysioNet challenge 2015."""
        return load_alarms(data, self.window)

    def split(self, alarms: LabelledAlarms) -> AlarmSplit:
        """Assign the alarms to folds."""
        return AlarmSplit(alarms, assign_folds(alarms))

    def fit(self, split: AlarmSplit, runs: Path) -> TrainedAlarms:
        """Train a committee without each fold; the one without TEST_FOLD is published, all are for cross-validation."""
        committees = [
            self.train_committee(
                split.alarms.select(split.folds != fold), split.folds[split.folds != fold], runs, f"fold{fold}"
            )
            for fold in range(FOLDS)
        ]
        published = committees[TEST_FOLD]
        return TrainedAlarms(
            network=published.committee.network,
            window=self.window,
            ood_detector=self._fit_ood_detector(published.committee, split.training),
            class_means=None,
            published=published,
            cross_validation=cross_validate(split.alarms, split.folds, committees),
        )

    def describe(self, split: AlarmSplit, trained: TrainedAlarms) -> dict[str, Any]:
        """Return the card without the figures on the test set."""
        published, training = trained.published, split.training
        committee, threshold = published.committee, published.threshold
        return {
            **self.text.opening(ALARM_CLASSES, self.window.variables),
            "temperature": published.temperature,
            "certain_from": self.certain_from,
            "weights": {"true alarm": round((1.0 - threshold) / threshold, 4), "false alarm": 1.0},
            "explanation": dict(self.explanation),
            "plan": asdict(self.plan) | {"members": len(committee.members), "member_units": self.architecture.hidden},
            "data": list(self.text.data),
            "data_digest": split.alarms.digest,
            "training": _describe_set(training)
            | {
                "best_epochs": committee.best_epochs,
                "validation_losses": [round(min(history.validation), 4) for history in committee.histories],
            },
            "validation": {
                "how": _VALIDATION,
                "parts": [sorted(training.records[out].tolist()) for out in committee.held_out[:: self.seeds_per_fold]],
            },
            "test_set": _describe_set(split.test),
            "cross_validation": trained.cross_validation,
        }

    def test(self, bundle: Bundle, split: AlarmSplit) -> dict[str, Any]:
        """Return the card's figures on the test set."""
        return evaluate_test_set(bundle, split.test, split.training)

    def train_committee(self, alarms: LabelledAlarms, folds: np.ndarray, runs: Path, name: str) -> AlarmCommittee:
        """Train members without each of the folds, and fit temperature and threshold to their held-out scores.

        Parameters
        ----------
        alarms : LabelledAlarms
        folds : int array, shape = (n,)
        runs : Path
            Folder of checkpoints, named after ``name``, fold and seed.
        name : str
        """
        members = [
            Member(fold, self.plan.seed + 10 * fold + seed, runs / f"{name}-without{fold}-seed{seed}.pt")
            for fold in np.unique(folds).tolist()
            for seed in range(self.seeds_per_fold)
        ]
        committee = train_committee(
            members,
            folds,
            compose_inputs(alarms),
            alarms.targets,
            lambda kept: alarm_examples(alarms.select(kept), self.plan.augmentation),
            self.architecture,
            self.plan,
            _score,
        )
        temperature = fit_temperature(committee.held_out_scores, alarms.targets)
        risk = softmax(committee.held_out_scores, temperature)[:, TRUE_ALARM]
        return AlarmCommittee(committee, temperature, optimal_threshold(alarms.is_true, risk))

    def _fit_ood_detector(self, committee: Committee, alarms: LabelledAlarms) -> OODDetector:
        """Fit to all training alarms, with a wider limit: a network places alarms that it has not seen further off.

        The features place white noise in every sensor as near as the noise of some alarms; it differs in that no beat
        resembles another in any sensor.
        """
        values, targets = compose_inputs(alarms), alarms.targets
        ratios = []
        for member, out in zip(committee.members, committee.held_out, strict=True):
            features = _features(member, values)
            is_out = np.isin(np.arange(len(values)), out)
            seen, unseen = (values[~is_out], features[~is_out]), (values[is_out], features[is_out])
            limit, unseen_limit = (
                fit_ood_detector(*seen, targets[~is_out], 0, held_out).max_distance for held_out in (seen, unseen)
            )
            ratios.append(unseen_limit / limit)
        features = _features(committee.network, values)
        fitted = fit_ood_detector(values, features, targets, 0, (values, features))
        irregularity = self.window.variables.index(MEAN_LOWEST_DISSIMILARITY)
        return replace(
            fitted,
            max_distance=fitted.max_distance * float(np.mean(ratios)),
            irregularity_columns=(irregularity,),
            max_irregularity=float(np.quantile(values[:, -1, irregularity], _IN_DISTRIBUTION_SHARE)),
        )


def assign_folds(alarms: LabelledAlarms) -> np.ndarray:
    """Return the fold of each alarm, int64, shape = (n,), stratified by kind and label.

    The records of the catalogue of samples are all in TEST_FOLD, and records of one patient, as far as the signals
    show, in one fold.
    """
    rng = np.random.default_rng(_SPLIT_SEED)
    folds = np.zeros(len(alarms), dtype=np.int64)
    is_catalogued = np.isin(alarms.records, CATALOGUED)
    for kind in range(len(ALARM_KINDS)):
        for is_true in (True, False):
            members = rng.permutation(np.flatnonzero((alarms.kinds == kind) & (alarms.is_true == is_true)))
            members = members[np.argsort(~is_catalogued[members], kind="stable")]
            folds[members] = np.arange(len(members)) * FOLDS // max(len(members), 1)
    return keep_patients_together(alarms.records, folds, is_catalogued)


def _score(network: ScoringLSTM, values: np.ndarray) -> np.ndarray:
    return score_with_features(network, values)[0]


def _features(network: ScoringLSTM, values: np.ndarray) -> np.ndarray:
    return score_with_features(network, values)[1]


def _describe_set(alarms: LabelledAlarms) -> dict[str, Any]:
    counts = {
        kind: {
            "true alarm": int((alarms.is_true & (alarms.kinds == place)).sum()),
            "false alarm": int((~alarms.is_true & (alarms.kinds == place)).sum()),
        }
        for place, kind in enumerate(ALARM_KINDS)
    }
    return {"alarms": counts, "records": sorted(alarms.records.tolist())}
