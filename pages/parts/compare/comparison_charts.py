"""The comparison of all techniques on one time axis, and their agreement."""

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
from pages.parts.compare.compare_text import AGREEMENT_HELP, AGREEMENT_TITLE, rows_help, rows_line
from pages.parts.compare.compared_rows import rows_of
from pages.parts.compare.compared_window import ComparedWindow
from pages.parts.compare.comparison_choice import Comparison
from pages.parts.explanation.explanation_text import SHARE_HELP, share_sentence

__all__ = ["describe_rows", "draw_agreement", "draw_comparison", "keep_room"]

_CAPTION_PX = 58


def keep_room() -> DeltaGenerator:
    """Return room above the chart for progress and then for a caption; its height is fixed, so that nothing moves."""
    return st.container(height=_CAPTION_PX, border=False).empty()


def describe_rows(window: ComparedWindow, comparison: Comparison, room: DeltaGenerator) -> None:
    """Describe the rows in the room that progress has taken."""
    shown = f"maximum over {window.word}" if comparison.source is None else window.names[comparison.source]
    rows = rows_line(comparison.target, shown)
    share = workbench.tracing_share(window.reading, window.number, comparison.target)
    help_text = rows_help(len(window.names) > 1)
    if share is not None:
        rows, help_text = f"{rows} {share_sentence(share)}", f"{help_text}  \n{SHARE_HELP}"
    room.caption(f"{window.summary}  \n{rows}", help=help_text)


def draw_comparison(
    window: ComparedWindow, comparison: Comparison, compared: Mapping[str, ComparedTechnique], chosen: str
) -> Any:
    """Draw the window with a row for each technique, and return the chart; a click on a row chooses it."""
    chance = workbench.by_chance(window.reading, window.number, comparison.target, comparison.fill)
    lanes = window.lanes(comparison.source)
    chart = plot_comparison(
        rows_of(window, comparison, compared, chance),
        ("time", f"score reduction\n(chance: {format_decimal(chance.mean())})", "agreement\nwith others"),
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
    """Draw the rank correlations of the saliences, and return the chart."""
    st.markdown(AGREEMENT_TITLE, help=AGREEMENT_HELP)
    correlations = correlate_saliences(window.bundle, [result.salience for result in compared.values()])
    chart = plot_rank_correlations([TECHNIQUES[name].label for name in compared], correlations, screen_theme())
    st.altair_chart(chart, theme=None, width="content")
    return chart
