"""The cards of the beat models are complete and their figures true."""

import hashlib
import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from backend.models.bundle import BUNDLES, Bundle, bundle_names, load_bundle
from backend.models.classification import ClassifiedBeats, classify_beats
from backend.models.metrics.multiclass import classification_figures, top_class_calibration_error
from backend.models.training.beats.labelled_beats import margin_steps
from backend.models.training.beats.labelled_records import CONDUCTED
from backend.models.training.beats.protocols.aami import AAMI_PROTOCOLS
from backend.models.training.beats.protocols.reference_totals import BEAT_BY_BEAT
from backend.models.training.registry import RECIPES
from backend.models.training.splits import mitdb_patient
from backend.records.opening import open_record
from backend.records.samples.catalogue import read_catalogue
from backend.windows.beats.beat_windows import cut_beats, first_steps
from backend.windows.beats.detection import find_beats

DATA = os.environ.get("BEATLIGHT_DATA")
SETS = ("training", "validation", "test_set")
FIELDS = (
    *("name", "title", "summary", "classes", "variables", "window", "preprocessing", "architecture"),
    *(*SETS, "data", "data_digest", "plan", "test", "temperature", "certain_from", "familiarity", "not_for"),
)


@pytest.fixture(params=bundle_names("beat"))
def bundle(request) -> Bundle:
    return load_bundle(request.param)


def patients_of(card, part: str) -> set[str]:
    return set(card[part]["patients"])


def test_a_card_has_every_field_and_none_is_empty(bundle):
    for name in FIELDS:
        assert bundle.card[name], name


def test_a_card_is_that_of_its_own_bundle_and_recipe(bundle):
    card, recipe = bundle.card, RECIPES[bundle.name]
    assert card["name"] == bundle.name
    assert tuple(card["classes"]) == recipe.classes
    assert tuple(card["variables"]) == recipe.window.variables == bundle.window.variables
    assert bundle.window == recipe.window
    n_merged = 1 + len(recipe.further_seeds) if recipe.is_merged else 1
    merged = replace(recipe.architecture, hidden=n_merged * recipe.architecture.hidden)
    assert bundle.network.architecture == merged
    assert (card["title"], card["summary"]) == (recipe.text.title, recipe.text.summary)
    assert tuple(card["data"]) == recipe.text.data
    assert tuple(card["not_for"]) == recipe.text.not_for
    assert tuple(card["preprocessing"]) == recipe.text.preprocessing


def test_a_card_states_the_seed_and_the_digest_of_the_data(bundle):
    assert isinstance(bundle.card["plan"]["seed"], int)
    assert len(bytes.fromhex(bundle.card["data_digest"])) == 32


def test_the_validation_loss_of_every_start_is_stated(bundle):
    recipe, training = RECIPES[bundle.name], bundle.card["training"]
    if recipe.is_merged:
        assert len(training["best_epochs"]) == len(training["validation_losses"]) == 1 + len(recipe.further_seeds)
        return
    losses = training["validation_loss_by_seed"]
    assert set(losses) == {str(seed) for seed in (recipe.plan.seed, *recipe.further_seeds)}
    assert training["validation_loss"] == min(losses.values())


def test_no_patient_is_in_two_sets(bundle):
    training, validation, test = (patients_of(bundle.card, part) for part in SETS)
    assert not training & validation
    assert not training & test
    assert not validation & test
    assert not any("mitdb-202" in patients_of(bundle.card, part) for part in SETS)


def test_every_class_of_the_model_is_in_training_and_in_test(bundle):
    for part in ("training", "test_set"):
        assert set(bundle.card[part]["beats"]) - {CONDUCTED} == set(bundle.classes)
    assert CONDUCTED not in bundle.card["test_set"]["beats"]


def test_the_catalogues_records_are_of_the_test_patients_alone(bundle):
    tested = {patient for patient in patients_of(bundle.card, "test_set") if patient.startswith("mitdb-")}
    assert {f"mitdb-{mitdb_patient(record.name)}" for record in read_catalogue("ecg")} == tested


def test_all_bundles_were_tested_on_the_same_mitdb_patients_and_trained_on_none_of_them():
    cards = [load_bundle(name).card for name in bundle_names("beat")]
    tested = [{own for own in patients_of(card, "test_set") if own.startswith("mitdb-")} for card in cards]
    assert all(own == tested[0] for own in tested)
    for card in cards:
        assert not tested[0] & (patients_of(card, "training") | patients_of(card, "validation"))


def test_a_card_has_figures_of_each_class_and_each_patient(bundle):
    found = bundle.card["test"]["mitdb"]
    assert set(found["classes"]) == set(bundle.classes)
    assert all(row["beats"] > 0 for row in found["classes"].values())
    tested = {patient for patient in patients_of(bundle.card, "test_set") if patient.startswith("mitdb-")}
    assert set(found["by_patient"]) == tested
    assert sum(row["beats"] for row in found["by_patient"].values()) == found["beats"]


def test_the_headline_figures_of_a_card_follow_from_its_own_table(bundle):
    found = bundle.card["test"]["mitdb"]
    table = np.array(found["confusion"]["counts"])
    assert found["beats"] == table.sum()
    assert found["accuracy"] == pytest.approx(np.trace(table) / table.sum(), abs=1e-4)
    assert found["majority_class_share"] == pytest.approx(table.sum(axis=1).max() / table.sum(), abs=1e-4)
    f1 = 2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1))
    assert found["macro_f1"] == pytest.approx(f1.mean(), abs=1e-4)


def test_a_card_says_how_well_its_probabilities_are_calibrated(bundle):
    calibration = bundle.card["test"]["calibration"]
    assert 0 <= calibration["expected_calibration_error"] <= 1
    assert calibration["accuracy_of_certain"] >= calibration["accuracy_of_uncertain"]
    assert calibration["unlike_share_of_white_noise"] > calibration["unlike_share"]


def test_a_card_of_a_model_of_several_leads_says_how_well_it_works_on_one(bundle):
    alone = bundle.card["test"].get("mitdb_one_lead")
    assert (alone is not None) == bundle.window.in_context
    assert alone is None or 0 < alone["accuracy"] <= 1


def test_cards_are_plain_json_without_a_path_or_a_number_that_json_lacks():
    for path in BUNDLES.glob("*/card.json"):
        text = path.read_text(encoding="utf-8")
        json.loads(text, parse_constant=pytest.fail)
        assert "/work" not in text
        assert "/home" not in text


@cache
def mitdb_record(name: str):
    return open_record(Path(DATA or "") / "mitdb" / name)


def records_tested_for(bundle: Bundle) -> list[str]:
    tested = patients_of(bundle.card, "test_set")
    names = sorted(path.stem for path in (Path(DATA or "") / "mitdb").glob("*.hea"))
    return [name for name in names if f"mitdb-{mitdb_patient(name)}" in tested]


def in_the_test_set(bundle: Bundle, name: str, classified: ClassifiedBeats) -> np.ndarray:
    """Which beats the card counts: of the model's classes, far enough from the edges to be shifted in training."""
    _, whole = first_steps(mitdb_record(name), classified.beats, bundle.window, margin_steps(bundle.window))
    whole_peaks = classified.beats.r_peaks[whole]
    return np.isin(classified.windows.anchor, whole_peaks) & np.isin(classified.windows.reference, bundle.classes)


@pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder with the databases")
def test_the_headline_figures_are_what_the_product_gives_on_the_test_records(bundle):
    reference, predicted, patients, greatest, unlike = [], [], [], [], []
    for name in records_tested_for(bundle):
        classified = classify_beats(bundle, mitdb_record(name))
        kept = in_the_test_set(bundle, name, classified)
        reference += np.array(classified.windows.reference)[kept].tolist()
        predicted += np.array(classified.scores.labels)[kept].tolist()
        patients += [f"mitdb-{mitdb_patient(name)}"] * int(kept.sum())
        greatest += classified.scores.probabilities.max(axis=1)[kept].tolist()
        unlike += classified.scores.is_ood[kept].tolist()
    reference, predicted, greatest = np.array(reference), np.array(predicted), np.array(greatest)
    found = classification_figures(reference, predicted, np.array(patients), bundle.classes)
    said = bundle.card["test"]["mitdb"]
    assert found["beats"] == said["beats"]
    assert found["patients"] == said["patients"]
    # A beat on the border between two classes may fall to the other side on another processor.
    for name in ("accuracy", "macro_f1", "majority_class_share"):
        assert found[name] == pytest.approx(said[name], abs=5e-4), name
    for name, row in said["classes"].items():
        assert found["classes"][name]["beats"] == row["beats"]
        assert found["classes"][name]["sensitivity"] == pytest.approx(row["sensitivity"], abs=2e-3), name
    for patient, row in said["by_patient"].items():
        assert found["by_patient"][patient]["reference"] == row["reference"]
        assert found["by_patient"][patient]["accuracy"] == pytest.approx(row["accuracy"], abs=2e-3), patient
    calibration = bundle.card["test"]["calibration"]
    error = top_class_calibration_error(greatest, reference == predicted)
    assert error == pytest.approx(calibration["expected_calibration_error"], abs=2e-3)
    indices = [bundle.classes.index(name) for name in predicted]
    assert (greatest < bundle.certain_from[indices]).mean() == pytest.approx(calibration["uncertain_share"], abs=2e-3)
    assert np.mean(unlike) == pytest.approx(calibration["unlike_share"], abs=2e-3)


@pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder with the databases")
@pytest.mark.timeout(900)
def test_the_published_recipe_still_reads_the_beats_that_its_weights_were_trained_on():
    bundle, windows, labels, beats = load_bundle("ecg-beat-2018"), {}, {}, {}
    for path in sorted((Path(DATA or "") / "mitdb").glob("*.hea")):
        patient = f"mitdb-{mitdb_patient(path.stem)}"
        values, r_peaks, reference = windows_in_training(bundle, path.stem)
        windows.setdefault(patient, []).append(values)
        labels.setdefault(patient, []).append(reference)
        rows = zip(r_peaks, reference, strict=True)
        beats.setdefault(patient, []).extend(f"{patient} {path.stem} {peak} {label}" for peak, label in rows)
    in_sets = [sorted(bundle.card[part]["patients"]) for part in SETS]
    lines = "\n".join(line for part in in_sets for own in part for line in beats[own])
    assert hashlib.sha256(lines.encode()).hexdigest() == bundle.card["data_digest"]
    # The weights hold the mean window of each class over the training patients.
    for place, name in enumerate(bundle.classes):
        means = []
        for patient in in_sets[0]:
            of_class = np.concatenate(windows[patient])[np.concatenate(labels[patient]) == name]
            if len(of_class):
                means.append(of_class.mean(axis=0, dtype=np.float64))
        assert np.mean(means, axis=0) == pytest.approx(bundle.class_means[place], abs=1e-6)


def windows_in_training(bundle: Bundle, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The windows (n, T, D) of a record of MIT-BIH that can be shifted in training, their R peaks and labels."""
    record = mitdb_record(name)
    beats = find_beats(record, detector=bundle.window.detector)
    cut = cut_beats(record, beats, bundle.window)
    _, whole = first_steps(record, beats, bundle.window, margin_steps(bundle.window))
    kept = np.isin(cut.anchor, beats.r_peaks[whole]) & np.isin(cut.reference, bundle.classes)
    return cut.values[kept], cut.anchor[kept], np.array(cut.reference)[kept]


def test_a_card_of_several_databases_annotated_by_beat_has_figures_under_each_protocol(bundle):
    tested = [own for own in AAMI_PROTOCOLS if set(BEAT_BY_BEAT) <= set(RECIPES[bundle.name].databases)]
    found = bundle.card.get("protocols", {})
    assert set(found) == {own.name for own in tested}
    for figures in found.values():
        table = dict(zip(figures["confusion"]["rows"], figures["confusion"]["counts"], strict=True))
        n_beats = {name: sum(row) for name, row in table.items()}
        assert figures["beats"] == sum(n_beats.values()) - n_beats["no beat"]
        assert {name: row["beats"] for name, row in figures["classes"].items()} == {own: n_beats[own] for own in "NSVF"}
        n_right = sum(table[name][figures["confusion"]["columns"].index(name)] for name in "NSV")
        assert figures["accuracy"][0] == pytest.approx(n_right / figures["beats"], abs=1e-4)
