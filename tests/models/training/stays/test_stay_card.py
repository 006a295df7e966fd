"""What the card of icu-mortality says is there, and it is true."""

import os
import tarfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from backend.models.bundle import load_bundle
from backend.models.classification import classify_stay
from backend.models.metrics.binary import auroc, event_1
from backend.models.scores import scores_over_time
from backend.models.thresholds import named_from
from backend.models.training.stays.labelled_stays import LabelledStays, deal_stays, dealt_for_test, load_stays
from backend.models.training.stays.stay_publishing import NAME, peer_figures, stay_test_figures
from backend.models.training.stays.stay_training import PLAN, training_window
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
    return load_bundle(NAME)


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
    assert card["plan"]["seed"] == PLAN.seed
    assert card["plan"]["epochs"] == PLAN.epochs
    assert bundle.network.architecture.variables == len(bundle.window.variables)
    assert "Silva et al. 2012" in card["data"][0]


def test_no_stay_is_both_trained_on_and_tested_on(bundle):
    training, test = (bundle.card[part]["patients"] for part in ("training", "test_set"))
    assert not set(training) & set(test)
    for part in ("training", "test_set"):
        counts = bundle.card[part]["stays"]
        assert counts["death"] + counts["survival"] == len(bundle.card[part]["patients"])


def test_the_label_death_is_given_from_the_threshold_that_the_card_states(bundle):
    assert named_from(bundle, "death") == pytest.approx(bundle.card["death_called_from"], abs=1e-3)


def test_every_figure_stands_beside_its_peers_on_the_same_stays(bundle):
    for found in (bundle.card["test"], bundle.card["strict"]):
        for peer in ("SAPS-I", "logistic regression on last values"):
            assert found["beside"][peer]["stays"] == found["stays"]
            assert found["auroc"]["value"] > found["beside"][peer]["auroc"]["value"]


def test_more_hours_tell_more(bundle):
    worth = [row["auroc"] for row in bundle.card["test"]["by_hours"].values()]
    assert worth[0] < worth[2] < worth[-1]


@needs_data
def test_the_stays_are_those_of_the_card(bundle):
    deal = deal_stays(all_stays())
    assert all_stays().digest == bundle.card["data_digest"]
    assert sorted(deal.test.names) == bundle.card["test_set"]["patients"]
    assert sorted(deal.training.names) == bundle.card["training"]["patients"]
    assert training_window(deal.training) == bundle.window


@needs_data
def test_the_test_figures_of_the_card_are_found_again(bundle):
    assert_alike(stay_test_figures(bundle, deal_stays(all_stays())), bundle.card["test"])


@needs_data
def test_the_peers_of_the_strict_comparison_are_found_again(bundle):
    stays = all_stays()
    assert_alike(peer_figures(dealt_for_test(stays, stays.sets == "b")), bundle.card["strict"]["beside"])


def assert_alike(found, stated):
    """The same structure, with numbers that differ by rounding only."""
    if isinstance(stated, dict):
        assert set(found) == set(stated)
        for name in stated:
            assert_alike(found[name], stated[name])
    elif isinstance(stated, list):
        assert len(found) == len(stated)
        for own, other in zip(found, stated, strict=True):
            assert_alike(own, other)
    else:
        assert found == pytest.approx(stated, abs=2e-3)


@needs_data
def test_the_bundle_reads_the_files_themselves_as_the_card_says(bundle, tmp_path):
    """The way of a person: open the files of the test stays, classify each, and compare with the outcomes."""
    risks, called, died = [], [], []
    for path, is_dead in files_of_the_test_stays(bundle, tmp_path):
        classified = classify_stay(bundle, open_record(path))
        risks.append(classified.scores.probabilities[0, 0])
        called.append(classified.scores.labels[0] == "death")
        died.append(is_dead)
        by_hour = scores_over_time(bundle, classified.windows.values[0])
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
