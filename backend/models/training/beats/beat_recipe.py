"""The recipe of the beat models."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from backend.models.bundle import Bundle
from backend.models.calibration.certainty import fit_certain_thresholds, thresholds_for_card
from backend.models.calibration.class_offsets import fit_class_offsets
from backend.models.calibration.prefixes import PrefixCalibration, fit_prefixes
from backend.models.calibration.temperature import fit_temperature
from backend.models.network.ensemble import merge_networks
from backend.models.network.lstm import Architecture, ScoringLSTM, add_offsets, score_prefixes, score_with_features
from backend.models.scores import softmax
from backend.models.training.beats.beat_evaluation import (
    BeatClassifier,
    evaluate_fold,
    evaluate_test_set,
    of_database,
    predict_by_record,
    summarise_folds,
)
from backend.models.training.beats.beat_inputs import allowed_classes, beat_examples, compose_inputs
from backend.models.training.beats.beat_split import (
    SPLIT_DETECTOR,
    BeatSplit,
    mitdb_splits,
    published_split,
    split_beats,
)
from backend.models.training.beats.class_means import compute_class_means
from backend.models.training.beats.labelled_beats import LabelledBeats, load_beats
from backend.models.training.beats.outliers.outlier_evaluation import evaluate_outliers
from backend.models.training.beats.outliers.outlier_training import fit_detector
from backend.models.training.beats.outliers.outlier_windows import Outliers, load_outliers
from backend.models.training.beats.protocols.aami import AAMI_PROTOCOLS
from backend.models.training.beats.protocols.beat_protocol import Fit, run_protocol
from backend.models.training.beats.protocols.learning_curve import learning_curve
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals
from backend.models.training.examples import draw_per_group
from backend.models.training.loop import History, Plan, epoch_bar, train_network
from backend.models.training.recipe import CardText, Trained
from backend.models.training.splits import Split
from backend.windows.beats.beat_windows import BeatWindow

__all__ = ["BEAT_NOT_FOR", "BeatData", "BeatRecipe", "BeatSplits", "TrainedBeats", "beat_data"]

BEAT_NOT_FOR = (
    "Diagnosis, treatment, triage or monitoring of patients: it is a research tool, not a medical device.",
    "Beats of other classes (fusion, escape, aberrant, junctional): each is classified as the most similar of the "
    "known classes.",
    "Children, fetal ECG, and ECGs recorded with non-standard electrodes: the training data have none.",
    "Conclusions about a patient from one beat, or about a population: the number of patients is small.",
)

_VERSIONS = {
    "mitdb": "MIT-BIH Arrhythmia Database 1.0.0 (Moody & Mark 2001; Goldberger et al. 2000), ODC-By 1.0",
    "ptbxl": "PTB-XL 1.0.3, 646 records at 250 Hz (Wagner et al. 2020), CC BY 4.0",
    "cpsc2018": "China Physiological Signal Challenge 2018, 150 records at 250 Hz (Liu et al. 2018), CC BY 4.0",
    "svdb": "MIT-BIH Supraventricular Arrhythmia Database 1.0.0, 52 of its 78 records (Greenwald 1990), ODC-By 1.0",
    "cinc2021": "PhysioNet/CinC Challenge 2021, 225 records at 250 Hz (Reyna et al. 2021), CC BY 4.0",
}

_CROSS_VALIDATION_SPLITS = 5
_VALIDATION_BEATS = 60
"""The validation loss is over at most this many beats of each class of each patient."""


_CERTAIN_ACCURACY = 0.95
"""The accuracy of certain predictions on validation patients, less one standard error between them."""


def beat_data(databases: Sequence[str]) -> tuple[str, ...]:
    """Return the card's lines about these databases."""
    return tuple(_VERSIONS[name] for name in databases)


@dataclass(frozen=True, eq=False)
class BeatData:
    """Labelled beats of the recipe's databases by folder, and those of MIT-BIH as SPLIT_DETECTOR finds them."""

    databases: Mapping[str, LabelledBeats]
    split_mitdb: LabelledBeats
    totals: ReferenceTotals
    outliers: Outliers


@dataclass(frozen=True, eq=False)
class BeatSplits:
    """The beats of the published split, and what the cross-validation splits: the databases and MIT-BIH's patients."""

    published: BeatSplit
    databases: Mapping[str, LabelledBeats]
    cross_validation: tuple[Split, ...]
    totals: ReferenceTotals
    outliers: Outliers

    @property
    def whole_test(self) -> LabelledBeats:
        """All beats of the test patients of the published split, whatever their label."""
        patients = np.unique(self.published.test.patients)
        return LabelledBeats.concatenate(
            beats.select(np.isin(beats.patients, patients)) for beats in self.databases.values()
        )


@dataclass(frozen=True, eq=False)
class TrainedBeats(Trained):
    """A trained beat model.

    Attributes
    ----------
    histories : dict of int to History
        Of the training from each seed.
    temperature : float
    certain_from : float64 array, shape = (C,)
        See `fit_certain_thresholds`.
    prefixes : PrefixCalibration
    cross_validation, protocols : dict or None
        Figures for the card.
    learning_curve : list of dict, or None
        See `learning_curve`, of the first protocol.
    """

    histories: dict[int, History]
    temperature: float
    certain_from: np.ndarray
    prefixes: PrefixCalibration
    cross_validation: dict[str, Any] | None
    protocols: dict[str, Any] | None
    learning_curve: list[dict[str, Any]] | None


@dataclass(frozen=True)
class BeatRecipe:
    """How a beat model is made; see `Recipe`.

    Attributes
    ----------
    name : str
    text : CardText
    classes : tuple of str
    architecture : Architecture
    window : BeatWindow
    plan : Plan
    databases : tuple of str
        Folders of the data, ``mitdb`` first. With more than one, the recipe is cross-validated.
    explanation : mapping
        Default parameters of the explanations.
    further_seeds : tuple of int
        The network is trained from these seeds as well.
    is_merged : bool
        Whether the networks of all seeds become one, whose scores are their mean. Otherwise the one with the lowest
        validation loss is kept: with few validation patients, the test result of a single start is partly chance.
    """

    name: str
    text: CardText
    classes: tuple[str, ...]
    architecture: Architecture
    window: BeatWindow
    plan: Plan
    databases: tuple[str, ...]
    further_seeds: tuple[int, ...] = ()
    is_merged: bool = False
    explanation: Mapping[str, Any] = field(default_factory=dict)

    def load(self, data: Path) -> BeatData:
        """Read the databases; MIT-BIH once more if the recipe's detector is not that of the split."""
        databases = {folder: load_beats(data, folder, self.window) for folder in self.databases}
        own, of_split = self.window, BeatWindow(detector=SPLIT_DETECTOR)
        split_mitdb = databases["mitdb"] if own.detector == of_split.detector else load_beats(data, "mitdb", of_split)
        outliers = load_outliers(data, self.databases, self.window, self.plan.seed)
        return BeatData(databases, split_mitdb, ReferenceTotals.read(data, self.databases), outliers)

    def split(self, data: BeatData) -> BeatSplits:
        """Split the patients of every database; the cross-validation takes the first admissible splits of MIT-BIH."""
        published = split_beats(data.databases, published_split(data.split_mitdb), 0, self.classes)
        n_splits = _CROSS_VALIDATION_SPLITS if len(self.databases) > 1 else 0
        cross_validation = tuple(islice(mitdb_splits(data.split_mitdb), n_splits))
        return BeatSplits(published, data.databases, cross_validation, data.totals, data.outliers)

    def fit(self, split: BeatSplits, runs: Path) -> TrainedBeats:
        """Train from every seed, keep the start with the lowest validation loss, and cross-validate."""
        beats = split.published
        network, histories = self._train_seeds(beats, runs / "seed")
        scores = score_prefixes(network, compose_inputs(beats.validation, self.window))
        targets = self._targets(beats.validation, scores[:, -1])
        temperature = fit_temperature(scores[:, -1], targets)
        return TrainedBeats(
            network=network,
            window=self.window,
            ood_detector=fit_detector(beats, split.outliers, self.window, self.plan.seed),
            class_means=compute_class_means(beats.training, self.classes, self.window),
            histories=histories,
            temperature=temperature,
            certain_from=fit_certain_thresholds(
                softmax(scores[:, -1], temperature), targets, beats.validation.patients, accuracy=_CERTAIN_ACCURACY
            ),
            prefixes=fit_prefixes(scores, targets, temperature),
            cross_validation=self._cross_validate(split, runs) if split.cross_validation else None,
            protocols=self._run_protocols(split, runs) if split.cross_validation else None,
            learning_curve=self._measure_learning(split, runs) if split.cross_validation else None,
        )

    def describe(self, split: BeatSplits, trained: TrainedBeats) -> dict[str, Any]:
        """Return the card without the figures on the test set."""
        beats = split.published
        card = {
            **self.text.opening(self.classes, self.window.variables),
            "temperature": trained.temperature,
            "certain_from": thresholds_for_card(trained.certain_from, self.classes),
            "prefixes": asdict(trained.prefixes),
            "plan": asdict(self.plan),
            "data": list(self.text.data),
            "data_digest": LabelledBeats.concatenate([beats.training, beats.validation, beats.test]).digest,
            "training": _describe_set(beats.training) | self._describe_training(trained.histories),
            "validation": _describe_set(beats.validation),
            "test_set": _describe_set(beats.test),
        }
        further = {
            "explanation": dict(self.explanation),
            "cross_validation": trained.cross_validation,
            "protocols": trained.protocols,
            "learning_curve": trained.learning_curve,
        }
        return card | {name: figures for name, figures in further.items() if figures}

    def test(self, bundle: Bundle, split: BeatSplits) -> dict[str, Any]:
        """Return the card's figures on the test set."""
        outliers = evaluate_outliers(bundle, split.outliers, split.published.test.patients)
        return evaluate_test_set(bundle, split.whole_test, self.databases, split.totals) | {"outliers": outliers}

    def _describe_training(self, histories: Mapping[int, History]) -> dict[str, Any]:
        losses = {seed: round(min(history.validation), 4) for seed, history in histories.items()}
        if self.is_merged:
            best_epochs = [history.best_epoch for history in histories.values()]
            return {"best_epochs": best_epochs, "validation_losses": list(losses.values())}
        best = histories[min(losses, key=lambda seed: min(histories[seed].validation))]
        return {
            "epochs": len(best.validation),
            "best_epoch": best.best_epoch,
            "validation_loss": round(min(best.validation), 4),
            "validation_loss_by_seed": {str(seed): loss for seed, loss in losses.items()},
        }

    def _train_seeds(self, beats: BeatSplit, checkpoints: Path) -> tuple[ScoringLSTM, dict[int, History]]:
        """Train from every seed and return the network to publish, with the history of each start.

        Parameters
        ----------
        beats : BeatSplit
        checkpoints : Path
            The checkpoint of a seed has its number and ``.pt`` appended.
        """
        starts = {
            seed: self._train(seed, beats, checkpoints.with_name(f"{checkpoints.name}{seed}.pt"))
            for seed in (self.plan.seed, *self.further_seeds)
        }
        networks = [network for network, _ in starts.values()]
        chosen, _ = min(starts.values(), key=lambda start: min(start[1].validation))
        network = self._adjust(merge_networks(networks) if self.is_merged else chosen, beats.validation)
        return network, {seed: history for seed, (_, history) in starts.items()}

    def _train_one(self, seed: int, beats: BeatSplit, checkpoint: Path) -> BeatClassifier:
        """Train from one seed and return the network with what it takes to classify beats."""
        network, _ = self._train(seed, beats, checkpoint)
        return BeatClassifier(self._adjust(network, beats.validation), self.classes, self.window)

    def _train(self, seed: int, beats: BeatSplit, checkpoint: Path) -> tuple[ScoringLSTM, History]:
        plan = replace(self.plan, seed=seed)
        validation = self._draw_validation(beats.validation, seed)
        with epoch_bar(f"{self.name} {checkpoint.stem}", plan.epochs) as progress:
            return train_network(
                beat_examples(beats.training, self.classes, self.window, plan),
                (compose_inputs(validation, self.window), allowed_classes(validation.labels, self.classes)),
                self.architecture,
                plan,
                checkpoint,
                progress,
            )

    def _adjust(self, network: ScoringLSTM, validation: LabelledBeats) -> ScoringLSTM:
        """Return the network with class scores for the classes' natural shares, where the plan draws other ones."""
        if self.plan.draw is None:
            return network
        scores, _ = score_with_features(network, compose_inputs(validation, self.window))
        allowed = allowed_classes(validation.labels, self.classes)
        return add_offsets(network, fit_class_offsets(scores, allowed, validation.patients))

    def _draw_validation(self, validation: LabelledBeats, seed: int) -> LabelledBeats:
        """Return the beats of the validation loss: all, or _VALIDATION_BEATS of each class of each patient."""
        return validation if self.plan.draw is None else _draw_beats(validation, np.random.default_rng(seed))

    def _targets(self, beats: LabelledBeats, scores: np.ndarray) -> np.ndarray:
        """Return the class index of each beat, int64, shape = (n,); a label that leaves several open takes the best."""
        return np.where(allowed_classes(beats.labels, self.classes) > 0, scores, -np.inf).argmax(axis=1)

    def _cross_validate(self, split: BeatSplits, runs: Path) -> dict[str, Any]:
        """Train one start on every other split and return the figures: how much they depend on the split.

        The folds of the other databases take turns as the test set, so that each of their patients is tested once.
        """
        rows, by_record = [], []
        for fold, patients in enumerate(split.cross_validation):
            beats = split_beats(split.databases, patients, fold, self.classes)
            classifier = self._train_one(self.plan.seed + 1 + fold, beats, runs / f"split{fold}.pt")
            rows.append(evaluate_fold(classifier, of_database(beats.test, "mitdb"), split.totals))
            by_record.append(predict_by_record(classifier, of_database(beats.test, "ptbxl"), split.totals))
        return summarise_folds(rows, by_record)

    def _run_protocols(self, split: BeatSplits, runs: Path) -> dict[str, Any]:
        """Train one start under each protocol whose database the recipe reads, and return the figures."""
        fit = self._fit_protocol(runs)
        return {
            protocol.name: run_protocol(protocol, split.databases, split.totals, self.classes, fit)
            for protocol in AAMI_PROTOCOLS
            if protocol.database in self.databases
        }

    def _measure_learning(self, split: BeatSplits, runs: Path) -> list[dict[str, Any]]:
        return learning_curve(AAMI_PROTOCOLS[0], split.databases, split.totals, self.classes, self._fit_protocol(runs))

    def _fit_protocol(self, runs: Path) -> Fit:
        return lambda name, beats: self._train_one(self.plan.seed, beats, runs / f"{name}.pt")


def _draw_beats(beats: LabelledBeats, rng: np.random.Generator) -> LabelledBeats:
    """Return _VALIDATION_BEATS random beats of each class of each patient, in their order."""
    return beats.select(np.sort(draw_per_group(beats.patient_and_class, _VALIDATION_BEATS, rng)))


def _describe_set(beats: LabelledBeats) -> dict[str, Any]:
    labels, counts = np.unique(beats.labels, return_counts=True)
    return {
        "beats": {str(label): int(count) for label, count in zip(labels, counts, strict=True)},
        "patients": sorted({str(patient) for patient in beats.patients}),
    }
