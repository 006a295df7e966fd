import os
from pathlib import Path

import numpy as np
import pytest

from backend.models.training.beats.beat_split import SPLIT_DETECTOR, published_split, split_beats
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.splits import MITDB_SIZES, Split, mitdb_patient
from backend.records.opening import open_record
from backend.records.samples.catalogue import read_catalogue
from backend.windows.beats.beat_windows import beat_reference
from backend.windows.beats.detection import find_beats
from tests.models.made_databases import labels_alone

DATA = os.environ.get("BEATLIGHT_DATA")
SIX = ECG_BEAT.classes


def resting(database: str, label: str, patients: int) -> LabelledBeats:
    names = [f"{database}-{label}{number}" for number in range(patients)]
    return labels_alone(names, [label] * patients)


@pytest.fixture(scope="module")
def detected_in_mitdb() -> LabelledBeats:
    """Return every detected beat of MIT-BIH with its label and without its window: what the split depends on."""
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


def test_the_published_splits_test_records_are_those_of_the_catalogue(detected_in_mitdb):
    split = published_split(detected_in_mitdb)
    tested = {f"mitdb-{mitdb_patient(record.name)}" for record in read_catalogue("ecg")}
    assert tested == set(split.test)
    assert (len(split.train), len(split.validation), len(split.test)) == MITDB_SIZES
    test = detected_in_mitdb.select(np.isin(detected_in_mitdb.patients, split.test))
    assert set(test.labels.tolist()) == set(SIX)
    assert len(set(test.records.tolist())) >= 10


def test_a_patients_beats_are_all_in_one_set_and_other_classes_are_excluded():
    mitdb = labels_alone(["mitdb-1", "mitdb-2", "mitdb-2", "mitdb-3"], ["normal", "PVC", "LBBB", "normal"])
    ptbxl = LabelledBeats.concatenate([resting("ptbxl", "normal", 10), resting("ptbxl", "RBBB", 5)])
    split = Split(train=("mitdb-1",), validation=("mitdb-2",), test=("mitdb-3",))
    parts = split_beats({"mitdb": mitdb, "ptbxl": ptbxl}, split, 0, ("normal", "PVC", "RBBB"))
    sets = [set(part.patients.tolist()) for part in (parts.training, parts.validation, parts.test)]
    assert [len(part) for part in sets] == [1 + 9, 1 + 3, 1 + 3]
    assert not sets[0] & sets[1]
    assert not sets[0] & sets[2]
    assert not sets[1] & sets[2]
    assert parts.validation.labels[parts.validation.patients == "mitdb-2"].tolist() == ["PVC"]


def test_each_patient_is_in_the_test_set_of_one_of_five_folds():
    ptbxl = LabelledBeats.concatenate([resting("ptbxl", "normal", 11), resting("ptbxl", "paced", 7)])
    mitdb = labels_alone(["mitdb-1", "mitdb-2", "mitdb-3"], ["normal"] * 3)
    split = Split(("mitdb-1",), ("mitdb-2",), ("mitdb-3",))
    tested = []
    for fold in range(5):
        test = split_beats({"mitdb": mitdb, "ptbxl": ptbxl}, split, fold, SIX).test
        tested += [patient for patient in test.patients.tolist() if patient.startswith("ptbxl")]
    assert sorted(tested) == sorted(ptbxl.patients.tolist())
