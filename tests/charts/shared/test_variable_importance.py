import numpy as np
import pytest

from backend.charts.shared.variable_importance import (
    AS_MUCH,
    LESS,
    MORE,
    OTHER_WAY,
    PAIR_MEANINGS,
    TOO_LITTLE,
    pair_in_words,
    plot_variable_importance,
    rank_in_words,
)
from backend.charts.style.theme import DARK, LIGHT
from backend.explain.questions.feature_ranking import Pair, Ranked
from tests.charts.drawings import layers_with, rows, size_px

RANKED = (
    Ranked("GCS", 1.4, 1.1, 1.7, 1, 1),
    Ranked("BUN", 0.6, 0.3, 0.8, 2, 3),
    Ranked("HR", 0.1, -0.1, 0.3, 2, 4),
    Ranked("Lactate", -0.3, -0.5, -0.2, 4, 4),
)


def bars_of(spec):
    (bars,) = layers_with(spec, "bar")
    return rows(spec, bars)


def test_every_variable_has_a_bar_as_long_as_the_score_drops_without_it():
    bars = bars_of(plot_variable_importance(RANKED, "death").to_dict())
    assert [bar["label"] for bar in bars] == ["GCS", "BUN", "HR", "Lactate"]
    assert [bar["end"] + bar["start"] for bar in bars] == pytest.approx([1.4, 0.6, 0.1, -0.3])


def test_speaking_for_and_against_differ_in_side_and_filling_and_not_in_colour_alone():
    spec = plot_variable_importance(RANKED, "death").to_dict()
    kinds = [bar["kind"] for bar in bars_of(spec)]
    assert kinds == ["speaks for death"] * 3 + ["speaks against death"]
    (bars,) = layers_with(spec, "bar")
    assert bars["encoding"]["fill"]["scale"]["range"] == [LIGHT.salience_strong, LIGHT.background]
    assert bars_of(spec)[3]["end"] == 0


def test_the_interval_is_drawn_and_a_bar_that_may_be_none_is_faint():
    spec = plot_variable_importance(RANKED, "death").to_dict()
    assert [(bar["low"], bar["high"]) for bar in bars_of(spec)][1] == (0.3, 0.8)
    assert len(list(layers_with(spec, "tick"))) == 2
    assert [bar["opacity"] for bar in bars_of(spec)] == [1, 1, 0.4, 1]


def test_names_are_those_of_a_reader_where_there_are_any():
    bars = bars_of(plot_variable_importance(RANKED, "death", {"GCS": "Glasgow Coma Scale"}).to_dict())
    assert [bar["label"] for bar in bars][:2] == ["Glasgow Coma Scale", "BUN"]


def test_ranks_are_told_with_their_uncertainty_and_against_is_counted_from_the_other_end():
    words = [bar["rank"] for bar in bars_of(plot_variable_importance(RANKED, "death", count=33).to_dict())]
    assert words == ["1st", "2nd to 3rd", "2nd to 4th", "30th against"]
    assert rank_in_words(Ranked("K", -0.2, -0.3, -0.1, 32, 33), 33) == "1st to 2nd against"


@pytest.mark.parametrize(
    ("rank", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd")]
)
def test_ordinals_are_english(rank, word):
    assert rank_in_words(Ranked("K", 1.0, 1.0, 1.0, rank, rank), 40) == word


def test_a_click_on_a_bar_tells_its_variable():
    (clicked,) = plot_variable_importance(RANKED, "death").to_dict()["params"]
    assert (clicked["name"], clicked["select"]["fields"]) == ("chosen", ["variable"])


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (lambda a, b: a + b, AS_MUCH),
        (lambda a, b: max(a, b), MORE),
        (lambda a, b: min(a, b), LESS),
    ],
)
def test_pairs_say_what_it_means_that_two_weigh_more_or_less_than_their_sum(score, words):
    whole = score(1, 1)
    alone = (whole - score(0, 1)) + (whole - score(1, 0))
    assert words == pair_in_words(Pair("A", "B", together=whole - score(0, 0), apart=alone))


@pytest.mark.parametrize(
    ("together", "apart", "words"),
    [
        (0.001, 0.0005, TOO_LITTLE),
        (-0.019, 0.012, TOO_LITTLE),
        (0.06, 0.045, AS_MUCH),
        (-0.1, 0.5, OTHER_WAY),
        (0.3, -0.2, OTHER_WAY),
        (-0.5, -0.3, MORE),
        (-0.3, -0.5, LESS),
    ],
)
def test_next_to_nothing_is_not_told_as_more_or_less_and_a_turn_of_sign_is_told_as_such(together, apart, words):
    assert pair_in_words(Pair("A", "B", together, apart)) == words
    assert PAIR_MEANINGS[words].startswith(words)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_ranking_fits_the_width_it_was_given(theme):
    assert (
        size_px(plot_variable_importance(RANKED, "death", {"GCS": "Coma scale"}, width_px=460, theme=theme))[0] <= 460
    )


@pytest.mark.parametrize("ranked", [(), (Ranked("HR", 0.0, 0.0, 0.0, 1, 1),)])
def test_nothing_to_rank_is_still_a_chart(ranked):
    assert np.isfinite(size_px(plot_variable_importance(ranked, "death"))).all()
