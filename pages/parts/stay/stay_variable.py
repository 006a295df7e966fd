"""One charted variable of a stay: choosing it, and each of its measurements over time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from backend.charts.stay.course import Course
from backend.charts.stay.variable_course import plot_variable_course
from backend.charts.style.chart_width import WIDE_PX
from backend.records.stays import PARAMETERS, STATICS
from backend.workbench import StayReading
from pages.parts.app import url_state
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.app.widgets import ask_option, go_button
from pages.parts.stay.parameter_names import LABELS
from pages.parts.stay.stay_measurement import chosen_measurement, take_up
from pages.parts.stay.stay_text import never_charted, unknown_variable, variable_help

__all__ = ["choose_variable", "draw_variable", "show_variable"]


def show_variable(variable: str) -> None:
    """Choose the variable to show."""
    url_state.forget_mismatches()
    url_state.choose(variable=variable)


def choose_variable(by_weight: Sequence[str]) -> str:
    """Return the chosen variable, else the most important charted one."""
    selected = url_state.chosen("variable")
    if selected is not None and selected not in PARAMETERS:
        url_state.show_mismatch(unknown_variable(selected))
        selected = None
    if selected is None:
        # What is known on admission has no course to look at.
        selected = next((name for name in by_weight if name not in STATICS), by_weight[0])
        url_state.choose(variable=selected)
    return selected


def draw_variable(
    reading: StayReading, variable: str, by_weight: Sequence[str], course: Course | None, as_charted: Course | None
) -> Any:
    """Draw the row that leads from variable to variable, and the values of this one; return the chart, if any.

    Parameters
    ----------
    by_weight : sequence of str
        The charted variables, the most important first; left and right go along it.
    course : Course or None
        With the changes; None if no value is left.
    as_charted : Course or None
        Without the changes.
    """
    _step_buttons(variable, by_weight)
    parameter = PARAMETERS[variable]
    if course is None and as_charted is not None:
        course = _emptied(as_charted)
    if course is None:
        st.info(never_charted(parameter.label))
        return None
    chart = plot_variable_course(
        course,
        (parameter.normal_low, parameter.normal_high),
        as_charted,
        chosen_measurement(reading.record, variable),
        WIDE_PX,
        screen_theme(),
    )
    key = f"course {reading.record.digest} {reading.model} {variable}"

    def selected() -> None:
        for dot in st.session_state[key].selection.get("measurement", []):
            if "minute" in dot:
                take_up(reading.record, variable, int(dot["minute"]))

    st.altair_chart(chart, key=key, on_select=selected, theme=None, width="content")
    return chart


def _emptied(course: Course) -> Course:
    """The course without any of its measurements."""
    none = np.zeros(0)
    return replace(course, minutes=none.astype(int), measured=none, hourly=np.full_like(course.hourly, np.nan))


def _step_buttons(variable: str, by_weight: Sequence[str]) -> None:
    rest = sorted((name for name in PARAMETERS if name not in by_weight), key=lambda name: LABELS[name])
    place = by_weight.index(variable) if variable in by_weight else -1
    is_last = place == len(by_weight) - 1
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        ask_option(
            "Variable",
            "variable",
            [*by_weight, *rest],
            variable,
            format_func=lambda name: PARAMETERS[name].label + ("" if name in by_weight else " (never charted)"),
            width=330,
            help=variable_help(is_sum=variable == "Urine"),
        )
        before, after = by_weight[max(place - 1, 0)], by_weight[0 if is_last else place + 1]
        go_button("More important", place > 0, show_variable, before, shortcut="Left")
        go_button("Less important", not is_last, show_variable, after, shortcut="Right")
