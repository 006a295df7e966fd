from dataclasses import replace

import numpy as np
import pytest

from backend.models.scores import compute_probabilities, predict_classes, score_windows
from backend.models.thresholds import decision_threshold, uncertain_band
from backend.windows.base import Windows
from tests.toys import summing_bundle, toy_bundle

WEIGHTS = np.array([4.0, 1.0], dtype=np.float32)


def weighted_bundle(certain_from=0.8):
    return replace(summing_bundle(), weights=WEIGHTS, certain_from=np.full(2, certain_from))


def test_a_class_is_predicted_from_its_decision_threshold_on():
    bundle = weighted_bundle()
    first, second = bundle.classes
    assert decision_threshold(bundle, first) == pytest.approx(0.2)
    assert decision_threshold(bundle, second) == pytest.approx(0.8)
    scores = np.stack([np.linspace(-4, 4, 81), np.zeros(81)], axis=1).astype(np.float32)
    is_named = predict_classes(bundle, scores) == 0
    assert (is_named == (compute_probabilities(bundle, scores)[:, 0] >= decision_threshold(bundle, first))).all()


def test_predictions_are_uncertain_within_the_uncertain_band():
    bundle = weighted_bundle()
    low, high = uncertain_band(bundle, bundle.classes[0])
    assert low < decision_threshold(bundle, bundle.classes[0]) < high
    values = np.linspace(-4, 4, 80, dtype=np.float32)[:, np.newaxis, np.newaxis]
    scores = score_windows(bundle, Windows(values, ("x",), 1.0, np.zeros(80, int), 0))
    probability = scores.probabilities[:, 0]
    assert (scores.is_uncertain == ((low < probability) & (probability < high))).all()


def test_each_end_of_the_uncertain_band_is_the_threshold_of_one_class():
    bundle = replace(weighted_bundle(), certain_from=np.array([0.9, 0.6]))
    plain = [weighted_bundle(certain_from=own) for own in (0.6, 0.9)]
    low, high = uncertain_band(bundle, bundle.classes[0])
    assert low == pytest.approx(uncertain_band(plain[0], bundle.classes[0])[0])
    assert high == pytest.approx(uncertain_band(plain[1], bundle.classes[0])[1])


def test_a_class_whose_predictions_are_never_certain_is_uncertain_up_to_a_probability_of_one():
    bundle = replace(weighted_bundle(), certain_from=np.array([np.inf, 0.6]))
    assert uncertain_band(bundle, bundle.classes[0])[1] == 1.0


def test_a_model_of_more_than_two_classes_has_no_threshold():
    with pytest.raises(ValueError, match="4 classes"):
        decision_threshold(toy_bundle(classes=4), "normal")
