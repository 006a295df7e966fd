import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from backend.models.metrics.multiclass import (
    certainty_by_class,
    classification_figures,
    count_confusion,
    figures_by_class,
    figures_by_patient,
    figures_over_time,
    top_class_calibration_error,
)

CLASSES = ("N", "V", "A")
# Rows: 6 N (5 right, one called V), 3 V (2 right, one called N), 1 A (called N).
REFERENCE = np.array(["N"] * 6 + ["V"] * 3 + ["A"])
PREDICTED = np.array(["N"] * 5 + ["V"] + ["V", "V", "N"] + ["N"])
PATIENTS = np.array(["p"] * 4 + ["q"] * 6)


def test_rows_are_the_reference_and_columns_the_prediction():
    table = count_confusion(REFERENCE, PREDICTED, CLASSES)
    assert table.tolist() == [[5, 1, 0], [1, 2, 0], [1, 0, 0]]


def test_sensitivity_predictive_value_and_f1_equal_hand_calculations():
    rows = figures_by_class(count_confusion(REFERENCE, PREDICTED, CLASSES), CLASSES)
    assert rows["N"] == {
        "beats": 6,
        "sensitivity": pytest.approx(5 / 6, abs=1e-4),
        "positive_predictivity": pytest.approx(5 / 7, abs=1e-4),
        "f1": pytest.approx(10 / 13, abs=1e-4),
    }
    assert rows["V"]["sensitivity"] == rows["V"]["positive_predictivity"] == pytest.approx(2 / 3, abs=1e-4)


def test_a_division_by_zero_gives_none():
    rows = figures_by_class(count_confusion(REFERENCE, PREDICTED, CLASSES), CLASSES)
    assert rows["A"] == {"beats": 1, "sensitivity": 0.0, "positive_predictivity": None, "f1": 0.0}
    unseen = figures_by_class(np.array([[2, 0], [0, 0]]), ("N", "V"))
    assert unseen["V"] == {"beats": 0, "sensitivity": None, "positive_predictivity": None, "f1": None}


def test_figures_include_the_share_of_the_largest_class():
    found = classification_figures(REFERENCE, PREDICTED, PATIENTS, CLASSES)
    assert found["accuracy"] == 0.7
    assert found["majority_class_share"] == 0.6
    assert found["beats"] == 10
    assert found["patients"] == 2


def test_macro_f1_is_the_mean_over_the_classes_that_the_reference_holds():
    found = classification_figures(REFERENCE, PREDICTED, PATIENTS, (*CLASSES, "never seen"))
    assert found["macro_f1"] == pytest.approx((10 / 13 + 2 / 3 + 0) / 3, abs=1e-4)


def test_predicting_normal_throughout_has_the_baselines_accuracy_and_a_poor_macro_f1():
    found = classification_figures(REFERENCE, np.full(10, "N"), PATIENTS, CLASSES)
    assert found["accuracy"] == found["majority_class_share"]
    assert found["macro_f1"] == pytest.approx(0.75 / 3, abs=1e-4)


def test_each_patient_has_figures():
    assert figures_by_patient(REFERENCE, PREDICTED, PATIENTS) == {
        "p": {"beats": 4, "accuracy": 1.0, "reference": {"N": 4}},
        "q": {"beats": 6, "accuracy": 0.5, "reference": {"A": 1, "N": 2, "V": 3}},
    }


def test_calibrated_probabilities_have_no_calibration_error():
    probabilities = np.repeat([0.5, 0.75], 100)
    right = np.r_[np.arange(100) < 50, np.arange(100) < 75]
    assert top_class_calibration_error(probabilities, right) == pytest.approx(0.0, abs=1e-12)


def test_the_calibration_error_weights_each_bins_gap_by_its_share():
    # 30 of 40 say 0.9 and 24 of those are right: a gap of 0.1. 10 say 0.6 and all are right: a gap of 0.4.
    probabilities = np.repeat([0.9, 0.6], [30, 10])
    right = np.r_[np.arange(30) < 24, np.ones(10, dtype=bool)]
    assert top_class_calibration_error(probabilities, right) == pytest.approx(0.75 * 0.1 + 0.25 * 0.4)


def test_always_certain_and_wrong_is_the_greatest_calibration_error():
    assert top_class_calibration_error(np.ones(5), np.zeros(5, dtype=bool)) == 1.0


def test_over_and_underconfidence_within_one_bin_cancel_and_in_two_do_not():
    probabilities, right = np.array([0.81, 0.79]), np.array([True, False])
    assert top_class_calibration_error(probabilities, right, bins=1) == pytest.approx(0.3)
    assert top_class_calibration_error(probabilities, right, bins=5) == pytest.approx(0.5 * 0.19 + 0.5 * 0.79)


@pytest.mark.parametrize("seed", range(10))
def test_figures_of_classes_are_as_scikit_learn_has_them(seed):
    rng = np.random.default_rng(seed)
    classes = ("normal", "LBBB", "PVC", "paced")
    # The reference holds no paced beat, of which some are predicted; nothing is predicted to be LBBB.
    reference = rng.choice(["normal", "LBBB", "PVC"], 300, p=[0.7, 0.1, 0.2])
    predicted = np.where(rng.random(300) < 0.7, reference, rng.choice(["normal", "PVC", "paced"], 300))
    predicted[predicted == "LBBB"] = "normal"
    found = classification_figures(reference, predicted, np.array(["a"] * 300), classes)
    table = metrics.confusion_matrix(reference, predicted, labels=classes)
    assert np.array_equal(count_confusion(reference, predicted, classes), table)
    assert found["confusion"] == {"classes": list(classes), "counts": table.tolist()}
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(reference, predicted), abs=5.1e-5)
    there = np.unique(reference)
    macro_f1 = metrics.f1_score(reference, predicted, labels=there, average="macro", zero_division=0.0)
    assert found["macro_f1"] == pytest.approx(macro_f1, abs=1.1e-4)
    ppv, sensitivity, f1, beats = metrics.precision_recall_fscore_support(
        reference, predicted, labels=classes, zero_division=np.nan
    )
    for place, name in enumerate(classes):
        row = found["classes"][name]
        assert row["beats"] == beats[place]
        for figure, expected in (("sensitivity", sensitivity), ("positive_predictivity", ppv), ("f1", f1)):
            said = np.nan if row[figure] is None else row[figure]
            assert said == pytest.approx(expected[place], abs=5.1e-5, nan_ok=True), (name, figure)


@pytest.mark.parametrize("seed", range(10))
def test_the_calibration_error_is_the_weighted_gap_of_scikit_learns_curve(seed):
    rng = np.random.default_rng(seed)
    probabilities = 0.3 + 0.7 * rng.random(400)
    right = rng.random(400) < probabilities**2
    shares, means = calibration_curve(right, probabilities, n_bins=15)
    counts = np.histogram(probabilities, 15, (0.0, 1.0))[0]
    expected = (counts[counts > 0] * np.abs(shares - means)).sum() / 400
    assert top_class_calibration_error(probabilities, right) == pytest.approx(expected, abs=1e-12)


def test_the_accuracy_of_the_certain_predictions_is_counted_for_each_predicted_class():
    is_certain = np.array([True] * 4 + [False, True] + [True, False, True] + [False])
    assert certainty_by_class(REFERENCE, PREDICTED, is_certain, CLASSES) == {
        # Predicted N: five correct (four certain), a V (certain) and the A.
        "N": {"predicted": 7, "certain": 5, "accuracy_of_certain": 0.8},
        # Predicted V: an N (certain), and two correct (one certain).
        "V": {"predicted": 3, "certain": 2, "accuracy_of_certain": 0.5},
        "A": {"predicted": 0, "certain": 0, "accuracy_of_certain": None},
    }


def test_the_figures_over_time_are_those_after_each_chosen_read():
    probabilities = np.array([[[0.5, 0.5], [0.2, 0.8]], [[0.6, 0.4], [0.9, 0.1]]])
    found = figures_over_time(probabilities, np.array([1, 1]), {"first": 0, "end": 1})
    assert found == {
        "first": {"accuracy": 0.0, "mean_probability": 0.55, "expected_calibration_error": 0.55},
        # 0.8 is in the 13th bin of 15 and correct, 0.9 in the 14th and wrong.
        "end": {"accuracy": 0.5, "mean_probability": 0.85, "expected_calibration_error": 0.55},
    }
