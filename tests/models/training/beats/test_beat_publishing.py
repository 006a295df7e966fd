import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.models.metrics.multiclass import figures
from backend.models.scores import scores_of
from backend.models.training.beats.beat_augmentation import inputs
from backend.models.training.beats.beat_publishing import (
    SPLIT_DETECTOR,
    deal,
    held_out_figures,
    published_split,
    train_bundle,
)
from backend.models.training.beats.beat_recipes import RECIPES
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.splits import MITDB_SIZES, Split, mitdb_patient
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.samples.catalogue import catalogue
from backend.windows.beats.beat_windows import beat_reference
from backend.windows.beats.detection import find_beats
from tests.models.made_databases import labels_alone, simulated_beats
from tests.toys import toy_bundle

DATA = os.environ.get("BEATLIGHT_DATA")
SIX = RECIPES["ecg-beat"].classes


def resting(database: str, label: str, patients: int) -> LabelledBeats:
    names = [f"{database}-{label}{number}" for number in range(patients)]
    return labels_alone(names, [label] * patients)


@pytest.fixture(scope="module")
def found_in_mitdb() -> LabelledBeats:
    """Every beat that is found in MIT-BIH with its label, without its window: all that decides about the split."""
    if DATA is None:
        pytest.skip("BEATLIGHT_DATA names no folder with the databases")
    patients, labels, records = [], [], []
    for header in sorted((Path(DATA) / "mitdb").glob("*.hea")):
        record = open_record(header)
        found = [
            label
            for label in beat_reference(record, find_beats(record, detector=SPLIT_DETECTOR).r_peaks)
            if label in SIX
        ]
        labels += found
        patients += [f"mitdb-{mitdb_patient(record.name)}"] * len(found)
        records += [record.name] * len(found)
    return labels_alone(patients, labels, records)


def test_the_published_splits_test_records_are_those_of_the_catalogue(found_in_mitdb):
    split = published_split(found_in_mitdb)
    tested = {f"mitdb-{mitdb_patient(record.name)}" for record in catalogue("ecg")}
    assert tested == set(split.test)
    assert (len(split.train), len(split.validation), len(split.test)) == MITDB_SIZES
    test = found_in_mitdb.only(np.isin(found_in_mitdb.patients, split.test))
    assert set(test.labels.tolist()) == set(SIX)
    assert len(set(test.records.tolist())) >= 10


def test_a_patients_beats_are_all_in_one_set_and_only_the_models_classes_are_dealt():
    mitdb = labels_alone(["mitdb-1", "mitdb-2", "mitdb-2", "mitdb-3"], ["normal", "PVC", "LBBB", "normal"])
    ptbxl = LabelledBeats.joined([resting("ptbxl", "normal", 10), resting("ptbxl", "RBBB", 5)])
    split = Split(train=("mitdb-1",), validation=("mitdb-2",), test=("mitdb-3",))
    dealt = deal({"mitdb": mitdb, "ptbxl": ptbxl}, split, 0, ("normal", "PVC", "RBBB"))
    sets = [set(part.patients.tolist()) for part in (dealt.training, dealt.validation, dealt.test)]
    assert [len(part) for part in sets] == [1 + 9, 1 + 3, 1 + 3]
    assert not sets[0] & sets[1]
    assert not sets[0] & sets[2]
    assert not sets[1] & sets[2]
    assert dealt.validation.labels[dealt.validation.patients == "mitdb-2"].tolist() == ["PVC"]


def test_over_five_folds_each_patient_is_tested_once():
    ptbxl = LabelledBeats.joined([resting("ptbxl", "normal", 11), resting("ptbxl", "paced", 7)])
    mitdb = labels_alone(["mitdb-1", "mitdb-2", "mitdb-3"], ["normal"] * 3)
    split = Split(("mitdb-1",), ("mitdb-2",), ("mitdb-3",))
    tested = []
    for fold in range(5):
        test = deal({"mitdb": mitdb, "ptbxl": ptbxl}, split, fold, SIX).test
        tested += [patient for patient in test.patients.tolist() if patient.startswith("ptbxl")]
    assert sorted(tested) == sorted(ptbxl.patients.tolist())


def test_held_out_figures_are_those_of_the_scores_of_every_beat():
    bundle = replace(toy_bundle(classes=4), name="ecg-beat-2018", classes=RECIPES["ecg-beat-2018"].classes)
    beats = simulated_beats("sim_ventricular_premature", "sim_paced")
    beats = beats.only(np.isin(beats.labels, bundle.classes))
    found = held_out_figures(bundle, beats)
    predicted = np.array(bundle.classes)[scores_of(bundle, inputs(beats, bundle.window)).argmax(axis=1)]
    assert found["mitdb"] == figures(beats.labels, predicted, beats.patients, bundle.classes)
    assert set(found) == {"mitdb", "calibration"}
    assert 0 <= found["calibration"]["expected_calibration_error"] <= 1


def test_training_without_the_databases_is_refused_and_writes_nothing(tmp_path):
    with pytest.raises(RecordRefused, match="give the folder that holds the databases"):
        train_bundle("ecg-beat-2018", tmp_path / "none", tmp_path / "runs", tmp_path / "bundles")
    assert list(tmp_path.iterdir()) == []
