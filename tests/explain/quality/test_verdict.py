import numpy as np
import pytest

from backend.explain.quality.verdict import VERDICTS, judge_stability

AT_RANDOM = np.array([0.2, 0.5, 0.4])
STEADY = {"seed": (0.93, 0.99), "shift": (0.91, 0.97, 0.88), "noise": (1.0, 1.0)}


def judge(correlations, drop=1.2, most_shifted=5):
    return judge_stability(correlations, drop, AT_RANDOM, most_shifted)


def test_the_sentence_gives_the_lowest_correlation_of_each_kind():
    assert judge(STEADY) == (
        "stable",
        "Stable: the salience stays the same when the random seed changes (0.93), the beat moves by up to 5 time steps "
        "(0.88) or a little noise is added (1.00).",
    )


@pytest.mark.parametrize(("worst", "verdict"), [(0.8, 0), (0.79, 1), (0.5, 1), (0.49, 2), (-0.6, 2)])
def test_the_lowest_correlation_decides(worst, verdict):
    assert judge({**STEADY, "l1": (0.9, worst)})[0] == VERDICTS[verdict]


def test_a_moderately_stable_salience_stays_the_same_in_part():
    verdict, sentence = judge({"width": (0.6, 0.9)})
    assert verdict == "moderately stable"
    assert sentence == (
        "Moderately stable: much of the salience stays the same when the hidden stretch is narrower or wider (0.60)."
    )


def test_noise_alone_does_not_make_an_explanation_stable():
    assert judge({"noise": (0.99, 0.99), "fill": (0.9,)}) == (
        "moderately stable",
        "Moderately stable: the salience stays the same when a little noise is added (0.99). Nothing else could be "
        "varied here.",
    )


def test_the_sentence_of_an_unstable_explanation_lists_only_what_changes_it():
    verdict, sentence = judge({**STEADY, "l1": (0.31, 0.7)})
    assert verdict == "do not rely on it"
    assert sentence == "Not stable: the salience changes when its penalty weights change (0.31)."


def test_both_penalties_of_a_mask_are_listed_once():
    sentence = judge({**STEADY, "l1": (0.9, 0.87), "l2": (0.85, 0.95)})[1]
    assert sentence.count("its penalty weights change (0.85)") == sentence.count("penalty") == 1


def test_an_explanation_no_more_faithful_than_chance_is_not_stable():
    assert judge(STEADY, drop=0.5) == (
        "do not rely on it",
        "Not stable: deleting what it marks lowers the score no more than deleting at random "
        "(0.50; at random 0.20 to 0.50).",
    )


def test_another_baseline_value_is_reported_but_does_not_count():
    verdict, sentence = judge({**STEADY, "fill": (0.36,)})
    assert verdict == "stable"
    assert sentence.endswith(" Another baseline value gives another salience (0.36).")
    assert judge({**STEADY, "fill": (0.6,)}) == judge(STEADY)


def test_a_constant_salience_is_not_stable():
    assert judge({}) == ("do not rely on it", "Not stable: the salience is constant and marks nothing.")
