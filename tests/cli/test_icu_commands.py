"""The command line on alarms and stays."""

import numpy as np
import pytest

from backend.explain.api import TECHNIQUES
from backend.models.bundle import load_bundle
from backend.models.classification import classify_alarms, classify_stay
from backend.records.opening import open_record
from backend.records.samples.library import available_samples
from backend.windows.base import columns_of, distinct
from tests.cli.test_commands import NORMAL, SIMULATED

ALARM, STAY = str(SIMULATED / "sim_alarm_asystole"), str(SIMULATED / "sim_stay_septic_shock.txt")
OF_KIND = {"icu-alarm": ALARM, "icu-mortality": STAY}
CLASSES = {"icu-alarm": ("true alarm", "false alarm"), "icu-mortality": ("death", "survival")}


@pytest.mark.parametrize("model", OF_KIND)
def test_classify_gives_one_window_with_label_probabilities_doubt_and_reference(documents, model):
    status, (found,) = documents("classify", OF_KIND[model], "--model", model)
    (window,) = found["windows"]
    record, bundle = open_record(OF_KIND[model]), load_bundle(model)
    classified = (classify_alarms if model == "icu-alarm" else classify_stay)(bundle, record)
    assert status == 0
    assert (found["record"], found["model"]) == (OF_KIND[model], model)
    assert set(window) >= {"anchor_sample", "label", "probabilities", "uncertain", "reference"}
    assert window["anchor_sample"] == len(record.signals) - 1
    assert tuple(window["probabilities"]) == bundle.classes == CLASSES[model]
    assert sum(window["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
    assert window["label"] == classified.scores.labels[0]
    assert window["reference"] == {"icu-alarm": "true alarm", "icu-mortality": None}[model]


@pytest.mark.parametrize("variables", ["together", "each"])
@pytest.mark.parametrize("model", OF_KIND)
def test_explain_gives_salience_and_ranks_the_variables(documents, model, variables):
    status, (found,) = documents("explain", OF_KIND[model], "--model", model, "--variables", variables)
    bundle = load_bundle(model)
    salience = np.array(found["salience"])
    assert status == 0
    assert (
        salience.shape
        == np.array(found["window"]["values"]).shape
        == (bundle.window.steps, len(found["window"]["variables"]))
    )
    assert found["parameters"]["variables"] == variables
    assert found["parameters"]["fill"] == "not measured"
    rows = [salience[:, own] for own in columns_of(bundle.window.sources)]
    assert all((row == row[:, :1]).all() for row in rows)
    assert all(np.array_equal(row[:, 0], rows[0][:, 0]) for row in rows) == (variables == "together")
    drops = [row["drop"] for row in found["ranking"]]
    sources = distinct(bundle.window.sources)
    ranked = {row["variable"] for row in found["ranking"]}
    assert ranked < set(sources)
    absent = {"icu-alarm": {"RESP"}, "icu-mortality": {"Cholesterol", "TroponinI", "TroponinT"}}[model]
    assert set(sources) - ranked == absent
    assert drops == sorted(drops, reverse=True)


@pytest.mark.parametrize("model", OF_KIND)
@pytest.mark.parametrize("technique", TECHNIQUES)
def test_every_technique_explains_an_alarm_and_a_stay(documents, model, technique):
    quickly = ["--steps", "2"] if technique in ("mask", "fade") else []
    status, (found,) = documents("explain", OF_KIND[model], "--model", model, "--technique", technique, *quickly)
    assert status == 0
    assert found["technique"] == technique
    assert np.isfinite(found["raw"]).all()


@pytest.mark.parametrize("model", OF_KIND)
def test_without_json_a_person_can_read_it(said, model):
    status, out, _ = said("classify", OF_KIND[model], "--model", model)
    assert status == 0
    assert any(name in out for name in CLASSES[model])
    status, out, _ = said("explain", OF_KIND[model], "--model", model)
    assert status == 0
    assert "score drop when removed" in out


def test_which_alarm_sounded_when_can_be_said_for_a_record_that_does_not(documents):
    status, (found,) = documents("classify", ALARM, "--model", "icu-alarm", "--alarm", "bradycardia", "--at", "50")
    (window,) = found["windows"]
    assert status == 0
    assert (window["anchor_sample"], window["reference"]) == (12_500, None)


@pytest.mark.parametrize(
    "command",
    [
        ["classify", NORMAL, "--model", "icu-alarm"],
        ["classify", NORMAL, "--model", "icu-alarm", "--alarm", "asystole"],
        ["classify", NORMAL, "--model", "icu-mortality"],
        ["classify", ALARM, "--model", "icu-mortality"],
        ["classify", STAY, "--model", "icu-alarm"],
        ["classify", STAY],
        ["detect", STAY],
        ["waves", STAY],
        ["classify", ALARM, "--model", "icu-alarm", "--alarm", "apnoea"],
        ["classify", ALARM, "--model", "icu-alarm", "--at", "30"],
        ["classify", ALARM, "--model", "icu-alarm", "--alarm", "asystole", "--at", "61"],
        ["classify", ALARM, "--model", "icu-alarm", "--lead", "II"],
        ["classify", STAY, "--model", "icu-mortality", "--alarm", "asystole"],
        ["explain", STAY, "--model", "icu-mortality", "--beat", "0"],
        ["explain", NORMAL, "--beat", "3", "--window", "0"],
        ["explain", ALARM, "--model", "icu-alarm", "--window", "1"],
        ["explain", STAY, "--model", "icu-mortality", "--target", "PVC"],
        ["explain", STAY, "--model", "icu-mortality", "--fill", "median"],
    ],
)
def test_what_does_not_go_together_is_refused_in_one_sentence_with_status_2(said, command):
    status, out, err = said(*command)
    assert status == 2
    assert out == ""
    assert err.strip().endswith(".")
    assert len(err.strip().splitlines()) == 1


def test_every_simulated_alarm_and_stay_can_be_classified_in_one_go(documents):
    for kind, model in (("alarm", "icu-alarm"), ("stay", "icu-mortality")):
        paths = [str(sample.path) for sample in available_samples(kind) if sample.is_simulated]
        status, found = documents("classify", *paths, "--model", model)
        assert status == 0
        assert len(found) == len(paths) >= 4


MIXED = "Time,Parameter,Value\n00:00,Age,60\n01:00,HR,80\n01:00,Glucose,10\n01:00,Urea,20\n01:00,Creatinine,110\n"


@pytest.fixture
def mixed_units(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text(MIXED)
    return str(path)


def test_doubtful_units_are_named_and_those_that_are_stated_are_converted(documents, said, mixed_units):
    classify = ("classify", mixed_units, "--model", "icu-mortality")
    status, (unstated,) = documents(*classify)
    assert status == 0
    assert sum("Choose its unit" in notice for notice in unstated["understood"]["notices"]) == 3
    choices = ("--value-unit", "glucose=mmol/l", "--value-unit", "BUN=mmol/L", "--value-unit", "Creatinine=umol/L")
    status, (stated,) = documents(*classify, *choices)
    assert status == 0
    assert not any("Choose its unit" in notice for notice in stated["understood"]["notices"])
    assert stated["windows"][0]["probabilities"] != unstated["windows"][0]["probabilities"]
    _, out, _ = said(*classify, *choices)
    assert "Glucose: read in mmol/L as chosen, and converted to mg/dL." in out


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("Glucose=kPa", "Choose mg/dL or mmol/L"),
        ("Zodiac=kPa", "'Zodiac' is not a parameter of a stay"),
        ("Glucose", "Glucose is not read in ''"),
    ],
)
def test_a_unit_that_a_stay_cannot_have_is_refused(said, mixed_units, choice, message):
    status, out, err = said("classify", mixed_units, "--model", "icu-mortality", "--value-unit", choice)
    assert (status, out) == (2, "")
    assert message in err


def test_a_unit_of_values_is_refused_for_signals(said):
    status, _, err = said("classify", NORMAL, "--value-unit", "Glucose=mmol/L")
    assert status == 2
    assert "is not an ICU stay, so --value-unit does not apply. Leave it out." in err
