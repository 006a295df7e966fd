from dataclasses import replace

import numpy as np
import pytest

from backend.explain.questions.what_if import what_if
from backend.models.scores import compute_scores, softmax
from backend.records.record import RecordRefused
from tests.toys import summing_bundle, toy_beat, toy_bundle

WINDOW = np.array([[1.0, 8.0], [2.0, 8.0], [3.0, 8.0], [4.0, 8.0]], dtype=np.float32)


def test_both_ends_of_the_stretch_are_deleted():
    answer = what_if(summing_bundle((1.0, 0.0)), WINDOW, (1, 2))
    assert answer.scores_before == pytest.approx([10.0, 0.0], abs=1e-4)
    assert answer.scores_after == pytest.approx([5.0, 0.0], abs=1e-4)
    assert answer.window[:, 0].tolist() == [1.0, 0.0, 0.0, 4.0]
    assert answer.window[:, 1].tolist() == [8.0, 0.0, 0.0, 8.0]


@pytest.mark.parametrize(("fill", "score"), [(0.0, 5.0), (0.5, 6.0), ("mean", 10.0)])
def test_the_baseline_value_can_be_chosen(fill, score):
    answer = what_if(summing_bundle((1.0, 0.0)), WINDOW, (1, 2), fill)
    assert answer.scores_after[0] == pytest.approx(score, abs=1e-4)


def test_one_source_can_be_deleted_alone():
    answer = what_if(summing_bundle((1.0, 1.0)), WINDOW, (0, 3), sources=["source 1"])
    assert answer.window.tolist() == [[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [4.0, 0.0]]


def test_a_source_can_become_not_measured():
    answer = what_if(summing_bundle((1.0, 1.0)), WINDOW, (1, 2), "not measured", ["source 0"])
    assert answer.window.tolist() == [[1.0, 8.0], [-1.0, 8.0], [-1.0, 8.0], [4.0, 8.0]]
    assert answer.scores_after[0] == pytest.approx(answer.scores_before[0] - 7.0, abs=1e-3)


def test_a_source_that_the_model_does_not_read_is_refused():
    with pytest.raises(RecordRefused, match=r"does not read 'ABP'\. Choose from source 0, source 1"):
        what_if(summing_bundle((1.0, 1.0)), WINDOW, (0, 3), sources=["ABP"])


def test_the_predicted_class_depends_on_the_class_weights():
    bundle, window = toy_bundle(), toy_beat(24)
    dear = replace(bundle, weights=np.array([1e-9, 1.0, 1e-9, 1e-9], dtype=np.float32))
    assert what_if(bundle, window, (0, 3)).label_before == "RBBB"
    assert what_if(dear, window, (0, 3)).label_before == "LBBB"


def test_the_probabilities_are_the_calibrated_ones_of_both_windows():
    bundle, window = toy_bundle(temperature=1.7), toy_beat(24)
    answer = what_if(bundle, window, (5, 11))
    deleted = window.copy()
    deleted[5:12] = 0.0
    expected = softmax(compute_scores(bundle, np.stack([window, deleted])), 1.7)
    assert answer.probabilities_before == pytest.approx(expected[0])
    assert answer.probabilities_after == pytest.approx(expected[1])
    assert answer.label_before == bundle.classes[expected[0].argmax()]
    assert answer.label_after == bundle.classes[expected[1].argmax()]


def test_the_window_is_left_as_it_was():
    before = WINDOW.copy()
    what_if(summing_bundle((1.0, 0.0)), WINDOW, (0, 3))
    assert np.array_equal(WINDOW, before)


@pytest.mark.parametrize(("first", "last"), [(-1, 2), (2, 1), (0, 4)])
def test_a_stretch_that_is_not_in_the_window_is_refused(first, last):
    with pytest.raises(RecordRefused, match="from 0 to 3"):
        what_if(summing_bundle((1.0, 0.0)), WINDOW, (first, last))


def test_an_unknown_baseline_is_refused():
    with pytest.raises(RecordRefused, match=r"0, 0\.5, mean"):
        what_if(summing_bundle((1.0, 0.0)), WINDOW, (0, 1), baseline="median")


MEASURED = np.array([[1.0, 8.0, 3.0], [2.0, 8.0, 3.0], [3.0, 8.0, 3.0]], dtype=np.float32)


def measuring_bundle():
    """The sum of a lead and two measurements."""
    whole = ("RR before", "RR after")
    return summing_bundle((1.0, 1.0, -1.0), ("lead", *whole), whole)


@pytest.mark.parametrize("fill", [0.0, "not measured", "mean"])
def test_a_stretch_never_deletes_part_of_a_measurement(fill):
    answer = what_if(measuring_bundle(), MEASURED, (1, 1), fill)
    assert np.array_equal(answer.window[:, 1:], MEASURED[:, 1:])
    assert answer.window[:, 0].tolist() == [1.0, {"not measured": -1.0, "mean": 2.0}.get(fill, fill), 3.0]


def test_a_measurement_is_deleted_whole_and_becomes_not_known():
    answer = what_if(measuring_bundle(), MEASURED, None, measurements=["RR before"])
    assert answer.window.tolist() == [[1.0, -1.0, 3.0], [2.0, -1.0, 3.0], [3.0, -1.0, 3.0]]
    assert answer.scores_before[0] - answer.scores_after[0] == pytest.approx(3 * 9.0, abs=1e-3)


def test_a_stretch_and_measurements_are_deleted_together():
    answer = what_if(measuring_bundle(), MEASURED, (0, 2), measurements=["RR before", "RR after"])
    assert answer.window.tolist() == [[0.0, -1.0, -1.0]] * 3


@pytest.mark.parametrize(("sources", "measurements"), [(["RR before"], ()), (None, ["lead"])])
def test_a_measurement_is_no_source_of_a_stretch_and_a_lead_is_no_measurement(sources, measurements):
    with pytest.raises(
        RecordRefused, match=r"does not read '(RR before|lead)'\. Choose from (lead|RR before, RR after)"
    ):
        what_if(measuring_bundle(), MEASURED, (0, 1), 0.0, sources, measurements)
