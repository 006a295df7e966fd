import numpy as np
import pytest

from backend.explain.quality.verdict import VERDICTS, verdict_on

AT_RANDOM = np.array([0.2, 0.5, 0.4])
STEADY = {"seed": (0.93, 0.99), "shift": (0.91, 0.97, 0.88), "noise": (1.0, 1.0)}


def said(correlations, drop=1.2, most_shifted=5):
    return verdict_on(correlations, drop, AT_RANDOM, most_shifted)


def test_a_stable_explanation_is_told_with_the_worst_of_each_kind():
    assert said(STEADY) == (
        "stable",
        "Stable: the same picture when other random numbers are drawn (0.93), the beat moves by up to 5 samples (0.88) "
        "or a little noise is added (1.00).",
    )


@pytest.mark.parametrize(("worst", "verdict"), [(0.8, 0), (0.79, 1), (0.5, 1), (0.49, 2), (-0.6, 2)])
def test_the_worst_correlation_of_all_decides(worst, verdict):
    assert said({**STEADY, "l1": (0.9, worst)})[0] == VERDICTS[verdict]


def test_much_of_the_picture_stays_is_told_otherwise_than_the_same_picture():
    verdict, sentence = said({"width": (0.6, 0.9)})
    assert verdict == "moderately stable"
    assert (
        sentence == "Moderately stable: much of the picture stays when the hidden stretch is narrower or wider (0.60)."
    )


def test_to_have_stood_a_little_noise_alone_does_not_make_an_explanation_stable():
    assert said({"noise": (0.99, 0.99), "fill": (0.9,)}) == (
        "moderately stable",
        "Moderately stable: the same picture when a little noise is added (0.99). Nothing else could be varied here.",
    )


def test_an_unstable_explanation_is_told_by_what_breaks_it_alone():
    verdict, sentence = said({**STEADY, "l1": (0.31, 0.7)})
    assert verdict == "do not rely on it"
    assert sentence == "Do not rely on it: another picture when its prices change (0.31)."


def test_both_prices_of_a_mask_are_told_as_one():
    sentence = said({**STEADY, "l1": (0.9, 0.87), "l2": (0.85, 0.95)})[1]
    assert sentence.count("its prices change (0.85)") == sentence.count("prices") == 1


def test_what_is_no_more_faithful_than_chance_is_not_to_be_relied_on_however_stable():
    assert said(STEADY, drop=0.5) == (
        "do not rely on it",
        "Do not rely on it: deleting what it points at lowers the score no more than deleting at random "
        "(0.50 against 0.20 to 0.50).",
    )


def test_that_other_values_for_what_is_deleted_change_the_picture_is_told_and_does_not_count():
    verdict, sentence = said({**STEADY, "fill": (0.36,)})
    assert verdict == "stable"
    assert sentence.endswith(" With another stand-in for what is deleted it gives another picture (0.36).")
    assert said({**STEADY, "fill": (0.6,)}) == said(STEADY)


def test_what_points_at_nothing_is_not_to_be_relied_on():
    assert said({}) == ("do not rely on it", "Do not rely on it: it points at nothing.")
