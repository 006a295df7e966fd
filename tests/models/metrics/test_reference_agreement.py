from dataclasses import replace

import numpy as np
import pytest

from backend.models.classification import classify_beats
from backend.models.metrics.reference_agreement import FALSE, MISSED, DetectionError, compare_with_reference
from tests.made_records import beat_marks, made_record, simulated_record
from tests.models.made_classified import CLASSES, RATE, made_classified, without_beats
from tests.toys import published_size_bundle


def test_accuracy_is_over_beats_whose_reference_is_a_class_of_the_model():
    agreement = compare_with_reference(*made_classified())
    assert (agreement.n_classified, agreement.n_correct) == (3, 2)


def test_the_confusion_table_has_a_row_for_each_label_of_the_reference_others_included():
    agreement = compare_with_reference(*made_classified())
    assert agreement.rows == ("normal", "PVC", "fusion")
    assert agreement.columns == CLASSES
    assert agreement.counts.tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 0]]


def test_sensitivity_is_over_reference_beats_and_predictive_value_over_detected_beats():
    agreement = compare_with_reference(*made_classified())
    assert (agreement.n_reference, agreement.n_missed, agreement.n_detected, agreement.n_false) == (8, 3, 6, 1)
    assert agreement.sensitivity == pytest.approx(5 / 8)
    assert agreement.positive_predictive_value == pytest.approx(5 / 6)


def test_a_beat_without_a_window_counts_as_detected():
    record, classified = made_classified()
    assert classified.cut_by_edges == 1
    assert 10 not in [error.sample for error in compare_with_reference(record, classified).errors]
    nobody_else = replace(record, annotations={"atr": beat_marks([100, 200, 250, 400, 800], "NVVFN")})
    (error,) = compare_with_reference(nobody_else, classified).errors
    assert error == DetectionError(FALSE, 10, "", "start of the record")


def test_each_error_has_its_kind_beat_and_possible_cause():
    assert compare_with_reference(*made_classified()).errors == (
        DetectionError(MISSED, 600, "N", "no signal"),
        DetectionError(MISSED, 620, "V", "no signal"),
        DetectionError(MISSED, 650, "N", "no signal"),
        DetectionError(FALSE, 800, "normal", ""),
    )


def test_the_times_of_the_errors_of_one_kind_are_in_seconds():
    agreement = compare_with_reference(*made_classified())
    assert agreement.times_s(MISSED, RATE).tolist() == [6.0, 6.2, 6.5]
    assert agreement.times_s(FALSE, RATE).tolist() == [8.0]


def test_without_a_reference_no_agreement_is_computed():
    assert compare_with_reference(*made_classified(reference=False)) is None


def test_without_detected_beats_the_predictive_value_is_undefined():
    record, classified = made_classified()
    agreement = compare_with_reference(record, without_beats(classified))
    assert (agreement.sensitivity, agreement.positive_predictive_value) == (0.0, None)


def with_flutter(record, first, last):
    """The record with its reference's beats, and ventricular flutter from one sample to another."""
    marks = record.annotations["atr"]
    samples, symbols = np.array([*marks.samples, first, last]), np.array([*marks.symbols, "[", "]"])
    order = np.argsort(samples, kind="stable")
    return replace(record, annotations={"atr": beat_marks(samples[order], symbols[order].tolist())})


def test_beats_in_ventricular_flutter_do_not_count():
    record, classified = made_classified()
    agreement = compare_with_reference(with_flutter(record, 640, 900), classified)
    assert [error.sample for error in agreement.errors] == [600, 620]
    assert (agreement.n_reference, agreement.n_missed, agreement.n_detected, agreement.n_false) == (7, 2, 5, 0)
    assert agreement.flutter_s == 2.6
    assert compare_with_reference(record, classified).flutter_s == 0.0


def test_predictions_in_ventricular_flutter_do_not_count():
    record, classified = made_classified()
    agreement = compare_with_reference(with_flutter(record, 240, 420), classified)
    assert (agreement.n_classified, agreement.n_correct) == (2, 1)
    assert agreement.rows == ("normal", "PVC")
    assert agreement.counts.tolist() == [[1, 0, 0], [1, 0, 0]]


def test_a_detected_beat_outside_flutter_matches_no_annotation_within():
    record, classified = made_classified()
    marked_in_flutter = replace(record, annotations={"atr": beat_marks([100, 202, 215, 402], "NVNN")})
    agreement = compare_with_reference(with_flutter(marked_in_flutter, 201, 300), classified)
    assert DetectionError(FALSE, 200, "normal", "") in agreement.errors
    assert (agreement.n_reference, agreement.n_classified, agreement.n_correct) == (2, 2, 2)


def test_a_reference_with_beats_in_flutter_only_gives_no_figures():
    record, classified = made_classified()
    agreement = compare_with_reference(with_flutter(record, 5, 900), classified)
    assert (agreement.n_reference, agreement.n_detected, agreement.errors, agreement.n_classified) == (0, 0, (), 0)
    assert (agreement.sensitivity, agreement.positive_predictive_value) == (None, None)
    assert (agreement.rows, agreement.counts.shape) == ((), (0, 3))


def test_reference_beats_in_a_gap_of_the_signal_are_missed_with_the_gap_as_cause():
    record, truth = simulated_record()
    hidden = record.signals.copy()
    hidden[truth.r_peaks[5] - 300 : truth.r_peaks[6] + 300] = np.nan
    torn = made_record(hidden, annotations=record.annotations)
    agreement = compare_with_reference(torn, classify_beats(published_size_bundle(), torn))
    near = {error.sample: error.near for error in agreement.errors if error.kind == MISSED}
    assert near[int(truth.r_peaks[5])] == near[int(truth.r_peaks[6])] == "no signal"
    assert agreement.n_reference == len(truth.r_peaks)
