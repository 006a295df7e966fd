"""The card of icu-mortality is complete and its figures are true."""

import os
import tarfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from backend.models.bundle import load_bundle
from backend.models.classification import classify_stay
from backend.models.metrics.binary import auroc, event_1
from backend.models.scores import score_over_time
from backend.models.thresholds import decision_threshold
from backend.models.training.stays.icu_mortality import ICU_MORTALITY
from backend.models.training.stays.labelled_stays import LabelledStays, load_stays, split_by_set, split_stays
from backend.models.training.stays.stay_evaluation import evaluate_comparators
from backend.records.opening import open_record
from backend.records.record import RecordRefused

DATA = os.environ.get("BEATLIGHT_DATA")
FIELDS = (
    *("name", "title", "summary", "classes", "variables", "window", "preprocessing", "architecture", "not_for"),
    *("training", "validation", "test_set", "test", "strict", "data", "data_digest", "plan", "explanation"),
    *("temperature", "certain_from", "weights", "familiarity"),
)

needs_data = pytest.mark.skipif(not DATA, reason="needs the databases")


@pytest.fixture(scope="module")
def bundle():
    return load_bundle(ICU_MORTALITY.name)


@cache
def all_stays() -> LabelledStays:
    return load_stays(Path(DATA or ""))


def test_the_card_has_every_field_and_none_is_empty(bundle):
    for name in FIELDS:
        assert bundle.card[name], name


def test_the_card_is_that_of_its_own_bundle_and_recipe(bundle):
    card = bundle.card
    assert bundle.classes == ("death", "survival")
    assert tuple(card["variables"]) == bundle.window.variables
    assert card["plan"]["seed"] == ICU_MORTALITY.plan.seed
    assert card["plan"]["epochs"] == ICU_MORTALITY.plan.epochs
    assert (card["title"], card["summary"]) == (ICU_MORTALITY.text.title, ICU_MORTALITY.text.summary)
    assert tuple(card["preprocessing"]) == ICU_MORTALITY.text.preprocessing
    assert tuple(card["not_for"]) == ICU_MORTALITY.text.not_for
    assert tuple(card["data"]) == ICU_MORTALITY.text.data
    assert card["explanation"] == ICU_MORTALITY.explanation
    assert bundle.network.architecture.variables == len(bundle.window.variables)
    assert "Silva et al. 2012" in card["data"][0]


def test_no_stay_is_both_trained_on_and_tested_on(bundle):
    training, test = (bundle.card[part]["patients"] for part in ("training", "test_set"))
    assert not set(training) & set(test)
    for part in ("training", "test_set"):
        counts = bundle.card[part]["stays"]
        assert counts["death"] + counts["survival"] == len(bundle.card[part]["patients"])


def test_death_is_predicted_from_the_threshold_that_the_card_states(bundle):
    assert decision_threshold(bundle, "death") == pytest.approx(bundle.card["death_called_from"], abs=1e-3)


def test_the_model_beats_its_comparators_on_the_same_stays(bundle):
    for found in (bundle.card["test"], bundle.card["strict"]):
        for comparator in ("SAPS-I", "logistic regression on last values"):
            assert found["beside"][comparator]["stays"] == found["stays"]
            assert found["auroc"]["value"] > found["beside"][comparator]["auroc"]["value"]


def test_more_hours_give_a_greater_auroc(bundle):
    aurocs = [row["auroc"] for row in bundle.card["test"]["by_hours"].values()]
    assert aurocs[0] < aurocs[2] < aurocs[-1]


@needs_data
def test_the_stays_are_those_of_the_card(bundle):
    split = split_stays(all_stays())
    assert all_stays().digest == bundle.card["data_digest"]
    assert sorted(split.test.names) == bundle.card["test_set"]["patients"]
    assert sorted(split.training.names) == bundle.card["training"]["patients"]
    assert ICU_MORTALITY.fit_window(split.training) == bundle.window


@needs_data
def test_the_test_figures_can_be_recomputed(bundle):
    assert_agree(ICU_MORTALITY.test(bundle, ICU_MORTALITY.split(all_stays())), bundle.card["test"])


@needs_data
def test_the_comparators_on_the_split_by_set_can_be_recomputed(bundle):
    assert_agree(evaluate_comparators(split_by_set(all_stays())), bundle.card["strict"]["beside"])


def assert_agree(found, stated):
    """The same structure, with numbers that differ by rounding only."""
    if isinstance(stated, dict):
        assert set(found) == set(stated)
        for name in stated:
            assert_agree(found[name], stated[name])
    elif isinstance(stated, list):
        assert len(found) == len(stated)
        for own, other in zip(found, stated, strict=True):
            assert_agree(own, other)
    else:
        assert found == pytest.approx(stated, abs=2e-3)


@needs_data
def test_the_files_of_the_test_stays_give_the_figures_of_the_card(bundle, tmp_path):
    """The way of a person: open the files of the test stays, classify each, and compare with the outcomes."""
    risks, called, died = [], [], []
    for path, is_dead in files_of_the_test_stays(bundle, tmp_path):
        classified = classify_stay(bundle, open_record(path))
        risks.append(classified.scores.probabilities[0, 0])
        called.append(classified.scores.labels[0] == "death")
        died.append(is_dead)
        by_hour = score_over_time(bundle, classified.windows.values[0])
        assert by_hour.probabilities[-1, 0] == pytest.approx(risks[-1], abs=1e-5)
    assert auroc(np.array(died), np.array(risks)) == pytest.approx(bundle.card["test"]["auroc"]["value"], abs=2e-3)
    found = event_1(np.array(died), np.array(called))
    assert found == pytest.approx(bundle.card["test"]["event_1"]["value"], abs=1e-2)


def files_of_the_test_stays(bundle, folder):
    tested = set(bundle.card["test_set"]["patients"])
    stays = all_stays()
    died = dict(zip(stays.names.tolist(), stays.died.tolist(), strict=True))
    with tarfile.open(Path(DATA or "") / "challenge2012" / "set-b.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    for path in sorted(folder.rglob("*.txt")):
        if path.stem in tested:
            yield path, died[path.stem]


@needs_data
def test_a_recording_of_signals_is_refused_by_the_stays_model(bundle):
    with pytest.raises(RecordRefused, match="stay"):
        classify_stay(bundle, open_record(Path(DATA or "") / "mitdb" / "100"))
