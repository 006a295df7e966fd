"""Variable importance and pairwise interactions, on every screen of a model that reads several variables."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from backend import workbench
from backend.charts.shared.variable_importance import plot_variable_importance
from backend.charts.style.number_format import format_decimal
from backend.explain.api import default_baseline
from backend.explain.questions.feature_ranking import RankedFeature
from backend.explain.questions.pairwise_interaction import INTERACTIONS, classify_interaction
from backend.explain.salience import Salience
from backend.kinds.kind import kind_of
from backend.workbench import Reading
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.app.folding import is_unfolded, offer_more
from pages.parts.explanation import explanation_text

__all__ = ["show_pairs", "show_ranking"]

_MOST_SHOWN = 10
_WHAT = "ranked"


def show_ranking(
    reading: Reading,
    number: int,
    salience: Salience,
    labels: Mapping[str, str],
    width_px: float,
    on_choose: Callable[[str], None] | None = None,
) -> Any:
    """Draw the importance of each variable, the least important folded away, and return the chart.

    Parameters
    ----------
    labels : mapping of str to str
        What a reader calls each variable.
    on_choose : callable, optional
        Gets the variable whose bar was clicked.
    """
    fill = salience.parameters.get("fill")
    ranked = workbench.ranking(reading, number, salience.target, fill)
    bundle = workbench.model(reading.model)
    baseline = default_baseline(bundle) if fill is None else fill
    deleted = explanation_text.deleted_sentence(baseline, kind_of(bundle).not_measured)
    st.markdown(explanation_text.IMPORTANCE_TITLE, help=explanation_text.importance_help(salience.target, deleted))
    shown = _most_important(ranked, len(ranked) if is_unfolded(_WHAT) else _MOST_SHOWN)
    chart = plot_variable_importance(shown, salience.target, labels, len(ranked), width_px, screen_theme())
    _draw(chart, f"ranking {reading.record.digest} {reading.model} {salience.target}", on_choose)
    offer_more(_WHAT, len(ranked) - _MOST_SHOWN)
    return chart


def _most_important(ranked: Sequence[RankedFeature], most: int) -> list[RankedFeature]:
    """Return the most important variables, supporting or opposing, in the order of the ranking."""
    kept = sorted(ranked, key=lambda feature: -abs(feature.drop))[:most]
    return [feature for feature in ranked if feature in kept]


def _draw(chart: Any, key: str, on_choose: Callable[[str], None] | None) -> None:
    def selected() -> None:
        for bar in st.session_state[key].selection.get("chosen", []):
            if on_choose is not None and "variable" in bar:
                on_choose(bar["variable"])

    st.altair_chart(chart, key=key, on_select=selected, theme=None, width="content")


def show_pairs(reading: Reading, number: int, salience: Salience, labels: Mapping[str, str]) -> None:
    """Draw the interactions of the five variables that most support the class."""
    pairs = workbench.pairs(reading, number, salience.target, salience.parameters.get("fill"))
    if not pairs:
        return
    interactions = [classify_interaction(pair) for pair in pairs]
    meanings = {name: INTERACTIONS[name] for name in dict.fromkeys(interactions)}
    st.markdown(explanation_text.PAIRS_TITLE, help=explanation_text.pairs_help(salience.target, meanings))
    table = pd.DataFrame(
        {
            "pair": [
                f"{labels.get(pair.first, pair.first)} + {labels.get(pair.second, pair.second)}" for pair in pairs
            ],
            "together": [format_decimal(pair.together) for pair in pairs],
            "separately": [format_decimal(pair.separate) for pair in pairs],
            "interaction": interactions,
        }
    )
    # Its words break into lines where there is no room for them, those of a data frame would be cut.
    st.table(table, border="horizontal", hide_index=True)
