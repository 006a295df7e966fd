import pytest

from backend.explain.questions.feature_ranking import Pair
from backend.explain.questions.pairwise_interaction import (
    ADDITIVE,
    INTERACTIONS,
    NEGLIGIBLE,
    OPPOSITE,
    REDUNDANCY,
    SYNERGY,
    classify_interaction,
)


@pytest.mark.parametrize(
    ("score", "interaction"),
    [
        (lambda a, b: a + b, ADDITIVE),
        (lambda a, b: max(a, b), REDUNDANCY),
        (lambda a, b: min(a, b), SYNERGY),
    ],
)
def test_a_maximum_is_redundant_a_minimum_synergistic_and_a_sum_additive(score, interaction):
    whole = score(1, 1)
    separate = (whole - score(0, 1)) + (whole - score(1, 0))
    assert classify_interaction(Pair("A", "B", together=whole - score(0, 0), separate=separate)) == interaction


@pytest.mark.parametrize(
    ("together", "separate", "interaction"),
    [
        (0.001, 0.0005, NEGLIGIBLE),
        (-0.019, 0.012, NEGLIGIBLE),
        (0.06, 0.045, ADDITIVE),
        (-0.1, 0.5, OPPOSITE),
        (0.3, -0.2, OPPOSITE),
        (-0.5, -0.3, REDUNDANCY),
        (-0.3, -0.5, SYNERGY),
    ],
)
def test_a_small_effect_is_negligible_and_a_change_of_sign_is_opposite(together, separate, interaction):
    assert classify_interaction(Pair("A", "B", together, separate)) == interaction
    assert interaction in INTERACTIONS
