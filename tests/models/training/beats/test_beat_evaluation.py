from dataclasses import replace

import numpy as np
import pytest

from backend.models.metrics.multiclass import classification_figures
from backend.models.scores import compute_scores
from backend.models.training.beats.beat_evaluation import (
    BeatClassifier,
    evaluate_fold,
    evaluate_test_set,
    predict_by_record,
)
from backend.models.training.beats.beat_inputs import compose_inputs
from backend.models.training.beats.ecg_beat_2018 import ECG_BEAT_2018
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals
from tests.models.made_databases import labels_alone, simulated_beats, simulated_totals
from tests.toys import toy_bundle

NAMES = ("sim_ventricular_premature", "sim_paced")


@pytest.fixture(scope="module")
def bundle():
    return replace(toy_bundle(classes=4), name="ecg-beat-2018", classes=ECG_BEAT_2018.classes)


def test_the_test_figures_are_those_of_the_scores_of_every_beat(bundle):
    whole = simulated_beats(*NAMES, window=ECG_BEAT_2018.window)
    beats = whole.select(np.isin(whole.labels, bundle.classes))
    found = evaluate_test_set(bundle, whole, ECG_BEAT_2018.databases, simulated_totals(*NAMES))
    predicted = np.array(bundle.classes)[compute_scores(bundle, compose_inputs(beats, bundle.window)).argmax(axis=1)]
    assert found["mitdb"] == classification_figures(beats.labels, predicted, beats.patients, bundle.classes)
    assert set(found) == {"mitdb", "mitdb_all_kinds", "calibration", "ablations"}
    assert 0 <= found["calibration"]["expected_calibration_error"] <= 1
    assert found["ablations"]["accuracy"] == found["mitdb"]["accuracy"]


def test_beats_that_are_missed_or_of_other_kinds_are_in_the_denominators(bundle):
    whole = simulated_beats(*NAMES, window=ECG_BEAT_2018.window)
    n_paced = int((whole.labels == "paced").sum())
    relabelled = replace(whole, labels=np.where(whole.labels == "paced", "fusion", whole.labels))
    counted = simulated_totals(*NAMES)
    beats = {name: {**labels, "fusion": labels.get("paced", 0), "paced": 0} for name, labels in counted.beats.items()}
    beats["sim_paced"]["PVC"] += 7
    found = evaluate_test_set(bundle, relabelled, ECG_BEAT_2018.databases, replace(counted, beats=beats))
    table = found["mitdb_all_kinds"]["confusion"]
    of_row = dict(zip(table["rows"], table["counts"], strict=True))
    assert table["rows"][4:] == ["other kinds", "no beat"]
    assert sum(of_row["other kinds"]) == sum(labels["fusion"] for labels in beats.values()) >= n_paced
    assert of_row["PVC"][table["columns"].index("missed")] >= 7
    classes = found["mitdb_all_kinds"]["classes"]
    for place, name in enumerate(bundle.classes):
        called = sum(row[place] for row in table["counts"])
        ppv = classes[name]["positive_predictive_value"][0]
        assert ppv == (pytest.approx(of_row[name][place] / called, abs=1e-4) if called else None)


class Constant(BeatClassifier):
    """Classifies every beat as PVC."""

    def predict(self, beats):
        return np.full(len(beats), "PVC")


@pytest.fixture(scope="module")
def constant(bundle) -> Constant:
    return Constant(bundle.network, bundle.classes, bundle.window)


def test_a_fold_counts_missed_beats_of_the_four_classes_and_says_what_share_it_leaves_out(constant):
    beats = simulated_beats("sim_ventricular_premature", window=ECG_BEAT_2018.window)
    n_pvc, n_normal = int((beats.labels == "PVC").sum()), int((beats.labels == "normal").sum())
    (record,) = set(beats.records.tolist())
    annotated = {"normal": n_normal + 3, "PVC": n_pvc + 1, "fusion": 5}
    found = evaluate_fold(constant, beats, ReferenceTotals({record: f"mitdb-{record}"}, {record: annotated}, {}))
    n_counted = n_normal + n_pvc + 4
    assert found["beats"] == n_counted
    assert found["accuracy"] == pytest.approx(n_pvc / n_counted, abs=1e-4)
    assert found["left_out_share"] == pytest.approx(5 / (n_counted + 5), abs=1e-4)
    assert found["majority_class_share"] == pytest.approx((n_normal + 3) / n_counted, abs=1e-4)
    assert found["sensitivity"] == {
        "normal": 0.0,
        "RBBB": None,
        "PVC": pytest.approx(n_pvc / (n_pvc + 1), abs=1e-4),
        "paced": None,
    }
    assert found["accuracy_interval"] == [None, None]


def test_every_record_of_the_tested_patients_has_a_prediction_or_is_missed(constant):
    beats = labels_alone(["ptbxl-1"] * 2, ["LBBB"] * 2, ["a"] * 2)
    patients = {"a": "ptbxl-1", "b": "ptbxl-1", "c": "ptbxl-2"}
    totals = ReferenceTotals(patients, {}, {"a": "LBBB", "b": "RBBB", "c": "LBBB"})
    found = predict_by_record(constant, beats, totals)
    assert found.predicted.tolist() == ["PVC", "missed"]
