import numpy as np
import pytest

from backend.charts.shared.variable_importance import format_rank, plot_variable_importance
from backend.charts.style.theme import DARK, LIGHT
from backend.explain.questions.feature_ranking import RankedFeature
from tests.charts.drawings import layers_with, rows, size_px

RANKED = (
    RankedFeature("GCS", 1.4, 1.1, 1.7, 1, 1),
    RankedFeature("BUN", 0.6, 0.3, 0.8, 2, 3),
    RankedFeature("HR", 0.1, -0.1, 0.3, 2, 4),
    RankedFeature("Lactate", -0.3, -0.5, -0.2, 4, 4),
)


def bars_of(spec):
    (bars,) = layers_with(spec, "bar")
    return rows(spec, bars)


def test_every_variable_has_a_bar_as_long_as_the_score_drops_without_it():
    bars = bars_of(plot_variable_importance(RANKED, "death").to_dict())
    assert [bar["label"] for bar in bars] == ["GCS", "BUN", "HR", "Lactate"]
    assert [bar["end"] + bar["start"] for bar in bars] == pytest.approx([1.4, 0.6, 0.1, -0.3])


def test_support_and_opposition_differ_in_side_and_filling_and_not_in_colour_alone():
    spec = plot_variable_importance(RANKED, "death").to_dict()
    kinds = [bar["kind"] for bar in bars_of(spec)]
    assert kinds == ["supports death"] * 3 + ["opposes death"]
    (bars,) = layers_with(spec, "bar")
    assert bars["encoding"]["fill"]["scale"]["range"] == [LIGHT.salience_strong, LIGHT.background]
    assert bars_of(spec)[3]["end"] == 0


def test_the_interval_is_drawn_and_a_bar_whose_interval_includes_0_is_faint():
    spec = plot_variable_importance(RANKED, "death").to_dict()
    assert [(bar["low"], bar["high"]) for bar in bars_of(spec)][1] == (0.3, 0.8)
    assert len(list(layers_with(spec, "tick"))) == 2
    assert [bar["opacity"] for bar in bars_of(spec)] == [1, 1, 0.4, 1]


def test_a_variable_has_its_screen_name_where_there_is_one():
    bars = bars_of(plot_variable_importance(RANKED, "death", {"GCS": "Glasgow Coma Scale"}).to_dict())
    assert [bar["label"] for bar in bars][:2] == ["Glasgow Coma Scale", "BUN"]


def test_ranks_show_their_uncertainty_and_opposing_ones_count_from_the_other_end():
    words = [bar["rank"] for bar in bars_of(plot_variable_importance(RANKED, "death", n_variables=33).to_dict())]
    assert words == ["1st", "2nd–3rd", "2nd–4th", "30th opposing"]
    assert format_rank(RankedFeature("K", -0.2, -0.3, -0.1, 32, 33), 33) == "1st–2nd opposing"


@pytest.mark.parametrize(
    ("rank", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd")]
)
def test_ordinals_are_correct_english(rank, text):
    assert format_rank(RankedFeature("K", 1.0, 1.0, 1.0, rank, rank), 40) == text


def test_a_click_on_a_bar_selects_its_variable():
    (clicked,) = plot_variable_importance(RANKED, "death").to_dict()["params"]
    assert (clicked["name"], clicked["select"]["fields"]) == ("chosen", ["variable"])


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_ranking_fits_the_width_it_was_given(theme):
    assert (
        size_px(plot_variable_importance(RANKED, "death", {"GCS": "Coma scale"}, width_px=460, theme=theme))[0] <= 460
    )


@pytest.mark.parametrize("ranked", [(), (RankedFeature("HR", 0.0, 0.0, 0.0, 1, 1),)])
def test_an_empty_ranking_is_still_a_chart(ranked):
    assert np.isfinite(size_px(plot_variable_importance(ranked, "death"))).all()
