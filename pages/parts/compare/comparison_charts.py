"""The comparison on the screen: all techniques on one time axis, and how far each agrees with each."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend import workbench
from backend.charts.compare.rank_correlations import plot_rank_correlations
from backend.charts.compare.technique_rows import plot_comparison
from backend.charts.style.number_format import format_decimal
from backend.explain.api import TECHNIQUES
from backend.explain.quality.comparison import ComparedTechnique, correlate_saliences
from pages.parts.app import url_state
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.compare.compared_rows import rows_of
from pages.parts.compare.compared_window import ComparedWindow
from pages.parts.compare.comparison_choice import Comparison

__all__ = ["draw_agreement", "draw_comparison", "keep_room", "tell_how_to_read"]

_WORDS_PX = 76


def keep_room() -> DeltaGenerator:
    """Room above the chart for progress, and then for how it is read: it keeps its height, so that nothing moves."""
    return st.container(height=_WORDS_PX, border=False).empty()


def tell_how_to_read(window: ComparedWindow, comparison: Comparison, room: DeltaGenerator) -> None:
    """What is compared and how its figures are read, in the room that progress has taken."""
    greatest = f"the greatest of all {window.word}"
    shown = greatest if comparison.source is None else f"{window.names[comparison.source]} alone"
    of_several = f" ({shown}; 1 is the most of all that is read)" if len(window.names) > 1 else ""
    room.caption(
        f"{window.told}  \nEach row: how much every step of the {window.bundle.kind} counts for "
        f"**{comparison.target}**{of_several}. **Score falls by**: how far on average when the most salient 2 to 50 % "
        "are deleted; more is better, grey is no more than at random."
    )


def draw_comparison(
    window: ComparedWindow, comparison: Comparison, compared: Mapping[str, ComparedTechnique], chosen: str
) -> Any:
    """Draw the window with a row for each technique; the chart. A click on a row chooses it."""
    chance = workbench.by_chance(window.reading, window.number, comparison.target, comparison.fill)
    lanes = window.lanes(comparison.source)
    chart = plot_comparison(
        rows_of(window, comparison, compared, chance),
        ("takes", f"score falls by\n(chance: {format_decimal(chance.mean())})", "agreement\nwith others"),
        window.axis,
        lanes,
        window.waves,
        next((lane for lane in lanes if lane.is_read), None),
        chosen,
        screen_theme(),
    )
    # The same for every window of a kind: the chart stays where it is, and its data are swapped.
    key = f"comparison {window.bundle.kind}"

    def selected() -> None:
        for row in st.session_state[key].selection.get("chosen", []):
            if row.get("technique") in comparison.techniques:
                url_state.choose(row=row["technique"])

    st.altair_chart(chart, key=key, on_select=selected, theme=None, width="content")
    return chart


def draw_agreement(window: ComparedWindow, compared: Mapping[str, ComparedTechnique]) -> Any:
    """Draw the rank correlations of the saliences, and say what they are worth; the chart."""
    st.markdown("**Do they agree?** Rank correlation of the saliences, two by two")
    correlations = correlate_saliences(window.bundle, [own.salience for own in compared.values()])
    chart = plot_rank_correlations([TECHNIQUES[name].label for name in compared], correlations, screen_theme())
    st.altair_chart(chart, theme=None, width="content")
    st.caption(
        "Over all that the model reads, at all steps: 1 is the same order, 0 no likeness, below 0 the contrary. Each "
        "row's figure above is its mean with the others, the random control left out. **Agreement is no proof**: "
        "techniques may be wrong together. But one that agrees with the random control, or lowers the score no more "
        "than chance, is worth nothing."
    )
    return chart
