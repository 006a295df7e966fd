import numpy as np
import pytest

from backend.models import classification
from backend.models.classification import classify_alarms, classify_beats, classify_detected, classify_stay
from backend.models.scores import compute_scores
from backend.records.alarms import Alarm, find_alarms
from backend.records.record import RecordRefused
from backend.records.samples.library import open_sample
from backend.windows.alarms.alarm_windows import cut_alarms
from backend.windows.beats.beat_windows import cut_beats
from backend.windows.beats.corrections import Correction, apply_corrections
from backend.windows.beats.detection import find_beats
from backend.windows.stay_windows import cut_stay
from tests.made_records import made_record, simulated_record
from tests.toys import alarm_bundle, default_size_bundle, published_size_bundle, stay_bundle


@pytest.mark.parametrize("make_bundle", [published_size_bundle, default_size_bundle])
def test_a_record_is_found_cut_and_scored_as_by_hand(make_bundle):
    bundle, record = make_bundle(), open_sample("sim_bigeminy")
    classified = classify_beats(bundle, record)
    by_hand = cut_beats(record, find_beats(record), bundle.window)
    assert np.array_equal(classified.windows.values, by_hand.values)
    np.testing.assert_allclose(classified.scores.scores, compute_scores(bundle, by_hand.values), atol=1e-4)
    assert len(classified.scores.labels) == len(classified.windows.anchor)


def test_beats_cut_by_the_edges_are_counted():
    record, truth = simulated_record()
    start = int(truth.r_peaks[2]) - 20
    classified = classify_beats(published_size_bundle(), made_record(record.signals[start:]))
    assert classified.cut_by_edges >= 1
    assert classified.cut_by_edges == len(classified.beats.r_peaks) - len(classified.scores.labels)


def test_a_disagreement_is_a_beat_whose_reference_names_another_class():
    record, _ = simulated_record()
    classified = classify_beats(published_size_bundle(), record)
    for differs, label, reference in zip(
        classified.disagreement, classified.scores.labels, classified.windows.reference, strict=True
    ):
        assert differs == (reference not in ("", label))
    assert classified.disagreement.any()


def test_without_a_reference_nothing_disagrees():
    record = made_record(simulated_record()[0].signals)
    classified = classify_beats(published_size_bundle(), record)
    assert not classified.disagreement.any()


def test_the_window_of_a_beat_is_the_one_that_was_scored():
    record, _ = simulated_record()
    classified = classify_beats(published_size_bundle(), record)
    assert np.array_equal(classified.window_of(3), classified.windows.values[3])


@pytest.mark.parametrize("number", [-1, 48, 10_000])
def test_a_beat_that_there_is_not_is_refused_with_how_many_there_are(number):
    record, _ = simulated_record()
    classified = classify_beats(published_size_bundle(), record)
    last = len(classified.windows.anchor) - 1
    with pytest.raises(RecordRefused, match=rf"no beat {number}\. Choose one from 0 to {last}"):
        classified.window_of(number)


def test_a_flat_record_has_no_beats_and_says_so_when_asked_for_one():
    classified = classify_beats(default_size_bundle(), made_record(np.zeros((3600, 2))))
    assert classified.scores.labels == ()
    assert classified.disagreement.shape == (0,)
    with pytest.raises(RecordRefused, match="No beat was detected on this lead"):
        classified.window_of(0)


def test_a_model_of_several_leads_reads_a_record_of_one():
    record, _ = simulated_record()
    alone = made_record(record.signals[:, :1], ("ECG",))
    classified = classify_beats(default_size_bundle(), alone)
    assert len(classified.scores.labels) > 30
    assert np.isfinite(classified.scores.scores).all()


def test_the_lead_may_be_chosen_in_any_case_and_an_unknown_one_is_refused():
    record, _ = simulated_record()
    assert classify_beats(published_size_bundle(), record, "v1").beats.lead == "V1"
    with pytest.raises(RecordRefused, match="MLII, V1"):
        classify_beats(published_size_bundle(), record, "aVF")


def test_beats_that_were_corrected_are_classified_where_they_are_now():
    record, _ = simulated_record()
    bundle, found = published_size_bundle(), find_beats(record)
    beats = apply_corrections(found, [Correction("delete", int(found.r_peaks[4]))], record)
    classified = classify_detected(bundle, record, beats)
    assert classified.beats is beats
    assert int(found.r_peaks[4]) not in classified.windows.anchor
    assert int(found.r_peaks[4]) in classify_beats(bundle, record).windows.anchor


@pytest.mark.parametrize("make_bundle", [published_size_bundle, default_size_bundle])
def test_what_is_known_of_other_beats_changes_nothing_but_the_work(make_bundle, monkeypatch):
    record, bundle = open_sample("sim_bigeminy"), make_bundle()
    found = find_beats(record)
    known = classify_detected(bundle, record, found)
    deleted, moved = (int(found.r_peaks[number]) for number in (40, 60))
    beats = apply_corrections(found, [Correction("delete", deleted), Correction("move", moved, moved + 9)], record)
    read, score_windows = [], classification.score_windows

    def counting(bundle, windows):
        read.append(len(windows.values))
        return score_windows(bundle, windows)

    monkeypatch.setattr(classification, "score_windows", counting)
    anew, again = classify_detected(bundle, record, beats), classify_detected(bundle, record, beats, known)
    np.testing.assert_allclose(again.scores.scores, anew.scores.scores, atol=1e-4)
    np.testing.assert_allclose(again.scores.probabilities, anew.scores.probabilities, atol=1e-4)
    assert np.array_equal(again.scores.is_ood, anew.scores.is_ood)
    assert again.scores.labels == anew.scores.labels
    assert read[0] == len(beats.r_peaks) - anew.cut_by_edges
    assert 0 < read[1] < read[0]


def test_an_alarm_is_cut_and_scored_as_by_hand():
    bundle, record = alarm_bundle(), open_sample("sim_alarm_asystole")
    classified = classify_alarms(bundle, record)
    by_hand = cut_alarms(record, find_alarms(record), bundle.window)
    assert np.array_equal(classified.windows.values, by_hand.values)
    np.testing.assert_allclose(classified.scores.scores, compute_scores(bundle, by_hand.values), atol=1e-4)
    assert classified.windows.reference == ("true alarm",)


def test_alarms_that_a_person_names_are_classified_instead_of_those_of_the_record():
    record = open_sample("sim_alarm_asystole")
    named = (Alarm("bradycardia", 9_000), Alarm("asystole", 14_999))
    classified = classify_alarms(alarm_bundle(), record, named)
    assert classified.windows.anchor.tolist() == [9_000, 14_999]
    assert classified.windows.reference == ("", "")


def test_a_stay_is_cut_and_scored_as_by_hand():
    bundle, record = stay_bundle(), open_sample("sim_stay_septic_shock")
    classified = classify_stay(bundle, record)
    by_hand = cut_stay(record, bundle.window)
    assert np.array_equal(classified.windows.values, by_hand.values)
    np.testing.assert_allclose(classified.scores.scores, compute_scores(bundle, by_hand.values), atol=1e-4)


@pytest.mark.parametrize(
    ("classify", "sample", "sentence"),
    [
        (lambda record: classify_stay(alarm_bundle(), record), "sim_stay_sparse", "reads alarms, not stays"),
        (lambda record: classify_alarms(stay_bundle(), record), "sim_alarm_asystole", "reads stays, not alarms"),
        (lambda record: classify_beats(stay_bundle(), record), "sim_normal", "reads stays, not beats"),
        (lambda record: classify_alarms(alarm_bundle(), record), "sim_normal", "has no annotated alarm"),
        (lambda record: classify_alarms(alarm_bundle(), record), "sim_stay_sparse", "."),
        (lambda record: classify_stay(stay_bundle(), record), "sim_alarm_asystole", "stay"),
        (lambda record: classify_beats(default_size_bundle(), record), "sim_stay_sparse", "stay"),
    ],
)
def test_a_record_and_a_model_that_do_not_go_together_are_refused_with_a_sentence(classify, sample, sentence):
    with pytest.raises(RecordRefused, match=sentence):
        classify(open_sample(sample))


def test_a_record_of_one_window_says_so_when_another_is_asked_for():
    classified = classify_stay(stay_bundle(), open_sample("sim_stay_sparse"))
    with pytest.raises(RecordRefused, match=r"This record has no window 1\. Choose 0"):
        classified.window_of(1)
