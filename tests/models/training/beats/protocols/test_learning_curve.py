import numpy as np

from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.beats.protocols.aami import aami_figures
from backend.models.training.beats.protocols.beat_protocol import BeatProtocol
from backend.models.training.beats.protocols.learning_curve import LEARNING_SHARES, draw_share, learning_curve
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals
from tests.models.made_databases import labels_alone


def beats_of(database: str, n_patients: int) -> LabelledBeats:
    names = np.repeat([f"{database}-{number}" for number in range(n_patients)], 2)
    return labels_alone(names, ["normal", "atrial premature"] * n_patients, [name.split("-")[1] for name in names])


def patients_of(beats: LabelledBeats) -> set[str]:
    return set(beats.patients.tolist())


def test_a_share_is_of_the_patients_of_each_database_and_part_of_a_larger_share():
    beats = LabelledBeats.concatenate([beats_of("mitdb", 20), beats_of("svdb", 8)])
    quarter, half = draw_share(beats, 0.25), draw_share(beats, 0.5)
    for part, share in ((quarter, 0.25), (half, 0.5)):
        own = [name.split("-")[0] for name in patients_of(part)]
        assert (own.count("mitdb"), own.count("svdb")) == (20 * share, 8 * share)
        assert len(part) == 2 * len(own)
    assert patients_of(quarter) < patients_of(half)
    assert draw_share(beats, 1.0).labels.tolist() == beats.labels.tolist()


def test_each_share_is_trained_and_tested_on_the_same_records_and_the_whole_as_the_protocol_itself():
    protocol = BeatProtocol("kept_out", "mitdb", frozenset({"0", "1"}), frozenset(), aami_figures)
    totals = ReferenceTotals(
        {"0": "mitdb-0", "1": "mitdb-1"}, {name: {"normal": 1, "atrial premature": 1} for name in "01"}, {}
    )
    trained = {}

    class KnowsAll:
        def __init__(self, n_patients):
            self.n_patients = n_patients

        def predict(self, beats):
            # More training patients, fewer errors.
            right = beats.labels == beats.labels[0] if self.n_patients < 8 else np.ones(len(beats), dtype=bool)
            return np.where(right, beats.labels, "PVC")

    def fit(name, split):
        trained[name] = (patients_of(split.training), patients_of(split.validation), patients_of(split.test))
        return KnowsAll(len(trained[name][0]))

    rows = learning_curve(protocol, {"mitdb": beats_of("mitdb", 22)}, totals, ("normal", "atrial premature"), fit)
    assert list(trained) == ["kept_out_25", "kept_out_50", "kept_out"]
    training, validation, test = zip(*trained.values(), strict=True)
    assert [row["training_patients"] for row in rows] == [len(own) for own in training] == [4, 8, 16]
    assert len(set(map(frozenset, validation))) == len(set(map(frozenset, test))) == 1
    assert [row["accuracy"][0] for row in rows] == [0.5, 1.0, 1.0]
    assert [row["S"]["sensitivity"][0] for row in rows] == [0.0, 1.0, 1.0]
    assert len(rows) == len(LEARNING_SHARES)
