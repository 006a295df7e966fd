from collections import Counter

import numpy as np

from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.labelled_beats import load_beats
from backend.models.training.beats.protocols.outcomes import beat_outcomes, record_outcomes
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals
from backend.records.samples.library import open_sample
from tests.models.made_databases import copy_samples, labels_alone, write_index

TOTALS = ReferenceTotals(
    patients={"1": "mitdb-1", "2": "mitdb-1", "3": "mitdb-3", "r": "ptbxl-r", "s": "ptbxl-s"},
    beats={"1": {"normal": 3, "PVC": 1}, "2": {"PVC": 2}, "3": {"normal": 9}},
    diagnoses={"r": "LBBB", "s": "RBBB"},
)


def test_an_annotated_beat_without_a_window_is_missed_and_a_detection_that_is_no_beat_is_kept():
    beats = labels_alone(["mitdb-1"] * 4, ["normal", "normal", "no beat", "PVC"], ["1", "1", "1", "2"])
    found = beat_outcomes(beats, np.array(["normal", "PVC", "paced", "PVC"]), TOTALS, {"1", "2"})
    assert Counter(zip(found.records.tolist(), found.reference.tolist(), found.predicted.tolist(), strict=True)) == {
        ("1", "normal", "normal"): 1,
        ("1", "normal", "PVC"): 1,
        ("1", "no beat", "paced"): 1,
        ("1", "normal", "missed"): 1,
        ("1", "PVC", "missed"): 1,
        ("2", "PVC", "PVC"): 1,
        ("2", "PVC", "missed"): 1,
    }
    assert set(found.patients.tolist()) == {"mitdb-1"}


def test_a_record_has_the_most_frequent_prediction_of_its_beats_and_is_missed_without_one():
    beats = labels_alone(["ptbxl-r"] * 3, ["LBBB"] * 3, ["r"] * 3)
    found = record_outcomes(beats, np.array(["PVC", "LBBB", "LBBB"]), TOTALS, {"r", "s"})
    assert found.records.tolist() == ["r", "s"]
    assert found.reference.tolist() == ["LBBB", "RBBB"]
    assert found.predicted.tolist() == ["LBBB", "missed"]
    assert found.patients.tolist() == ["ptbxl-r", "ptbxl-s"]


def test_the_totals_are_those_of_the_annotations_and_the_diagnoses_those_of_the_index(tmp_path):
    copy_samples(["sim_bigeminy"], tmp_path / "mitdb")
    copy_samples(["sim_normal"], tmp_path / "cpsc2018")
    write_index(tmp_path / "cpsc2018", [{"record": "sim_normal", "dx": "Normal"}])
    totals = ReferenceTotals.read(tmp_path, ("mitdb", "cpsc2018"))
    symbols = Counter(open_sample("sim_bigeminy").annotations["atr"].symbols)
    assert totals.beats == {"sim_bigeminy": {"normal": symbols["N"], "PVC": symbols["V"]}}
    assert totals.diagnoses == {"sim_normal": "normal"}
    assert totals.patients == {"sim_bigeminy": "mitdb-sim_bigeminy", "sim_normal": "cpsc2018-sim_normal"}


def test_windows_and_missed_beats_are_together_the_beats_of_the_reference(tmp_path):
    copy_samples(["sim_bigeminy", "sim_paced"], tmp_path / "mitdb")
    beats, totals = load_beats(tmp_path, "mitdb", ECG_BEAT.window), ReferenceTotals.read(tmp_path, ("mitdb",))
    found = beat_outcomes(beats, beats.labels, totals, totals.beats)
    counted = Counter(found.reference[found.reference != "no beat"].tolist())
    assert counted == sum((Counter(own) for own in totals.beats.values()), Counter())
