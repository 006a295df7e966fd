"""All that was charted of a stay, on a grid of its hours."""

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
from pages.parts.stay.parameter_names import SYSTEMS
from pages.parts.stay.stay_variable import look_at

__all__ = ["draw_grid"]

_BY_IMPORTANCE, _BY_SYSTEM = "importance", "organ system"
_MOST_SHOWN = 16
_WHAT = "charted"


def draw_grid(
    reading: StayReading, courses: Mapping[str, Course], by_weight: Sequence[str], chosen: str, target: str
) -> Any:
    """Draw the grid under its order, with what was never charted in a line below; the chart.

    Parameters
    ----------
    courses : mapping of str to Course
        What was charted.
    by_weight : sequence of str
        The same, the most important first.
    chosen : str
        The variable whose row is framed.
    target : str
        The class that is explained.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**What was charted**, and how much each hour of it mattered", width="content")
        st.space("stretch")
        order = _choose_order()
    rows = _by_system(courses) if order == _BY_SYSTEM else _weightiest(courses, by_weight, chosen)
    chart = plot_charted_grid(rows, chosen, FULL_PX, screen_theme())
    key = f"grid {reading.record.digest} {reading.model}"

    def selected() -> None:
        for cell in st.session_state[key].selection.get("chosen", []):
            if "variable" in cell:
                look_at(cell["variable"])

    with st.container(gap="xsmall"):
        st.altair_chart(chart, key=key, on_select=selected, theme=None, width="content")
        if order == _BY_IMPORTANCE:
            offer_more(_WHAT, len(courses) - _MOST_SHOWN)
        _tell(courses, target)
    return chart


def _choose_order() -> str:
    wanted = url_state.chosen("order")
    if wanted not in (None, _BY_IMPORTANCE, _BY_SYSTEM):
        url_state.show_mismatch(
            f"The link names an order {wanted!r} that is not known; {_BY_IMPORTANCE} is used instead."
        )
        wanted = None
        url_state.choose(order=None)
    key = "ask order"
    st.session_state[key] = order = wanted or _BY_IMPORTANCE
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


def _weightiest(courses: Mapping[str, Course], by_weight: Sequence[str], chosen: str) -> list[Course]:
    """The most important rows, or all; the chosen one in any case."""
    most = len(by_weight) if is_unfolded(_WHAT) else _MOST_SHOWN
    return [courses[name] for place, name in enumerate(by_weight) if place < most or name == chosen]


def _by_system(courses: Mapping[str, Course]) -> list[Course | Heading]:
    rows: list[Course | Heading] = []
    for system, parameters in SYSTEMS.items():
        charted = [courses[name] for name in parameters if name in courses]
        if charted:
            rows += [Heading(system), *charted]
    return rows


def _tell(courses: Mapping[str, Course], target: str) -> None:
    """How the grid is read, and what is not in it."""
    never = [parameter.label for name, parameter in PARAMETERS.items() if name not in courses]
    measured = (
        f"The stronger its colour, the more an hour counts for {target}; colours follow the root of the salience, so "
        "that weak ones are seen: 0.1 looks like a third of 1. A number: measured in that hour; a dot: measured too, "
        "without room for the number; a line: the last value is carried on; nothing: not measured yet. Click a row to "
        "see all of it."
    )
    st.caption(f"{measured}  \n**Never charted**: {'; '.join(never) if never else 'nothing; all is there'}.")
