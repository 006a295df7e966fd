import numpy as np
import pytest

from backend.models.classification import ClassifiedBeats
from backend.models.scores import Scores
from backend.models.summary import heart_rate_bpm, summarised
from backend.records.quality import find_artifacts
from backend.windows.detection import Beats
from backend.windows.windows import Windows
from tests.made_records import made_record

CLASSES = ("normal", "PVC", "paced")
RATE = 100.0
# Ten seconds: beats at 1 s, 2 s, 2.5 s, 4 s, then a pause of 4 s; the first is cut by the edge of its window.
R_PEAKS = np.array([10, 100, 200, 250, 400, 800])
LABELS = ("normal", "normal", "PVC", "normal", "normal")
REFERENCE = ("normal", "PVC", "PVC", "other", "")


def made_case(reference=REFERENCE) -> tuple:
    signal = np.sin(np.arange(1000) / 3.0)[:, np.newaxis]
    signal[500:700] = np.nan
    record = made_record(signal, ("II",), RATE)
    scores = np.eye(3, dtype=np.float32)[[CLASSES.index(label) for label in LABELS]]
    classified = ClassifiedBeats(
        beats=Beats("II", R_PEAKS, find_artifacts(record.signals[:, 0], RATE)),
        windows=Windows(np.zeros((5, 4, 1), np.float32), ("lead II",), RATE, R_PEAKS[1:], 1, reference),
        scores=Scores(
            CLASSES, scores, scores, np.array([False, True, False, True, False]), np.array([False] * 4 + [True])
        ),
        missed_samples=None if reference is None else np.array([600, 620, 650]),
        reference_beats=None if reference is None else 7,
    )
    return record, classified


def test_beats_are_counted_by_class_and_by_doubt():
    found = summarised(*made_case())
    assert found.found == 6
    assert found.cut_by_edges == 1
    assert found.by_class == {"normal": 4, "PVC": 1}
    assert (found.uncertain, found.unlike, found.artifacts) == (2, 1, 1)
    assert found.duration_s == 10.0


def test_the_mean_rate_is_that_of_the_mean_interval_without_pauses():
    # Intervals of 0.9, 1.0, 0.5 and 1.5 s; the one of 4 s is a gap as often as a pause.
    assert summarised(*made_case()).mean_rate_bpm == pytest.approx(60 / ((0.9 + 1.0 + 0.5 + 1.5) / 4))


def test_agreement_is_counted_over_beats_whose_reference_the_model_knows():
    agreement = summarised(*made_case()).agreement
    assert (agreement.reference_beats, agreement.missed, agreement.false) == (7, 3, 1)
    assert (agreement.named, agreement.right) == (3, 2)


def test_the_confusion_table_has_a_row_for_each_label_of_the_reference_others_included():
    agreement = summarised(*made_case()).agreement
    assert agreement.rows == ("normal", "PVC", "other")
    assert agreement.columns == CLASSES
    assert agreement.counts.tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 0]]


def test_without_a_reference_there_is_no_agreement_to_speak_of():
    assert summarised(*made_case(reference=None)).agreement is None


def test_a_beats_rate_is_that_of_the_interval_before_it():
    rates = heart_rate_bpm(np.array([0, 100, 150, 500]), 100.0)
    np.testing.assert_allclose(rates, [np.nan, 60.0, 120.0, np.nan])


@pytest.mark.parametrize("r_peaks", [[], [100]])
def test_fewer_than_two_beats_have_no_rate(r_peaks):
    assert np.isnan(heart_rate_bpm(np.array(r_peaks, dtype=np.int64), 100.0)).all()
