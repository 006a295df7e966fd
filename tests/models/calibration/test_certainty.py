import numpy as np
import pytest

from backend.models.calibration.certainty import (
    NEVER,
    certain_thresholds,
    fit_certain_thresholds,
    thresholds_for_card,
)


def predictions(n: int = 30_000, n_classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities that are right as often as they state, with targets, of 60 patients without differences."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(n_classes, 0.4), n)
    targets = (probabilities.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return probabilities, np.minimum(targets, n_classes - 1), rng.integers(0, 60, n).astype(str)


def accuracy_of_certain(probabilities, targets, thresholds):
    predicted = probabilities.argmax(axis=1)
    is_certain = probabilities.max(axis=1) >= thresholds[predicted]
    is_correct = predicted == targets
    return [is_correct[is_certain & (predicted == own)].mean() for own in range(3)], is_correct[is_certain].mean()


def test_the_certain_predictions_of_other_windows_reach_the_aims():
    thresholds = fit_certain_thresholds(*predictions())
    probabilities, targets, _ = predictions(seed=1)
    by_class, pooled = accuracy_of_certain(probabilities, targets, thresholds)
    assert pooled >= 0.965
    assert min(by_class) >= 0.85


def test_calibrated_probabilities_of_equal_patients_get_the_threshold_that_the_aim_implies():
    probabilities, targets, patients = predictions()
    thresholds = fit_certain_thresholds(probabilities, targets, patients)
    greatest = probabilities.max(axis=1)
    # The lowest threshold above which the mean stated probability is 97%.
    implied = next(own for own in np.arange(0.3, 1.0, 0.005) if greatest[greatest >= own].mean() >= 0.97)
    np.testing.assert_allclose(thresholds, implied, atol=0.03)


def test_a_class_that_is_often_wrong_has_a_higher_threshold_than_the_others():
    probabilities, targets, patients = predictions()
    is_wrong = (probabilities.argmax(axis=1) == 2) & (probabilities.max(axis=1) < 0.98)
    targets = np.where(is_wrong, 0, targets)
    thresholds = fit_certain_thresholds(probabilities, targets, patients)
    assert thresholds[2] >= 0.94
    assert thresholds[2] > thresholds[:2].max() + 0.02
    assert accuracy_of_certain(probabilities, targets, thresholds)[0][2] >= 0.85


def test_a_class_that_is_always_wrong_or_never_predicted_is_never_certain():
    probabilities, targets, patients = predictions()
    targets = np.where(targets == 2, 0, targets)
    with_fourth = np.column_stack([probabilities, np.zeros(len(targets))])
    thresholds = fit_certain_thresholds(with_fourth, targets, patients)
    assert thresholds[2:].tolist() == [NEVER, NEVER]
    assert (thresholds[:2] < 1).all()


def test_differences_between_patients_raise_a_threshold():
    probabilities, targets, patients = predictions()
    few = np.where(np.arange(len(targets)) % 3, patients, "one")
    rng = np.random.default_rng(0)
    is_spoilt = (few == "one") & (rng.random(len(targets)) < 0.25)
    spoilt = np.where(is_spoilt, (targets + 1) % 3, targets)
    shuffled = rng.permutation(few)
    apart = fit_certain_thresholds(probabilities, spoilt, few, 0.8, 0.85)
    mixed = fit_certain_thresholds(probabilities, spoilt, shuffled, 0.8, 0.85)
    assert (apart > mixed).all()


@pytest.mark.parametrize(("n_correct", "is_enough"), [(12, False), (13, True)])
def test_a_handful_of_correct_predictions_of_one_patient_are_not_certainty(n_correct, is_enough):
    probabilities = np.tile([[0.9, 0.1]], (n_correct, 1))
    targets, patients = np.zeros(n_correct, dtype=int), np.full(n_correct, "one")
    thresholds = fit_certain_thresholds(probabilities, targets, patients, 0.85, 0.85)
    assert np.isfinite(thresholds[0]) == is_enough


def test_thresholds_come_back_from_a_card():
    card = thresholds_for_card(np.array([0.7, NEVER]), ("normal", "PVC"))
    assert card == {"normal": 0.7, "PVC": None}
    assert certain_thresholds(card, ("normal", "PVC")).tolist() == [0.7, NEVER]


def test_one_threshold_of_a_card_is_that_of_all_classes():
    assert certain_thresholds(0.8, ("normal", "PVC")).tolist() == [0.8, 0.8]
