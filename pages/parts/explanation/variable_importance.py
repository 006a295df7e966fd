"""The variables ranked by what they count for, and which of them count two by two; on every screen that has several."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from backend import workbench
from backend.charts.shared.variable_importance import plot_variable_importance
from backend.charts.style.number_format import format_decimal
from backend.explain.api import default_baseline
from backend.explain.parameters import Value
from backend.explain.perturbation.baselines import NOT_MEASURED
from backend.explain.questions.feature_ranking import RankedFeature
from backend.explain.questions.pairwise_interaction import INTERACTIONS, classify_interaction
from backend.explain.salience import Salience
from backend.kinds.kind import kind_of
from backend.workbench import Reading
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.app.folding import is_unfolded, offer_more

__all__ = ["deleted_in_words", "show_pairs", "show_ranking"]

_MOST_SHOWN = 10
_WHAT = "ranked"

_DELETED = {
    NOT_MEASURED: "**Deleted** means **not measured**: the model reads what it would read had nobody measured it.",
    "mean": "**Deleted** means **its mean**: what the model reads of it becomes its mean over the whole time.",
}


def deleted_in_words(reading: Reading, fill: Value | None) -> str:
    """What becomes of a deleted value, in a sentence."""
    bundle = workbench.model(reading.model)
    chosen = default_baseline(bundle) if fill is None else fill
    if chosen == NOT_MEASURED:
        return f"{_DELETED[chosen]} {kind_of(bundle).not_measured}".rstrip()
    of_number = f"**Deleted** means **{chosen}**: what the model reads of it becomes {chosen} on the model's own scale."
    return _DELETED.get(str(chosen), of_number)


def show_ranking(
    reading: Reading,
    number: int,
    salience: Salience,
    labels: Mapping[str, str],
    width_px: float,
    on_choose: Callable[[str], None] | None = None,
) -> Any:
    """Draw how much each variable counts, those of little weight folded away; the chart.

    Parameters
    ----------
    labels : mapping of str to str
        What a reader calls each variable.
    on_choose : callable, optional
        Gets the variable whose bar was clicked.
    """
    fill = salience.parameters.get("fill")
    ranked = workbench.ranking(reading, number, salience.target, fill)
    st.markdown(f"**What counted for {salience.target}**: the drop of its score when a variable is deleted whole")
    shown = _weightiest(ranked, len(ranked) if is_unfolded(_WHAT) else _MOST_SHOWN)
    chart = plot_variable_importance(shown, salience.target, labels, len(ranked), width_px, screen_theme())
    _draw(chart, f"ranking {reading.record.digest} {reading.model} {salience.target}", on_choose)
    offer_more(_WHAT, len(ranked) - _MOST_SHOWN)
    st.caption(
        "Thin lines: the least and the most when one tenth of the time is left in place, each in turn; the ranks "
        f"likewise. Faint bars may as well count for nothing. {deleted_in_words(reading, fill)}"
    )
    return chart


def _weightiest(ranked: Sequence[RankedFeature], most: int) -> list[RankedFeature]:
    """The variables of most weight, for or against, in the order of the ranking."""
    kept = sorted(ranked, key=lambda one: -abs(one.drop))[:most]
    return [one for one in ranked if one in kept]


def _draw(chart: Any, key: str, on_choose: Callable[[str], None] | None) -> None:
    def selected() -> None:
        for bar in st.session_state[key].selection.get("chosen", []):
            if on_choose is not None and "variable" in bar:
                on_choose(bar["variable"])

    st.altair_chart(chart, key=key, on_select=selected, theme=None, width="content")


def show_pairs(reading: Reading, number: int, salience: Salience, labels: Mapping[str, str]) -> None:
    """Which of the five variables that spoke most for the class count together, in plain words."""
    found = workbench.pairs(reading, number, salience.target, salience.parameters.get("fill"))
    if not found:
        return
    interactions = [classify_interaction(one) for one in found]
    five = f"the five that spoke most for {salience.target}"
    st.markdown(f"**Two by two**: {five}, deleted together or singly (drop of the score)")
    table = pd.DataFrame(
        {
            "pair": [f"{labels.get(one.first, one.first)} + {labels.get(one.second, one.second)}" for one in found],
            "together": [format_decimal(one.together) for one in found],
            "singly": [format_decimal(one.separate) for one in found],
            "interaction": interactions,
        }
    )
    # Its words break into lines where there is no room for them, those of a data frame would be cut.
    st.table(table, border="horizontal", hide_index=True)
    st.caption("  \n".join(f"**{name.capitalize()}**: {INTERACTIONS[name]}." for name in dict.fromkeys(interactions)))
