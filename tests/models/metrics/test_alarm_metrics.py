import numpy as np
import pytest

from backend.models.metrics.alarm_metrics import TypeBaseline, alarm_figures, challenge_score, optimal_threshold

TRUE = np.array([True, True, False, False, False])


@pytest.mark.parametrize(
    ("called", "score"),
    [
        (TRUE, 100.0),
        (~TRUE, 0.0),
        ([True, True, True, True, True], 100 * 2 / 5),
        ([False, False, False, False, False], 100 * 3 / (3 + 10)),
        ([True, False, True, False, False], 100 * 3 / (3 + 1 + 5)),
    ],
)
def test_a_missed_alarm_costs_as_much_as_five_false_alarms(called, score):
    assert challenge_score(TRUE, np.array(called)) == pytest.approx(score)


def test_the_threshold_is_optimal_for_calibrated_probabilities():
    rng = np.random.default_rng(8)
    risk = rng.random(200_000) ** 2
    is_true = rng.random(200_000) < risk
    thresholds = np.linspace(0.02, 0.8, 79)
    scores = [challenge_score(is_true, risk >= threshold) for threshold in thresholds]
    found = optimal_threshold(is_true, risk)
    assert found == pytest.approx(thresholds[np.argmax(scores)], abs=0.03)
    assert challenge_score(is_true, risk >= found) > max(scores) - 0.1


def test_a_better_model_has_a_lower_threshold():
    is_true = np.array([True] * 40 + [False] * 60)
    sure = np.where(is_true, 0.95, 0.05)
    assert optimal_threshold(is_true, sure) == pytest.approx(1 / 6)
    assert optimal_threshold(is_true, np.full(100, 0.4)) == pytest.approx(1 / (2 + 4 * 0.4))


def test_the_type_baseline_gives_the_share_of_true_alarms_of_each_type():
    rule = TypeBaseline.fit(np.array([0, 0, 1, 1, 2, 3, 4]), np.array([True, False, True, True, False, False, False]))
    assert rule.risk(np.array([1, 0, 2])).tolist() == [1.0, 0.5, 0.0]


def test_figures_include_those_of_the_type_baseline_overall_and_by_kind():
    kinds = np.array([0, 0, 1, 1, 1])
    risk = np.array([0.9, 0.8, 0.6, 0.2, 0.1])
    found = alarm_figures(TRUE, risk, risk > 0.5, np.array([0.7, 0.7, 0.4, 0.4, 0.4]), kinds)
    assert found["auc"] == 1.0
    assert found["accuracy"] == 0.8
    assert found["majority_class_share"] == 0.6
    assert found["challenge_score"] == 80.0
    assert (found["missed_true_alarms"], found["suppressed_false_alarms"]) == (0, 2)
    assert found["by_type_alone"]["accuracy"] == 1.0
    assert list(found["kinds"]) == ["asystole", "bradycardia"]
    assert found["kinds"]["bradycardia"]["auc"] is None
    assert found["kinds"]["bradycardia"]["by_type_alone"]["challenge_score"] == 100.0
    low, high = found["challenge_score_interval"]
    assert low <= 80.0 <= high
