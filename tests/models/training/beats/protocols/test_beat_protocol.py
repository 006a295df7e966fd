from collections import Counter

import numpy as np
import pytest

from backend.models.metrics.beat_metrics import Outcomes
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.beats.protocols.beat_protocol import BeatProtocol, run_protocol
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals
from tests.models.made_databases import labels_alone

CLASSES = ("normal", "PVC")
N_OTHERS = 12


def count_outcomes(outcomes: Outcomes) -> dict[str, int]:
    return {
        "right": int((outcomes.reference == outcomes.predicted).sum()),
        "missed": int((outcomes.predicted == "missed").sum()),
    }


PROTOCOL = BeatProtocol("kept_out", "mitdb", frozenset({"2", "3"}), frozenset({"4"}), count_outcomes)


def beats_of(database: str, record: str, labels: list[str]) -> LabelledBeats:
    return labels_alone([f"{database}-{record}"] * len(labels), labels, [record] * len(labels))


@pytest.fixture
def databases() -> dict[str, LabelledBeats]:
    mitdb = [
        beats_of("mitdb", "1", ["normal", "PVC", "fusion"]),
        beats_of("mitdb", "2", ["normal", "fusion", "no beat"]),
        beats_of("mitdb", "3", ["PVC"]),
        beats_of("mitdb", "4", ["PVC"]),
        *(beats_of("mitdb", f"1{number}", ["normal"]) for number in range(N_OTHERS)),
    ]
    svdb = [beats_of("svdb", f"8{number:02}", ["conducted", "PVC"]) for number in range(N_OTHERS)]
    return {"mitdb": LabelledBeats.concatenate(mitdb), "svdb": LabelledBeats.concatenate(svdb)}


def test_the_test_records_are_in_no_other_set_and_keep_every_label(databases):
    split = PROTOCOL.split(databases, CLASSES)
    assert Counter(split.test.labels.tolist()) == {"normal": 1, "fusion": 1, "no beat": 1, "PVC": 1}
    assert set(split.test.records.tolist()) == {"2", "3"}
    others = {*split.training.records.tolist(), *split.validation.records.tolist()}
    assert others.isdisjoint({"2", "3", "4"})


def test_training_and_validation_share_no_patient_and_have_the_models_classes_and_conducted_beats(databases):
    split = PROTOCOL.split(databases, CLASSES)
    for part in (split.training, split.validation):
        assert set(part.labels.tolist()) == {"normal", "PVC", "conducted"}
        assert {patient.split("-")[0] for patient in part.patients.tolist()} == {"mitdb", "svdb"}
    assert set(split.training.patients.tolist()).isdisjoint(split.validation.patients.tolist())
    assert len(set(split.validation.patients.tolist())) == 2 * (N_OTHERS // 5)


def test_a_class_of_few_patients_is_trained_on(databases):
    split = PROTOCOL.split(databases, CLASSES)
    assert "mitdb-1" in split.training.patients.tolist()


def test_a_whole_database_can_be_the_test_set(databases):
    split = BeatProtocol("all", "mitdb", None, frozenset({"4"}), count_outcomes).split(databases, CLASSES)
    assert set(split.test.records.tolist()) == set(databases["mitdb"].records.tolist()) - {"4"}
    assert {patient.split("-")[0] for patient in split.training.patients.tolist()} == {"svdb"}


def test_the_figures_are_those_of_the_trained_model_on_the_test_records_with_missed_beats(databases):
    trained_on = []

    class AlwaysNormal:
        def predict(self, beats):
            return np.full(len(beats), "normal")

    def fit(name, split):
        trained_on.append((name, split))
        return AlwaysNormal()

    totals = ReferenceTotals(
        patients={"2": "mitdb-2", "3": "mitdb-3", "800": "svdb-800"},
        beats={"2": {"normal": 3, "fusion": 1}, "3": {"PVC": 1}},
        diagnoses={},
    )
    found = run_protocol(PROTOCOL, databases, totals, CLASSES, fit)
    ((name, split),) = trained_on
    assert name == "kept_out"
    assert found == {
        "training_patients": len(set(split.training.patients.tolist())),
        "validation_patients": len(set(split.validation.patients.tolist())),
        "right": 1,
        "missed": 2,
    }
