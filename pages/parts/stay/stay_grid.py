"""The charted values of a stay on a grid of its hours."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from backend.charts.stay.charted_grid import Heading, plot_charted_grid
from backend.charts.stay.course import Course
from backend.charts.style.chart_width import FULL_PX
from backend.records.stays import PARAMETERS
from backend.workbench import StayReading
from pages.parts.app import url_state
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.app.folding import is_unfolded, offer_more
from pages.parts.stay import stay_text
from pages.parts.stay.parameter_names import SYSTEMS
from pages.parts.stay.stay_variable import show_variable

__all__ = ["draw_grid"]

_BY_IMPORTANCE, _BY_SYSTEM = "importance", "organ system"
_MOST_SHOWN = 16
_LIST = "charted"


def draw_grid(reading: StayReading, courses: Mapping[str, Course], by_weight: Sequence[str], chosen: str) -> Any:
    """Draw the grid below the choice of its order, and return the chart.

    Parameters
    ----------
    courses : mapping of str to Course
        What was charted.
    by_weight : sequence of str
        The same, the most important first.
    chosen : str
        The variable whose row is framed.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Charted values**", width="content", help=stay_text.CHARTED_HELP)
        st.space("stretch")
        order = _choose_order()
    rows = _by_system(courses) if order == _BY_SYSTEM else _most_important(courses, by_weight, chosen)
    chart = plot_charted_grid(rows, chosen, FULL_PX, screen_theme())
    key = f"grid {reading.record.digest} {reading.model}"

    def selected() -> None:
        for cell in st.session_state[key].selection.get("chosen", []):
            if "variable" in cell:
                show_variable(cell["variable"])

    with st.container(gap="xsmall"):
        st.altair_chart(chart, key=key, on_select=selected, theme=None, width="content")
        if order == _BY_IMPORTANCE:
            offer_more(_LIST, len(courses) - _MOST_SHOWN)
        _list_never_charted(courses)
    return chart


def _choose_order() -> str:
    selected = url_state.chosen("order")
    if selected not in (None, _BY_IMPORTANCE, _BY_SYSTEM):
        url_state.show_mismatch(stay_text.unknown_order(selected, _BY_IMPORTANCE))
        selected = None
        url_state.choose(order=None)
    key = "ask order"
    st.session_state[key] = order = selected or _BY_IMPORTANCE
    picked = st.segmented_control(
        "Order",
        (_BY_IMPORTANCE, _BY_SYSTEM),
        key=key,
        required=True,
        on_change=lambda: url_state.choose(order=st.session_state[key]),
        format_func=lambda order: f"By {order}",
        label_visibility="collapsed",
    )
    return picked or order


def _most_important(courses: Mapping[str, Course], by_weight: Sequence[str], chosen: str) -> list[Course]:
    """The most important rows, or all; the chosen one in any case."""
    most = len(by_weight) if is_unfolded(_LIST) else _MOST_SHOWN
    return [courses[name] for place, name in enumerate(by_weight) if place < most or name == chosen]


def _by_system(courses: Mapping[str, Course]) -> list[Course | Heading]:
    rows: list[Course | Heading] = []
    for system, parameters in SYSTEMS.items():
        charted = [courses[name] for name in parameters if name in courses]
        if charted:
            rows += [Heading(system), *charted]
    return rows


def _list_never_charted(courses: Mapping[str, Course]) -> None:
    never = [parameter.label for name, parameter in PARAMETERS.items() if name not in courses]
    if never:
        with st.expander(f"Never charted: {len(never)}"):
            st.caption("; ".join(never))
