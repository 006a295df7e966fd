from dataclasses import replace

import numpy as np
import pytest

from backend.models.calibration.prefixes import fit_prefixes
from backend.models.metrics.multiclass import top_class_calibration_error
from backend.models.network.lstm import score_prefixes
from backend.models.scores import compute_scores, score_windows, softmax
from backend.models.training.beats.beat_calibration import evaluate_calibration
from backend.windows.base import Windows
from tests.toys import toy_beat, toy_bundle

N = 60


def bundle_and_beats():
    """A network that reads three steps at once, noisy beats, and labels that agree with it on every second beat."""
    bundle = toy_bundle(steps_per_read=3, temperature=0.05)
    values = np.stack([toy_beat(seed=seed) * (seed % 7 - 3) for seed in range(N)]).astype(np.float32)
    predicted = compute_scores(bundle, values).argmax(axis=1)
    targets = np.where(np.arange(N) % 2, predicted, (predicted + 1) % 4)
    return bundle, values, np.array(bundle.classes)[targets], targets


def test_certain_predictions_are_those_of_the_product():
    bundle, values, labels, _ = bundle_and_beats()
    bundle = replace(bundle, certain_from=np.array([0.5, np.inf, 0.7, 0.9]))
    found = evaluate_calibration(bundle, values, labels)
    scores = score_windows(bundle, Windows(values, ("lead",), 360.0, np.arange(N), 72))
    assert found["uncertain_share"] == pytest.approx(scores.is_uncertain.mean(), abs=1e-4)
    for index, name in enumerate(bundle.classes):
        is_own = ~scores.is_uncertain & (scores.predicted == index)
        row = found["certain_by_class"][name]
        assert row["certain"] == is_own.sum()
        if is_own.any():
            assert row["accuracy_of_certain"] == pytest.approx((labels[is_own] == name).mean(), abs=1e-4)


@pytest.mark.parametrize(("second", "read_until"), [("-0.1 s", 36), ("+0.0 s", 72), ("+0.2 s", 144), ("end", 216)])
def test_the_calibration_over_time_is_that_of_what_has_been_read_by_then(second, read_until):
    bundle, values, labels, targets = bundle_and_beats()
    found = evaluate_calibration(bundle, values, labels)["over_time"][second]
    greatest = softmax(compute_scores(bundle, values[:, :read_until]), bundle.temperature)
    is_correct = greatest.argmax(axis=1) == targets
    assert found["accuracy"] == pytest.approx(is_correct.mean(), abs=1e-4)
    error = top_class_calibration_error(greatest.max(axis=1), is_correct)
    assert found["expected_calibration_error"] == pytest.approx(error, abs=1e-3)


def test_calibrated_prefixes_have_the_lower_calibration_error():
    bundle, values, labels, targets = bundle_and_beats()
    fitted = fit_prefixes(score_prefixes(bundle.network, values), targets, bundle.temperature)
    plain = evaluate_calibration(bundle, values, labels)["over_time"]
    calibrated = evaluate_calibration(replace(bundle, prefixes=fitted), values, labels)["over_time"]
    assert calibrated["end"] == plain["end"]
    for second in ("-0.1 s", "+0.0 s", "+0.1 s"):
        assert calibrated[second]["expected_calibration_error"] < plain[second]["expected_calibration_error"] - 0.05


class _ByHeight:
    """A detector whose score is the height of the window."""

    def scores(self, values, features):
        return values.max(axis=(1, 2))

    def detect(self, values, features):
        return self.scores(values, features) > 2.0


def test_the_outlier_score_is_judged_by_how_it_predicts_errors():
    bundle, values, labels, targets = bundle_and_beats()
    is_correct = compute_scores(bundle, values).argmax(axis=1) == targets
    found = evaluate_calibration(replace(bundle, ood_detector=_ByHeight()), values, labels)
    heights = values.max(axis=(1, 2))
    pairs = heights[~is_correct][:, np.newaxis] - heights[is_correct]
    expected = (pairs > 0).mean() + (pairs == 0).mean() / 2
    assert found["unlike_auroc_of_errors"] == pytest.approx(expected, abs=1e-4)
    assert found["accuracy_of_unlike"] == pytest.approx(is_correct[heights > 2.0].mean(), abs=1e-4)
