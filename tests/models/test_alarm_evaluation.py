import numpy as np
import pytest

from backend.models.alarm_evaluation import TypeRule, alarm_figures, best_threshold, challenge_score

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
def test_a_missed_alarm_costs_as_much_as_five_false_ones(called, score):
    assert challenge_score(TRUE, np.array(called)) == pytest.approx(score)


def test_the_threshold_lies_where_no_true_alarm_is_missed():
    is_true = np.array([True] * 10 + [False] * 90)
    risk = np.concatenate([np.linspace(0.3, 0.9, 10), np.linspace(0.0, 0.2, 90)])
    assert 0.2 < best_threshold(is_true, risk) < 0.3


def test_a_costly_miss_lowers_the_threshold():
    rng = np.random.default_rng(8)
    risk = rng.random(20_000)
    is_true = rng.random(20_000) < risk
    assert 0.1 < best_threshold(is_true, risk) < 0.35


def test_the_rule_says_what_most_alarms_of_the_type_are():
    rule = TypeRule.learnt(np.array([0, 0, 1, 1, 2, 3, 4]), np.array([True, False, True, True, False, False, False]))
    assert rule.risk(np.array([1, 0, 2])).tolist() == [1.0, 0.5, 0.0]


def test_figures_stand_beside_those_of_the_rule_in_all_and_for_each_kind():
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
