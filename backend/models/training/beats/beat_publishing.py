"""From a recipe and the databases to a bundle with its card."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from backend.models.bundle import BUNDLES, Bundle, load_bundle, save_bundle
from backend.models.calibration.temperature import fitted_temperature
from backend.models.metrics.multiclass import calibration_error, figures
from backend.models.network.lstm import ScoringLSTM, scored
from backend.models.out_of_distribution import Familiarity, fit_familiarity
from backend.models.scores import softmax
from backend.models.training.beats.beat_augmentation import inputs
from backend.models.training.beats.beat_examples import BeatExamples, drawn
from backend.models.training.beats.beat_recipes import RECIPES, Recipe
from backend.models.training.beats.class_means import class_means
from backend.models.training.beats.labelled_beats import LOADERS, LabelledBeats, load_mitdb
from backend.models.training.loop import History, train_network
from backend.models.training.splits import Split, admissible_splits, grouped_folds

__all__ = ["DealtBeats", "cross_validate", "deal", "held_out_figures", "published_split", "train_bundle"]

SPLIT_SEED = 2018
CROSS_VALIDATION_SPLITS = 5
_RECORD_FOLDS = 5
"""PTB-XL and CPSC 2018 are dealt in fifths of their patients: one for the test, one for validation."""

SPLIT_DETECTOR = "biosppy"
"""Splits are admissible by the beats that this detector finds, as in the published recipe.

So all bundles have the same test patients, whatever finds their beats. Counted on the beats of a better one, which
loses fewer PVC, no draw in ten minutes was admissible: the smallest class would be paced beats, of four patients.
"""

_LEAST_TEST_RECORDS = 10
_SPLIT_CLASSES = ("normal", "RBBB", "PVC", "paced")
"""The classes of the published recipe, whose beats decide whether a split is admissible."""

_TEST_CLASSES = (*_SPLIT_CLASSES, "LBBB", "atrial premature")

_VALIDATION_BEATS = 200
_CERTAIN_FROM = 0.8
"""A label is called uncertain where the calibrated probability says that it is wrong more than one time in five."""

_VERSIONS = {
    "mitdb": "MIT-BIH Arrhythmia Database 1.0.0 (Moody & Mark 2001; Goldberger et al. 2000), ODC-By 1.0",
    "ptbxl": "PTB-XL 1.0.3, 646 records at 250 Hz (Wagner et al. 2020), CC BY 4.0",
    "cpsc2018": "China Physiological Signal Challenge 2018, 150 records at 250 Hz (Liu et al. 2018), CC BY 4.0",
}


@dataclass(frozen=True, eq=False)
class DealtBeats:
    """Beats of training, validation and test patients of all databases of a recipe."""

    training: LabelledBeats
    validation: LabelledBeats
    test: LabelledBeats


def published_split(mitdb: LabelledBeats) -> Split:
    """The split of MIT-BIH's patients that serves both bundles, from the beats that SPLIT_DETECTOR finds.

    The first admissible draw from the seed whose test set holds all six classes and at least ten records, so that
    the catalogue of real samples can show every class on patients that no bundle was trained on.
    """
    for split in admissible_splits(_beats_of_patient(mitdb), SPLIT_SEED):
        test = mitdb.only(np.isin(mitdb.patients, split.test))
        if len(set(test.records)) >= _LEAST_TEST_RECORDS and set(_TEST_CLASSES) <= set(test.labels):
            return split
    raise AssertionError("the draws never end")


def _beats_of_patient(mitdb: LabelledBeats) -> dict[str, np.ndarray]:
    return {
        str(patient): np.array([np.sum(mitdb.labels[mitdb.patients == patient] == name) for name in _SPLIT_CLASSES])
        for patient in sorted(set(mitdb.patients))
    }


def deal(databases: Mapping[str, LabelledBeats], split: Split, fold: int, classes: Sequence[str]) -> DealtBeats:
    """Deal the beats of the given classes by patient: MIT-BIH by ``split``, the others by fifths of their patients.

    Parameters
    ----------
    databases : mapping of folder to beats
    split : Split
        Of MIT-BIH.
    fold : int
        Which fifth of the other databases is the test; the next one is the validation.
    classes : sequence of str
    """
    parts: dict[str, list[LabelledBeats]] = {"training": [], "validation": [], "test": []}
    for name, beats in databases.items():
        beats = beats.only(np.isin(beats.labels, list(classes)))
        own = split if name == "mitdb" else _fifths(beats, fold)
        for part, patients in (("training", own.train), ("validation", own.validation), ("test", own.test)):
            parts[part].append(beats.only(np.isin(beats.patients, patients)))
    return DealtBeats(**{part: LabelledBeats.joined(beats) for part, beats in parts.items()})


def _fifths(beats: LabelledBeats, fold: int) -> Split:
    label_of = {str(patient): str(label) for patient, label in zip(beats.patients, beats.labels, strict=True)}
    groups = grouped_folds(label_of, _RECORD_FOLDS, SPLIT_SEED)
    test, validation = groups[fold % _RECORD_FOLDS], groups[(fold + 1) % _RECORD_FOLDS]
    train = tuple(sorted(set(label_of) - set(test) - set(validation)))
    return Split(train, validation, test)


def train_bundle(name: str, data: Path, runs: Path, into: Path = BUNDLES) -> Bundle:
    """Train the bundle ``name`` from the databases in ``data`` and write it with its card.

    Checkpoints go to ``runs/name``; a run that was cut goes on where it was.

    Raises
    ------
    RecordRefused
        If the databases are not there.
    """
    recipe = RECIPES[name]
    detector = recipe.window.detector
    databases = {folder: LOADERS[folder](data, detector) for folder in recipe.databases}
    counted = databases["mitdb"] if detector == SPLIT_DETECTOR else load_mitdb(data, SPLIT_DETECTOR)
    split = published_split(counted)
    dealt = deal(databases, split, 0, recipe.classes)
    network, history, starts = _best_start(recipe, dealt, runs / name)
    draws = admissible_splits(_beats_of_patient(counted), SPLIT_SEED)
    checks = cross_validate(recipe, databases, draws, runs / name) if len(recipe.databases) > 1 else None
    familiarity = _familiarity(network, recipe, dealt)
    card = _card(recipe, dealt, history, starts, _temperature(network, recipe, dealt.validation)) | (
        {"cross_validation": checks} if checks else {}
    )
    means = class_means(dealt.training, recipe.classes, recipe.window)
    save_bundle(name, network, familiarity, recipe.window, card, into, means)
    card |= {"test": held_out_figures(load_bundle(name, into), dealt.test)}
    save_bundle(name, network, familiarity, recipe.window, card, into, means)
    return load_bundle(name, into)


def _best_start(recipe: Recipe, dealt: DealtBeats, runs: Path) -> tuple[ScoringLSTM, History, dict[int, float]]:
    """The network of the least validation loss of all starts, and that loss of each by its seed."""
    seeds = (recipe.plan.seed, *recipe.further_seeds)
    trained = {seed: _trained(_seeded(recipe, seed), dealt, runs / f"seed{seed}.pt") for seed in seeds}
    losses = {seed: round(min(history.validation), 4) for seed, (_, history) in trained.items()}
    network, history = min(trained.values(), key=lambda start: min(start[1].validation))
    return network, history, losses


def _seeded(recipe: Recipe, seed: int) -> Recipe:
    return replace(recipe, plan=replace(recipe.plan, seed=seed))


def _trained(recipe: Recipe, dealt: DealtBeats, checkpoint: Path) -> tuple[ScoringLSTM, History]:
    with tqdm(total=recipe.plan.epochs, desc=f"{recipe.name} {checkpoint.stem}", unit="epoch") as bar:

        def told(line: str) -> None:
            bar.update()
            bar.set_postfix_str(line)

        plan = recipe.plan
        validation = dealt.validation.only(_validation_draw(recipe, dealt.validation))
        return train_network(
            BeatExamples(
                dealt.training, recipe.classes, recipe.window, plan.beats_per_patient_and_class, plan.augmentation
            ),
            BeatExamples(validation, recipe.classes, recipe.window).whole(),
            recipe.architecture,
            plan,
            checkpoint,
            told,
        )


def _validation_draw(recipe: Recipe, validation: LabelledBeats) -> np.ndarray:
    most = None if recipe.plan.beats_per_patient_and_class is None else _VALIDATION_BEATS
    return np.sort(drawn(validation, most, np.random.default_rng(recipe.plan.seed)))


def cross_validate(
    recipe: Recipe, databases: Mapping[str, LabelledBeats], draws: Iterator[Split], runs: Path
) -> dict[str, Any]:
    """The recipe on five other splits of the patients, one start each: how much a figure depends on the split.

    MIT-BIH's splits are the first five of ``draws``; the fifths of the other databases take turns as the test, so
    that every one of their patients is tested once.

    Returns
    -------
    dict
        Figures of each split over the four classes of the published recipe (a prediction may be any class of the
        model), their means, and the share of PTB-XL records whose dominant label is right.
    """
    rows, records = [], []
    for fold, split in zip(range(CROSS_VALIDATION_SPLITS), draws, strict=False):
        dealt = deal(databases, split, fold, recipe.classes)
        own = _seeded(recipe, recipe.plan.seed + 1 + fold)
        network, _ = _trained(own, dealt, runs / f"split{fold}.pt")
        rows.append(_four_class_figures(network, own, _of(dealt.test, "mitdb")))
        records.append(_dominant_labels(network, own, _of(dealt.test, "ptbxl")))
    return {
        "splits": rows,
        "mean_accuracy": _mean_of(rows, "accuracy"),
        "mean_macro_f1": _mean_of(rows, "macro_f1"),
        "mean_majority_class_share": _mean_of(rows, "majority_class_share"),
        "mean_accuracy_one_lead": _mean_of(rows, "accuracy_one_lead"),
        "mean_macro_f1_one_lead": _mean_of(rows, "macro_f1_one_lead"),
        "ptbxl_dominant_label": _right_by_class([pair for part in records for pair in part]),
    }


def _mean_of(rows: Sequence[Mapping[str, Any]], name: str) -> float:
    return round(float(np.mean([row[name] for row in rows])), 4)


def _of(beats: LabelledBeats, database: str) -> LabelledBeats:
    return beats.only(np.char.startswith(beats.patients.astype(str), database))


def _with_one_lead(beats: LabelledBeats) -> LabelledBeats:
    return beats.on_one_lead(np.ones(len(beats), dtype=bool))


def _predicted(network: ScoringLSTM, recipe: Recipe, beats: LabelledBeats) -> np.ndarray:
    scores, _ = scored(network, inputs(beats, recipe.window))
    return np.array(recipe.classes)[scores.argmax(axis=1)]


def _four_class_figures(network: ScoringLSTM, recipe: Recipe, beats: LabelledBeats) -> dict[str, Any]:
    beats = beats.only(np.isin(beats.labels, _SPLIT_CLASSES))
    both = figures(beats.labels, _predicted(network, recipe, beats), beats.patients, recipe.classes)
    one = figures(beats.labels, _predicted(network, recipe, _with_one_lead(beats)), beats.patients, recipe.classes)
    kept = ("beats", "accuracy", "majority_class_share", "macro_f1")
    return {
        "test_patients": sorted({str(patient) for patient in beats.patients}),
        **{name: both[name] for name in kept},
        "accuracy_one_lead": one["accuracy"],
        "macro_f1_one_lead": one["macro_f1"],
        "sensitivity": {name: row["sensitivity"] for name, row in both["classes"].items() if name in _SPLIT_CLASSES},
    }


def _dominant_labels(network: ScoringLSTM, recipe: Recipe, beats: LabelledBeats) -> list[tuple[str, str]]:
    """(label, most frequent prediction) of each record."""
    predicted = _predicted(network, recipe, beats) if len(beats) else np.zeros(0, dtype=str)
    pairs = []
    for record in sorted(set(beats.records)):
        own = beats.records == record
        names, counts = np.unique(predicted[own], return_counts=True)
        pairs.append((str(beats.labels[own][0]), str(names[counts.argmax()])))
    return pairs


def _right_by_class(pairs: Sequence[tuple[str, str]]) -> dict[str, dict[str, float | int]]:
    return {
        label: {
            "records": sum(own == label for own, _ in pairs),
            "right": round(float(np.mean([found == own for own, found in pairs if own == label])), 4),
        }
        for label in sorted({own for own, _ in pairs})
    }


def _familiarity(network: ScoringLSTM, recipe: Recipe, dealt: DealtBeats) -> Familiarity:
    rng = np.random.default_rng(recipe.plan.seed)
    parts = []
    for beats in (dealt.training, dealt.validation):
        chosen = beats.only(np.sort(drawn(beats, _VALIDATION_BEATS, rng)))
        values = inputs(chosen, recipe.window)
        parts.append((values, scored(network, values)[1], chosen.labels))
    (values, features, labels), (held_out_values, held_out_features, _) = parts
    return fit_familiarity(values, features, labels, recipe.window.n_leads, (held_out_values, held_out_features))


def _temperature(network: ScoringLSTM, recipe: Recipe, validation: LabelledBeats) -> float:
    """What the scores are divided by, so that probabilities are calibrated on validation patients (Guo et al. 2017)."""
    beats = validation.only(_validation_draw(recipe, validation))
    scores, _ = scored(network, inputs(beats, recipe.window))
    targets = np.array([recipe.classes.index(str(label)) for label in beats.labels])
    return fitted_temperature(scores, targets)


def held_out_figures(bundle: Bundle, test: LabelledBeats) -> dict[str, Any]:
    """The card's figures over test beats: MIT-BIH by beat, PTB-XL and CPSC 2018 by record.

    Parameters
    ----------
    test : LabelledBeats
        Of patients that the bundle was not trained on, of its classes.
    """
    recipe = RECIPES[bundle.name]
    mitdb = _of(test, "mitdb")
    found: dict[str, Any] = {
        "mitdb": figures(mitdb.labels, _predicted(bundle.network, recipe, mitdb), mitdb.patients, bundle.classes),
        "calibration": _calibration_figures(bundle, recipe, mitdb),
    }
    if recipe.window.several_leads:
        alone = _with_one_lead(mitdb)
        found["mitdb_one_lead"] = figures(
            alone.labels, _predicted(bundle.network, recipe, alone), alone.patients, bundle.classes
        )
    for name in recipe.databases[1:]:
        found[f"{name}_dominant_label"] = _right_by_class(_dominant_labels(bundle.network, recipe, _of(test, name)))
    return found


def _calibration_figures(bundle: Bundle, recipe: Recipe, beats: LabelledBeats) -> dict[str, float]:
    values = inputs(beats, recipe.window)
    scores, features = scored(bundle.network, values)
    right = np.array(bundle.classes)[scores.argmax(axis=1)] == beats.labels
    plain, calibrated = softmax(scores).max(axis=1), softmax(scores, bundle.temperature).max(axis=1)
    sure = calibrated >= bundle.certain_from
    found = {
        "expected_calibration_error": calibration_error(calibrated, right),
        "expected_calibration_error_before": calibration_error(plain, right),
        "uncertain_share": 1 - sure.mean(),
        "accuracy_of_certain": right[sure].mean(),
        "accuracy_of_uncertain": right[~sure].mean() if not sure.all() else 1.0,
    }
    if bundle.familiarity is not None:
        noise = _white_noise_instead(values[:2000], recipe.window.n_leads)
        found["unlike_share"] = bundle.familiarity.unlike(values, features).mean()
        found["unlike_share_of_white_noise"] = bundle.familiarity.unlike(noise, scored(bundle.network, noise)[1]).mean()
    return {name: round(float(value), 4) for name, value in found.items()}


def _white_noise_instead(values: np.ndarray, n_leads: int) -> np.ndarray:
    """The windows with every lead that is there replaced by noise of the same mean and deviation."""
    noisy = values.copy()
    leads = values[:, :, :n_leads]
    noise = np.random.default_rng(SPLIT_SEED).standard_normal(leads.shape).astype(np.float32)
    noisy[:, :, :n_leads] = leads.mean(axis=1, keepdims=True) + noise * leads.std(axis=1, keepdims=True)
    return noisy


def _card(
    recipe: Recipe, dealt: DealtBeats, history: History, starts: Mapping[int, float], temperature: float
) -> dict[str, Any]:
    return {
        "title": recipe.title,
        "summary": recipe.summary,
        "classes": list(recipe.classes),
        "variables": list(recipe.window.variables),
        "preprocessing": list(recipe.preprocessing),
        "not_for": list(recipe.not_for),
        "temperature": temperature,
        "certain_from": _CERTAIN_FROM,
        "plan": asdict(recipe.plan),
        "data": [_VERSIONS[name] for name in recipe.databases],
        "data_digest": LabelledBeats.joined([dealt.training, dealt.validation, dealt.test]).digest,
        "training": _set_described(dealt.training)
        | {
            "epochs": len(history.validation),
            "best_epoch": history.best_epoch,
            "validation_loss": round(min(history.validation), 4),
            "validation_loss_by_seed": {str(seed): loss for seed, loss in starts.items()},
        },
        "validation": _set_described(dealt.validation),
        "test_set": _set_described(dealt.test),
    }


def _set_described(beats: LabelledBeats) -> dict[str, Any]:
    labels, counts = np.unique(beats.labels, return_counts=True)
    return {
        "beats": {str(label): int(count) for label, count in zip(labels, counts, strict=True)},
        "patients": sorted({str(patient) for patient in beats.patients}),
    }
