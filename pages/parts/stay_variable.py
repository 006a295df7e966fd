"""One charted variable of a stay: choosing it, and each of its measurements over time."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from backend.charts.course import course_chart
from backend.charts.stay import Course
from backend.records.stays import PARAMETERS
from backend.workbench import StayReading
from pages.parts import link
from pages.parts.asking import ask_option, go_button
from pages.parts.drawing import screen_theme
from pages.parts.stay_measurement import chosen_measurement, take_up
from pages.parts.stay_words import LABELS

__all__ = ["choose_variable", "draw_variable", "look_at"]

_WIDE_PX = 655


def look_at(variable: str) -> None:
    """Choose the variable that is looked at."""
    link.forget_mismatches()
    link.choose(variable=variable)


def choose_variable(by_weight: Sequence[str]) -> str:
    """The variable that is looked at: the chosen one, else the most important of those that were charted."""
    wanted = link.chosen("variable")
    if wanted is not None and wanted not in PARAMETERS:
        st.warning(
            f"The link names a variable {wanted!r} that is not known; another one is shown instead.",
            icon=":material/link_off:",
        )
        wanted = None
    if wanted is None:
        wanted = by_weight[0]
        link.choose(variable=wanted)
    return wanted


def draw_variable(
    reading: StayReading, variable: str, by_weight: Sequence[str], courses: Mapping[str, Course], was: Course | None
) -> Any:
    """Draw the row that leads from variable to variable and what was charted of this one; the chart, if there is one.

    Parameters
    ----------
    by_weight : sequence of str
        The charted variables, the most important first; left and right go along it.
    was : Course or None
        The variable before its values were changed.
    """
    _lead_on(variable, by_weight)
    parameter = PARAMETERS[variable]
    if variable not in courses:
        st.info(
            f"{parameter.label} was not charted in this stay. Add a value on the right to see what it would change."
        )
        return None
    chart = course_chart(
        courses[variable],
        (parameter.normal_low, parameter.normal_high),
        was,
        chosen_measurement(variable),
        _WIDE_PX,
        screen_theme(),
    )
    key = f"course {reading.record.digest} {reading.model} {variable}"

    def selected() -> None:
        for dot in st.session_state[key].selection.get("measurement", []):
            if "minute" in dot:
                take_up(variable, int(dot["minute"]))

    st.altair_chart(chart, key=key, on_select=selected, theme=None, width="content")
    st.caption(
        "Dots: every measurement at its own minute; click one to change it. Line: what the model reads, hour by hour, "
        f"{'the sum' if variable == 'Urine' else 'the mean'} of each hour, the last one carried on; its colour is the "
        "salience of the hour."
    )
    return chart


def _lead_on(variable: str, by_weight: Sequence[str]) -> None:
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
        )
        before, after = by_weight[max(place - 1, 0)], by_weight[0 if is_last else place + 1]
        go_button("More important", place > 0, look_at, before, shortcut="Left")
        go_button("Less important", not is_last, look_at, after, shortcut="Right")
