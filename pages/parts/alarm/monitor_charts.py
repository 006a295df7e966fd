"""The monitor with its salience, the class probabilities over time and the model's inputs."""

from typing import Any

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.alarm.feature_rows import plot_feature_rows
from backend.charts.alarm.monitor import monitor_axis, plot_monitor
from backend.charts.shared.probabilities_over_time import plot_probabilities_over_time
from backend.charts.style.chart_width import FULL_PX, WIDE_PX
from backend.explain.salience import Salience
from backend.models.thresholds import decision_threshold
from backend.records.channels.sensors import find_sensors
from backend.windows.base import distinct
from pages.parts.alarm import alarm_text
from pages.parts.alarm.alarm_prediction import TRUE_ALARM
from pages.parts.alarm.alarm_result import AlarmResult
from pages.parts.alarm.alarm_what_if import Deletion, chosen_deletion
from pages.parts.alarm.monitor_colours import offer_colours
from pages.parts.alarm.monitor_lanes import column_rows, lanes, minute_before_s
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.explanation.explanation_text import OVER_TIME_HELP, OVER_TIME_TITLE

__all__ = ["draw_features", "draw_monitor", "draw_over_time"]

_MINUTE_KEY = "minute before"


def draw_monitor(result: AlarmResult, salience: Salience) -> tuple[Any, Deletion | None]:
    """Draw the traces, and return the chart and the deletion."""
    reading = result.reading
    key = f"monitor {reading.record.digest} {reading.alarm}"
    brushed_s = _brushed(key)
    deletion = chosen_deletion(result, brushed_s)
    shown = lanes(result, deletion)
    rows = result.salience_of(salience, tuple(shown))
    chart = plot_monitor(list(shown.values()), rows, _shown_s(result), result.alarm.kind, WIDE_PX, screen_theme())
    st.altair_chart(chart, key=key, on_select="rerun", theme=None, width="content")
    if brushed_s is not None and brushed_s[1] <= result.window_s[0]:
        st.caption(alarm_text.OUTSIDE_WINDOW)
    beyond = _beyond_traces(result, salience, tuple(shown))
    if beyond:
        st.caption(alarm_text.beyond_traces_sentence(beyond))
    _draw_tools(result)
    return chart, deletion


def _beyond_traces(result: AlarmResult, salience: Salience, drawn: tuple[str, ...]) -> list[str]:
    """Return the names of the sources that exceed every trace in salience."""
    others = tuple(source for source in distinct(result.bundle.window.sources) if source not in drawn)
    most = np.nanmax(result.salience_of(salience, drawn).values)
    peaks = result.salience_of(salience, others).values.max(axis=0)
    return [result.names.get(source, source) for source, peak in zip(others, peaks, strict=True) if peak > most]


def _draw_tools(result: AlarmResult) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        before_s = minute_before_s(result)
        st.toggle(
            f"Preceding {before_s:.0f} s",
            key=_MINUTE_KEY,
            disabled=before_s <= -result.window_s[0],
            help=alarm_text.PRECEDING_HELP,
        )
        st.space("stretch")
        offer_colours({sensor: result.names.get(sensor, sensor) for sensor in result.present})


def _shown_s(result: AlarmResult) -> tuple[float, float]:
    """Seconds from the alarm that are drawn."""
    before_s = minute_before_s(result) if st.session_state.get(_MINUTE_KEY) else 0.0
    return min(result.window_s[0], -before_s), 0.0


def _brushed(key: str) -> tuple[float, float] | None:
    """Return the brushed seconds before the chart is drawn, since it shows the deletion."""
    chart = st.session_state.get(key)
    brushed = tuple(chart.selection.get("deleted", {}).get("time_s", ())) if chart else ()
    return (min(brushed), max(brushed)) if len(brushed) == 2 else None


def draw_over_time(result: AlarmResult) -> Any:
    """Draw the class probabilities after each time step, and return the chart."""
    steps = workbench.over_time(result.reading, 0)
    window_s = result.window_s
    st.markdown(OVER_TIME_TITLE, help=f"{OVER_TIME_HELP}{alarm_text.FEATURES_HELP}")
    chart = plot_probabilities_over_time(
        steps.classes,
        steps.probabilities,
        steps.predicted,
        window_s,
        monitor_axis(*_shown_s(result), WIDE_PX),
        steps.stable_step - 1,
        (TRUE_ALARM, decision_threshold(result.bundle, TRUE_ALARM)),
        screen_theme(),
    )
    st.altair_chart(chart, theme=None, width="content")
    return chart


def draw_features(result: AlarmResult, salience: Salience) -> Any:
    """Draw every feature that the model reads of one sensor, or of several together, and return the chart."""
    window = result.bundle.window
    channels = find_sensors(result.reading.record)
    sources = [source for source in distinct(window.sources) if channels.get(source, 0) is not None]
    st.markdown(alarm_text.inputs_title(len(window.variables), window.steps), help=alarm_text.INPUTS_HELP)
    picked = st.segmented_control(
        "Sensor",
        sources,
        default=sources[0],
        required=True,
        format_func=lambda source: result.names.get(source, source),
        label_visibility="collapsed",
    )
    rows = column_rows(result, picked)
    row_salience = result.salience_of(salience, (picked,) * len(rows))
    chart = plot_feature_rows(rows, result.window_s, row_salience, FULL_PX, screen_theme())
    st.altair_chart(chart, theme=None, width="content")
    return chart
