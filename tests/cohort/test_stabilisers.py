"""What LRP loses of the score by stabiliser: chosen on patients of svdb, shown on the test patients."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.cohort.model_cards.stabiliser_tables import stabiliser_tables
from backend.cohort.stabilisers import (
    STABILISERS,
    LostScore,
    StabiliserStudy,
    measure_choice,
    read_study,
    study_stabilisers,
)
from backend.explain.techniques.lrp import LRPParameters, measure_lost_shares
from backend.models.bundle import bundle_names, load_bundle
from backend.models.classification import classify_beats
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from tests.cohort.made_models import write_data, write_toy
from tests.models.made_databases import copy_samples

DATA = os.environ.get("BEATLIGHT_DATA")
OF_SVDB = ("sim_bigeminy", "sim_atrial_premature")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, StabiliserStudy]:
    folder = tmp_path_factory.mktemp("stabilisers")
    write_toy(folder)
    write_data(folder)
    copy_samples(OF_SVDB, folder / "svdb")
    return folder, study_stabilisers("toy", folder, 10_000, folder)


def lost_by_hand(folder: Path, stabiliser: float) -> np.ndarray:
    """One beat at a time, of all beats of svdb."""
    bundle, lost = load_bundle("toy", folder), []
    for name in OF_SVDB:
        classified = classify_beats(bundle, open_record(folder / "svdb" / name))
        for window, label in zip(classified.windows.values, classified.scores.labels, strict=True):
            lost.append(measure_lost_shares(bundle, window[np.newaxis], (label,), LRPParameters(stabiliser))[0])
    return np.array(lost)


def test_the_figures_of_every_stabiliser_are_those_of_all_beats_of_svdb_one_by_one(made):
    folder, study = made
    assert [row.stabiliser for row in study.choice] == list(STABILISERS)
    for row in study.choice[::3]:
        lost = lost_by_hand(folder, row.stabiliser)
        assert (row.beats, row.patients) == (len(lost), 2)
        assert [row.low, row.lost, row.high] == pytest.approx(np.percentile(lost, (10, 50, 90)), abs=1e-4)
        assert row.departure == pytest.approx(np.median(abs(lost)), abs=1e-4)


def test_the_chosen_stabiliser_departs_least_from_the_score(made):
    _, study = made
    rows = [
        replace(study.choice[0], stabiliser=place, departure=value) for place, value in ((1, 0.4), (2, 0.3), (3, 0.9))
    ]
    assert replace(study, choice=tuple(rows)).chosen == 2


def test_test_patients_show_the_published_stabiliser_and_then_that_of_the_model(made):
    _, study = made
    assert [row.stabiliser for row in study.test] == [0.001, 0.02]
    assert {row.patients for row in study.test} == {3}
    assert all(row.drop is not None and row.drop_low is None for row in study.test)  # too few patients


def test_a_validation_patient_in_svdb_is_preferred_to_one_the_model_has_never_seen(made, tmp_path):
    folder, study = made
    assert not study.are_validation_patients
    card = json.loads((folder / "toy" / "card.json").read_text())
    card["validation"] = {"patients": ["svdb-sim_bigeminy"]}
    write_toy(tmp_path)
    (tmp_path / "toy" / "card.json").write_text(json.dumps(card))
    (row,) = measure_choice(load_bundle("toy", tmp_path), folder, 20, (0.02,))
    assert (row.beats, row.patients) == (20, 1)


def test_a_model_that_has_seen_all_of_svdb_is_refused(made, tmp_path):
    folder, _ = made
    card = json.loads((folder / "toy" / "card.json").read_text())
    card["training"] = {"patients": [f"svdb-{name}" for name in OF_SVDB]}
    write_toy(tmp_path)
    (tmp_path / "toy" / "card.json").write_text(json.dumps(card))
    with pytest.raises(RecordRefused, match="trained or tested on all patients of svdb"):
        measure_choice(load_bundle("toy", tmp_path), folder, 20)


def test_a_model_of_alarms_is_refused(tmp_path):
    with pytest.raises(RecordRefused, match="does not read beats"):
        study_stabilisers("icu-alarm", tmp_path)


def test_the_study_is_read_back_and_a_broken_one_is_refused(made, tmp_path):
    folder, study = made
    assert read_study("toy", folder) == study
    assert read_study("toy", tmp_path) is None
    (tmp_path / "toy" / "evidence").mkdir(parents=True)
    (tmp_path / "toy" / "evidence" / "stabilisers.json").write_text("{}")
    with pytest.raises(RecordRefused, match="cannot be read"):
        read_study("toy", tmp_path)


def test_the_tables_state_what_is_lost_and_name_the_paper():
    row = LostScore(0.001, 400, 12, 0.25, -0.5, 1.5, 0.75, 1.85, 1.0, 2.0)
    study = StabiliserStudy("0" * 64, (replace(row, drop=None),), False, (row, replace(row, stabiliser=0.02)))
    text = stabiliser_tables(study)
    assert "On 400 beats of 12 patients of svdb, who are in none of its sets:" in text
    assert "| 0.001 (Arras et al. 2017) | 0.75 | 0.25 (-0.50 to 1.50) |\n" in text
    assert "| 0.02 | 0.75 | 0.25 (-0.50 to 1.50) | 1.85 (1.00–2.00) |" in text


@pytest.mark.skipif(DATA is None, reason="BEATLIGHT_DATA names no folder with the databases")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [own for own in bundle_names("beat") if read_study(own)])
def test_the_shipped_choice_is_that_of_the_data(name):
    study = read_study(name)
    bundle = load_bundle(name)
    assert study.model_digest == bundle.digest
    default = bundle.explanation.get("stabiliser", LRPParameters().stabiliser)
    assert study.chosen == study.test[-1].stabiliser == default
    (row,) = measure_choice(bundle, Path(DATA or ""), study.choice[0].beats, (study.chosen,))
    (stored,) = (own for own in study.choice if own.stabiliser == study.chosen)
    assert row.lost == pytest.approx(stored.lost, abs=0.02)
    assert row.departure == pytest.approx(stored.departure, abs=0.02)
