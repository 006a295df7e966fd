"""The recipe of the stay models."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.models.bundle import Bundle
from backend.models.calibration.prefixes import fit_prefixes
from backend.models.calibration.temperature import fit_temperature
from backend.models.metrics.binary import event_1_threshold
from backend.models.metrics.stay_metrics import calibration_figures, hourly_figures, risk_figures
from backend.models.network.lstm import Architecture, score_prefixes, score_with_features
from backend.models.out_of_distribution import OODDetector, fit_ood_detector
from backend.models.training.committee import Member, train_committee
from backend.models.training.loop import Plan
from backend.models.training.recipe import CardText, Trained
from backend.models.training.stays.labelled_stays import (
    FOLDS,
    LabelledStays,
    StaySplit,
    load_stays,
    split_by_set,
    split_stays,
)
from backend.models.training.stays.stay_ensemble import StayEnsemble
from backend.models.training.stays.stay_evaluation import evaluate_other_split, evaluate_test_set, risk_of_death
from backend.models.training.stays.stay_inputs import compose_inputs, stay_examples
from backend.records.stays import OUTCOMES
from backend.windows.stay_windows import StayWindow, fit_window

__all__ = ["StayColumns", "StayRecipe", "StaySplits", "TrainedStays"]


@dataclass(frozen=True)
class StayColumns:
    """The columns of a stay model's window; see `fit_window`.

    Attributes
    ----------
    columns : tuple of (str, str)
        Parameter and quantity of each column.
    logarithmic, unscaled : tuple of str
        Parameters of which the logarithm is read, and those that are read as they are, such as codes.
    """

    columns: tuple[tuple[str, str], ...]
    logarithmic: tuple[str, ...]
    unscaled: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class StaySplits:
    """The split of the published bundle, and the split by set that other publications use."""

    published: StaySplit
    by_set: StaySplit


@dataclass(frozen=True, eq=False)
class TrainedStays(Trained):
    """A trained stay model: the published ensemble and the figures of the split by set."""

    published: StayEnsemble
    by_set_figures: dict[str, Any]


@dataclass(frozen=True)
class StayRecipe:
    """How a stay model is made; see `Recipe`.

    Attributes
    ----------
    name : str
    text : CardText
    columns : StayColumns
    hidden : int
        Units of one member of the ensemble.
    dropout : float
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
    columns: StayColumns
    hidden: int
    dropout: float
    plan: Plan
    seeds_per_fold: int
    certain_from: float
    explanation: Mapping[str, Any]

    def load(self, data: Path) -> LabelledStays:
        """Read sets a and b of the PhysioNet challenge 2012."""
        return load_stays(data)

    def split(self, stays: LabelledStays) -> StaySplits:
        """Split the stays at random, and by set."""
        return StaySplits(split_stays(stays), split_by_set(stays))

    def fit(self, split: StaySplits, runs: Path) -> TrainedStays:
        """Train an ensemble on each split; that of the random split is published."""
        published = self._train_ensemble(split.published, runs / "published")
        by_set = self._train_ensemble(split.by_set, runs / "strict")
        return TrainedStays(
            network=published.committee.network,
            window=published.window,
            ood_detector=_fit_ood_detector(published, split.published),
            class_means=None,
            published=published,
            by_set_figures=evaluate_other_split(by_set, split.by_set),
        )

    def describe(self, split: StaySplits, trained: TrainedStays) -> dict[str, Any]:
        """Return the card without the figures on the test set."""
        ensemble, training, test = trained.published, split.published.training, split.published.test
        scores = ensemble.committee.held_out_scores
        prefixes = fit_prefixes(scores, training.targets, ensemble.temperature)
        by_hour = risk_of_death(prefixes.apply(scores), ensemble.temperature)
        threshold = round(event_1_threshold(training.died, by_hour[:, -1]), 4)
        return {
            **self.text.opening(OUTCOMES, ensemble.window.variables),
            "temperature": ensemble.temperature,
            "certain_from": self.certain_from,
            "prefixes": asdict(prefixes),
            "weights": {"death": round((1 - threshold) / threshold, 4), "survival": 1.0},
            "death_called_from": threshold,
            "explanation": dict(self.explanation),
            "plan": asdict(self.plan) | {"folds": FOLDS, "members_for_each_fold": self.seeds_per_fold},
            "data": list(self.text.data),
            "data_digest": LabelledStays.concatenate([training, test]).digest,
            "training": _describe_set(training) | {"best_epochs": ensemble.committee.best_epochs},
            "validation": {
                "what": "each training stay scored by the members of the ensemble that were not trained on it",
                **risk_figures(training.died, by_hour[:, -1], threshold),
                "calibration": calibration_figures(training.died, by_hour[:, -1]),
                "by_hours": hourly_figures(training.died, by_hour),
            },
            "test_set": _describe_set(test),
            "strict": trained.by_set_figures,
        }

    def test(self, bundle: Bundle, split: StaySplits) -> dict[str, Any]:
        """Return the card's figures on the test set, with those of the comparators."""
        return evaluate_test_set(bundle, split.published)

    def fit_window(self, stays: LabelledStays) -> StayWindow:
        """Return the window with the means and standard deviations of these stays."""
        return fit_window(self.columns.columns, self.columns.logarithmic, self.columns.unscaled, stays.grid)

    def _train_ensemble(self, split: StaySplit, runs: Path) -> StayEnsemble:
        """Train members without each fold of the training stays and merge them.

        Most members see each training stay in training; those that do not choose the epochs, the temperature and the
        weights of the classes with it.
        """
        window = self.fit_window(split.training)
        values, targets = compose_inputs(split.training, window), split.training.targets
        members = [
            Member(fold, seed, runs / f"fold{fold}-seed{seed}.pt")
            for fold in range(FOLDS)
            for seed in range(
                self.plan.seed + self.seeds_per_fold * fold, self.plan.seed + self.seeds_per_fold * (fold + 1)
            )
        ]
        committee = train_committee(
            members,
            split.folds,
            values,
            targets,
            lambda kept: stay_examples(values[kept], targets[kept], window, self.plan.augmentation),
            Architecture(
                variables=len(window.variables),
                classes=len(OUTCOMES),
                hidden=self.hidden,
                pooling="last",
                dropout=self.dropout,
            ),
            self.plan,
            score_prefixes,
        )
        return StayEnsemble(committee, window, fit_temperature(committee.held_out_scores[:, -1], targets))


def _fit_ood_detector(ensemble: StayEnsemble, split: StaySplit) -> OODDetector:
    """Fit to all folds but one, which sets the limits; all members but a few were trained on every stay."""
    values, network = compose_inputs(split.training, ensemble.window), ensemble.committee.network
    features = score_with_features(network, values)[1]
    labels = np.array(OUTCOMES)[split.training.targets]
    out = split.folds == 0
    return fit_ood_detector(values[~out], features[~out], labels[~out], 0, (values[out], features[out]))


def _describe_set(stays: LabelledStays) -> dict[str, Any]:
    return {
        "stays": {"death": int(stays.died.sum()), "survival": int((~stays.died).sum())},
        "patients": sorted(map(str, stays.names)),
    }
