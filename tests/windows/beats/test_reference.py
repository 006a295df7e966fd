import numpy as np
import pytest

from backend.records.samples.library import open_sample
from backend.windows.beats.reference import (
    BEAT_CLASSES,
    MATCH_TOLERANCE_S,
    beat_name,
    flutter_spans,
    in_spans,
    match_beats,
    reference_beats,
    reference_labels,
)
from tests.made_records import beat_marks, made_record


def matched_slowly(found, reference, tolerance):
    """Take the nearest pair of all that are left, again and again."""
    of_found = [-1] * len(found)
    left = set(range(len(reference)))
    while True:
        pairs = [
            (abs(int(found[i]) - int(reference[j])), i, j) for i in range(len(found)) if of_found[i] < 0 for j in left
        ]
        nearest = min(pairs, default=(np.inf, -1, -1))
        if nearest[0] > tolerance:
            return of_found, sorted(left)
        of_found[nearest[1]] = nearest[2]
        left.discard(nearest[2])


@pytest.mark.parametrize("seed", range(40))
def test_the_matching_equals_that_of_a_plain_implementation(seed):
    rng = np.random.default_rng(seed)
    found = np.unique(rng.integers(0, 2000, rng.integers(0, 40)))
    reference = np.unique(rng.integers(0, 2000, rng.integers(0, 40)))
    matching = match_beats(found, reference, 360.0)
    of_found, missed = matched_slowly(found, reference, 0.15 * 360)
    assert matching.reference_index.tolist() == of_found
    assert matching.missed.tolist() == missed


def test_a_pair_is_at_most_150_ms_apart():
    assert MATCH_TOLERANCE_S == 0.150
    reference = np.array([1000])
    assert match_beats(np.array([1150]), reference, 1000.0).reference_index.tolist() == [0]
    assert match_beats(np.array([850]), reference, 1000.0).reference_index.tolist() == [0]
    assert match_beats(np.array([1151]), reference, 1000.0).reference_index.tolist() == [-1]


def test_a_reference_beat_matches_only_the_nearest_detection():
    matching = match_beats(np.array([990, 1004]), np.array([1000]), 360.0)
    assert matching.reference_index.tolist() == [-1, 0]
    assert not len(matching.missed)


def test_a_label_is_that_of_the_symbol_or_empty_without_a_match():
    reference = beat_marks([100, 500, 900], ["V", "F", "/"])
    matching = match_beats(np.array([101, 505, 700, 899]), reference.samples, 360.0)
    assert reference_labels(reference, matching) == ("PVC", "fusion", "", "paced")


def test_the_six_classes_have_wfdb_symbols():
    assert BEAT_CLASSES == {
        "N": "normal",
        "L": "LBBB",
        "R": "RBBB",
        "A": "atrial premature",
        "V": "PVC",
        "/": "paced",
    }


def test_every_supraventricular_premature_beat_is_an_atrial_premature_one():
    reference = beat_marks([100, 200, 300, 400, 500], ["A", "a", "J", "S", "j"])
    matching = match_beats(reference.samples, reference.samples, 360.0)
    assert reference_labels(reference, matching) == (*["atrial premature"] * 4, "escape")


def test_rhythm_and_noise_annotations_are_not_beats():
    marks = beat_marks([10, 100, 200, 300, 400], ["+", "N", "~", "|", "V"])
    kept = reference_beats(made_record(np.zeros((500, 2)), annotations={"atr": marks}))
    assert kept.symbols == ("N", "V")
    assert kept.samples.tolist() == [100, 400]


def test_atr_has_precedence_even_with_fewer_beats():
    few, many = beat_marks([100], "N"), beat_marks([100, 200], "NN")
    record = made_record(np.zeros((500, 2)), annotations={"qrs": many, "atr": few})
    assert len(reference_beats(record).samples) == 1


def test_without_atr_the_annotator_with_the_most_beats_is_the_reference():
    few, many = beat_marks([100], "N"), beat_marks([100, 200], "NN")
    record = made_record(np.zeros((500, 2)), annotations={"ari": few, "ecg": many})
    assert len(reference_beats(record).samples) == 2


def test_wave_marks_are_not_a_reference_for_beats():
    waves = beat_marks([90, 100, 110], ["(", "N", ")"])
    assert reference_beats(made_record(np.zeros((500, 2)), annotations={"qca": waves})) is None


def test_a_record_without_annotations_or_with_rhythms_alone_has_no_reference():
    assert reference_beats(made_record(np.zeros((500, 2)))) is None
    rhythm = beat_marks([5], "+")
    assert reference_beats(made_record(np.zeros((500, 2)), annotations={"atr": rhythm})) is None


def test_a_simulated_samples_reference_is_its_atr_not_its_true_waves():
    record = open_sample("sim_bigeminy")
    beats = [symbol for symbol in record.annotations["atr"].symbols if symbol != "+"]
    assert list(reference_beats(record).symbols) == beats


def test_flutter_spans_extend_between_brackets_or_to_the_end():
    signals = np.zeros((1000, 2))
    marks = beat_marks([10, 100, 150, 300, 500, 900], ["N", "[", "!", "]", "N", "["])
    spans = flutter_spans(made_record(signals, annotations={"atr": marks}))
    assert spans.tolist() == [[100, 300], [900, 999]]
    assert in_spans(np.array([99, 100, 300, 301, 950]), spans).tolist() == [False, True, True, False, True]


def test_a_record_without_a_reference_or_without_flutter_has_no_spans():
    signals = np.zeros((100, 2))
    for annotations in ({}, {"atr": beat_marks([10], ["N"])}):
        spans = flutter_spans(made_record(signals, annotations=annotations))
        assert spans.shape == (0, 2)
        assert not in_spans(np.array([10, 20]), spans).any()


@pytest.mark.parametrize(
    ("symbol", "name"),
    [("V", "V PVC"), ("a", "a aberrated atrial premature"), ("F", "F fusion of ventricular and normal"), ("@@", "@@")],
)
def test_a_beat_symbol_has_a_name(symbol, name):
    assert beat_name(symbol) == name
