"""The recipe of the beat models."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from backend.models.bundle import Bundle
from backend.models.calibration.certainty import fit_certain_thresholds, thresholds_for_card
from backend.models.calibration.prefixes import PrefixCalibration, fit_prefixes
from backend.models.calibration.temperature import fit_temperature
from backend.models.network.lstm import Architecture, ScoringLSTM, score_prefixes, score_with_features
from backend.models.scores import softmax
from backend.models.training.beats.beat_evaluation import (
    BeatClassifier,
    evaluate_fold,
    evaluate_test_set,
    of_database,
    predict_by_record,
    summarise_folds,
)
from backend.models.training.beats.beat_inputs import beat_examples, class_indices, compose_inputs, digest_inputs
from backend.models.training.beats.beat_split import (
    SPLIT_DETECTOR,
    BeatSplit,
    mitdb_splits,
    published_split,
    split_beats,
)
from backend.models.training.beats.class_means import compute_class_means
from backend.models.training.beats.labelled_beats import LOADERS, LabelledBeats, load_mitdb
from backend.models.training.beats.outliers.outlier_evaluation import evaluate_outliers
from backend.models.training.beats.outliers.outlier_training import fit_detector
from backend.models.training.beats.outliers.outlier_windows import Outliers, load_outliers
from backend.models.training.beats.protocols.aami import AAMI_PROTOCOLS
from backend.models.training.beats.protocols.beat_protocol import run_protocol
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
}

_CROSS_VALIDATION_SPLITS = 5
_VALIDATION_BEATS = 200
"""The validation loss is over at most this many beats of each class of each patient."""


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
    history : History
    loss_by_seed : dict of int to float
        The lowest validation loss of each start.
    temperature : float
    certain_from : float64 array, shape = (C,)
        See `fit_certain_thresholds`.
    prefixes : PrefixCalibration
    cross_validation, protocols : dict or None
        Figures for the card.
    """

    history: History
    loss_by_seed: dict[int, float]
    temperature: float
    certain_from: np.ndarray
    prefixes: PrefixCalibration
    cross_validation: dict[str, Any] | None
    protocols: dict[str, Any] | None


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
    further_seeds : tuple of int
        The network is trained from these seeds as well, and the start with the lowest validation loss is kept: with
        few validation patients, the test result of a single start is partly chance.
    """

    name: str
    text: CardText
    classes: tuple[str, ...]
    architecture: Architecture
    window: BeatWindow
    plan: Plan
    databases: tuple[str, ...]
    further_seeds: tuple[int, ...] = ()

    def load(self, data: Path) -> BeatData:
        """Read the databases; MIT-BIH once more if the recipe's detector is not that of the split."""
        detector = self.window.detector
        databases = {folder: LOADERS[folder](data, detector) for folder in self.databases}
        split_mitdb = databases["mitdb"] if detector == SPLIT_DETECTOR else load_mitdb(data, SPLIT_DETECTOR)
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
        seeds = (self.plan.seed, *self.further_seeds)
        starts = {seed: self._train(seed, beats, runs / f"seed{seed}.pt") for seed in seeds}
        network, history = min(starts.values(), key=lambda start: min(start[1].validation))
        temperature = self._fit_temperature(network, beats.validation)
        scores = score_prefixes(network, compose_inputs(beats.validation, self.window))
        targets = class_indices(beats.validation, self.classes)
        return TrainedBeats(
            network=network,
            window=self.window,
            ood_detector=fit_detector(beats, split.outliers, self.window, self.plan.seed),
            class_means=compute_class_means(beats.training, self.classes, self.window),
            history=history,
            loss_by_seed={seed: round(min(start.validation), 4) for seed, (_, start) in starts.items()},
            temperature=temperature,
            certain_from=fit_certain_thresholds(
                softmax(scores[:, -1], temperature), targets, beats.validation.patients
            ),
            prefixes=fit_prefixes(scores, targets, temperature),
            cross_validation=self._cross_validate(split, runs) if split.cross_validation else None,
            protocols=self._run_protocols(split, runs) if split.cross_validation else None,
        )

    def describe(self, split: BeatSplits, trained: TrainedBeats) -> dict[str, Any]:
        """Return the card without the figures on the test set."""
        beats, history = split.published, trained.history
        card = {
            **self.text.opening(self.classes, self.window.variables),
            "temperature": trained.temperature,
            "certain_from": thresholds_for_card(trained.certain_from, self.classes),
            "prefixes": asdict(trained.prefixes),
            "plan": asdict(self.plan),
            "data": list(self.text.data),
            "data_digest": digest_inputs(
                LabelledBeats.concatenate([beats.training, beats.validation, beats.test]), self.window
            ),
            "training": _describe_set(beats.training)
            | {
                "epochs": len(history.validation),
                "best_epoch": history.best_epoch,
                "validation_loss": round(min(history.validation), 4),
                "validation_loss_by_seed": {str(seed): loss for seed, loss in trained.loss_by_seed.items()},
            },
            "validation": _describe_set(beats.validation),
            "test_set": _describe_set(beats.test),
        }
        further = {"cross_validation": trained.cross_validation, "protocols": trained.protocols}
        return card | {name: figures for name, figures in further.items() if figures}

    def test(self, bundle: Bundle, split: BeatSplits) -> dict[str, Any]:
        """Return the card's figures on the test set."""
        outliers = evaluate_outliers(bundle, split.outliers, split.published.test.patients)
        return evaluate_test_set(bundle, split.whole_test, self.databases, split.totals) | {"outliers": outliers}

    def _train(self, seed: int, beats: BeatSplit, checkpoint: Path) -> tuple[ScoringLSTM, History]:
        plan = replace(self.plan, seed=seed)
        validation = self._draw_validation(beats.validation, seed)
        with epoch_bar(f"{self.name} {checkpoint.stem}", plan.epochs) as progress:
            return train_network(
                beat_examples(
                    beats.training, self.classes, self.window, plan.beats_per_patient_and_class, plan.augmentation
                ),
                (compose_inputs(validation, self.window), class_indices(validation, self.classes)),
                self.architecture,
                plan,
                checkpoint,
                progress,
            )

    def _draw_validation(self, validation: LabelledBeats, seed: int) -> LabelledBeats:
        """Return the beats of the validation loss: all, or _VALIDATION_BEATS of each class of each patient."""
        if self.plan.beats_per_patient_and_class is None:
            return validation
        return _draw_beats(validation, np.random.default_rng(seed))

    def _cross_validate(self, split: BeatSplits, runs: Path) -> dict[str, Any]:
        """Train one start on every other split and return the figures: how much they depend on the split.

        The folds of the other databases take turns as the test set, so that each of their patients is tested once.
        """
        rows, by_record = [], []
        for fold, patients in enumerate(split.cross_validation):
            beats = split_beats(split.databases, patients, fold, self.classes)
            network, _ = self._train(self.plan.seed + 1 + fold, beats, runs / f"split{fold}.pt")
            classifier = BeatClassifier(network, self.classes, self.window)
            rows.append(evaluate_fold(classifier, of_database(beats.test, "mitdb"), split.totals))
            by_record.append(predict_by_record(classifier, of_database(beats.test, "ptbxl"), split.totals))
        return summarise_folds(rows, by_record)

    def _run_protocols(self, split: BeatSplits, runs: Path) -> dict[str, Any]:
        """Train one start under each protocol whose database the recipe reads, and return the figures."""

        def fit(name: str, beats: BeatSplit) -> BeatClassifier:
            network, _ = self._train(self.plan.seed, beats, runs / f"{name}.pt")
            return BeatClassifier(network, self.classes, self.window)

        return {
            protocol.name: run_protocol(protocol, split.databases, split.totals, self.classes, fit)
            for protocol in AAMI_PROTOCOLS
            if protocol.database in self.databases
        }

    def _fit_temperature(self, network: ScoringLSTM, validation: LabelledBeats) -> float:
        beats = self._draw_validation(validation, self.plan.seed)
        scores, _ = score_with_features(network, compose_inputs(beats, self.window))
        return fit_temperature(scores, class_indices(beats, self.classes))


def _draw_beats(beats: LabelledBeats, rng: np.random.Generator) -> LabelledBeats:
    """Return _VALIDATION_BEATS random beats of each class of each patient, in their order."""
    return beats.select(np.sort(draw_per_group(beats.patient_and_class, _VALIDATION_BEATS, rng)))


def _describe_set(beats: LabelledBeats) -> dict[str, Any]:
    labels, counts = np.unique(beats.labels, return_counts=True)
    return {
        "beats": {str(label): int(count) for label, count in zip(labels, counts, strict=True)},
        "patients": sorted({str(patient) for patient in beats.patients}),
    }
