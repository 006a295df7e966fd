"""The choice of LRP's stabiliser, and what it costs on the test set of a model."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from backend.cohort.stratified_sampling import draw_evenly
from backend.explain.api import explain_many, read_parameters
from backend.explain.quality.faithfulness import measure_comprehensiveness
from backend.explain.techniques.lrp import PUBLISHED_STABILISER, LRPParameters, measure_lost_shares
from backend.models.bundle import BUNDLES, Bundle, load_bundle
from backend.models.classification import classify_beats
from backend.models.metrics.cluster_bootstrap import bootstrap_means
from backend.models.scores import compute_scores, predict_classes
from backend.models.training.beats.beat_test_set import BeatTestSet
from backend.models.training.beats.labelled_records import labelled_records
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.windows.beats.beat_windows import BeatWindow

__all__ = ["STABILISERS", "LostScore", "StabiliserStudy", "measure_choice", "read_study", "study_stabilisers"]

STABILISERS = (PUBLISHED_STABILISER, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
"""The values to choose from."""

_TECHNIQUE = "relevance"
_CHOSEN_ON = "svdb"
_MOST_PATIENTS = 12
_SEED = 2018
_FILE = "stabilisers.json"


@dataclass(frozen=True)
class LostScore:
    """How much of the score stabiliser and biases take with one stabiliser; see ``Relevance.lost``.

    Attributes
    ----------
    stabiliser : float
    beats, patients : int
        On how many it was measured.
    lost, low, high : float
        Median, 10th and 90th percentile of the lost share.
    departure : float
        Median magnitude of the lost share.
    drop, drop_low, drop_high : float or None
        Score reduction when the most salient 2 to 50% become 0 (``comprehensiveness``), with its 95% interval over
        patients; None where it was not measured or there are too few patients.
    """

    stabiliser: float
    beats: int
    patients: int
    lost: float
    low: float
    high: float
    departure: float
    drop: float | None = None
    drop_low: float | None = None
    drop_high: float | None = None


@dataclass(frozen=True)
class StabiliserStudy:
    """LRP with several stabilisers on beats of one model.

    Attributes
    ----------
    model_digest : str
    choice : tuple of LostScore
        For each of STABILISERS, on beats of patients of svdb.
    are_validation_patients : bool
        Whether they are validation patients of the model; otherwise it has never seen them.
    test : tuple of LostScore
        For the published stabiliser and, last, that of the model, on beats of the test patients.
    """

    model_digest: str
    choice: tuple[LostScore, ...]
    are_validation_patients: bool
    test: tuple[LostScore, ...]

    @property
    def chosen(self) -> float:
        """The stabiliser for which the relevance departs least from the score."""
        return min(self.choice, key=lambda row: row.departure).stabiliser


def study_stabilisers(model: str, data: Path, n_beats: int = 2000, folder: Path = BUNDLES) -> StabiliserStudy:
    """Measure how much of the score reaches the values by stabiliser, keep it beside the model, and return it.

    The stabiliser is chosen by how far the sum of the relevance departs from the score, without deleting anything, on
    patients of svdb: the validation patients of the model in svdb or, if it has none, up to 12 patients that are in
    none of its sets. The test patients then show what it costs. The predicted class of each beat is explained.

    Parameters
    ----------
    model : str
    data : Path
        The folder that holds the databases.
    n_beats : int
        Beats of either part, drawn evenly over classes and patients.
    folder : Path
        The parent of the model's folder.

    Raises
    ------
    RecordRefused
        If the model does not exist or does not read beats, or a database is missing.
    """
    bundle = load_bundle(model, folder)
    if not isinstance(bundle.window, BeatWindow):
        raise RecordRefused(f"{model} does not read beats. Choose a model of beats.")
    test_set = BeatTestSet.read(bundle, data)
    tested = test_set.cases(draw_evenly(test_set.labels, test_set.patients, n_beats, _SEED))
    own = read_parameters(_TECHNIQUE, bundle, {}).values()["stabiliser"]
    study = StabiliserStudy(
        model_digest=bundle.digest,
        choice=measure_choice(bundle, data, n_beats),
        are_validation_patients=_choose_patients(bundle, data)[1],
        test=tuple(
            _measure_cost(bundle, tested.values, tested.patients, stabiliser)
            for stabiliser in dict.fromkeys((PUBLISHED_STABILISER, float(own)))
        ),
    )
    path = folder / model / "evidence" / _FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(asdict(study), indent=2) + "\n", encoding="utf-8")
    return study


def measure_choice(
    bundle: Bundle, data: Path, n_beats: int, stabilisers: Sequence[float] = STABILISERS
) -> tuple[LostScore, ...]:
    """Return what each stabiliser takes of the scores of beats of svdb; see ``study_stabilisers``."""
    values, patients = _read_beats(bundle, data, _choose_patients(bundle, data)[0], n_beats)
    return tuple(_measure_lost(bundle, values, patients, stabiliser) for stabiliser in stabilisers)


def read_study(model: str, folder: Path = BUNDLES) -> StabiliserStudy | None:
    """Return the study beside a model, or None.

    Raises
    ------
    RecordRefused
        If it cannot be read.
    """
    path = folder / model / "evidence" / _FILE
    if not path.is_file():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        choice, test = (tuple(LostScore(**row) for row in stored.pop(name)) for name in ("choice", "test"))
        return StabiliserStudy(choice=choice, test=test, **stored)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RecordRefused(
            f"The stabilisers of {model} cannot be read. Restore its folder, or run stabilisers again."
        ) from error


def _choose_patients(bundle: Bundle, data: Path) -> tuple[tuple[str, ...], bool]:
    """Return the patients of svdb to choose on, and whether they are validation patients of the model."""
    patients = [record.patient for record in labelled_records(data, _CHOSEN_ON)]
    sets = {name: set(bundle.card.get(name, {}).get("patients", ())) for name in ("training", "validation", "test_set")}
    validation = [patient for patient in patients if patient in sets["validation"]]
    chosen = validation or [patient for patient in patients if not any(patient in own for own in sets.values())]
    if not chosen:
        raise RecordRefused(f"{bundle.name} was trained or tested on all patients of {_CHOSEN_ON}. Leave some out.")
    places = np.unique(np.linspace(0, len(chosen) - 1, min(len(chosen), _MOST_PATIENTS)).round().astype(int))
    return tuple(chosen[place] for place in places), bool(validation)


def _read_beats(bundle: Bundle, data: Path, patients: Sequence[str], n_beats: int) -> tuple[np.ndarray, np.ndarray]:
    """Return windows (n, T, D) of some patients of svdb, drawn evenly over predicted classes, and their patients."""
    values, labels, of_patient = [], [], []
    for record in labelled_records(data, _CHOSEN_ON):
        if record.patient in patients:
            classified = classify_beats(bundle, open_record(record.path))
            whole = np.isfinite(classified.windows.values).all(axis=(1, 2))
            values.append(classified.windows.values[whole])
            labels.append(np.array(classified.scores.labels)[whole])
            of_patient.append(np.full(int(whole.sum()), record.patient))
    every_patient = np.concatenate(of_patient)
    drawn = draw_evenly(np.concatenate(labels), every_patient, n_beats, _SEED)
    return np.concatenate(values)[drawn], every_patient[drawn]


def _measure_lost(bundle: Bundle, windows: np.ndarray, patients: np.ndarray, stabiliser: float) -> LostScore:
    lost = measure_lost_shares(bundle, windows, _predict(bundle, windows), LRPParameters(stabiliser))
    lost = lost[np.isfinite(lost)]
    low, median, high = (round(float(value), 4) for value in np.percentile(lost, (10, 50, 90)))
    departure = round(float(np.median(np.abs(lost))), 4)
    return LostScore(stabiliser, len(windows), len(set(patients)), median, low, high, departure)


def _measure_cost(bundle: Bundle, windows: np.ndarray, patients: np.ndarray, stabiliser: float) -> LostScore:
    """Return what one stabiliser takes of the score, and the score reduction."""
    targets = _predict(bundle, windows)
    saliences = explain_many(bundle, windows, _TECHNIQUE, targets, LRPParameters(stabiliser))
    drops = measure_comprehensiveness(bundle, windows, np.stack([own.values for own in saliences]), targets, 0.0)
    means = bootstrap_means(drops[:, np.newaxis], patients)
    drop, low, high = (
        None if np.isnan(figures[0]) else round(float(figures[0]), 4)
        for figures in (means.values, means.low, means.high)
    )
    return replace(_measure_lost(bundle, windows, patients, stabiliser), drop=drop, drop_low=low, drop_high=high)


def _predict(bundle: Bundle, windows: np.ndarray) -> list[str]:
    return [bundle.classes[index] for index in predict_classes(bundle, compute_scores(bundle, windows))]
