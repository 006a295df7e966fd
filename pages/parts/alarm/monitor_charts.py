"""The monitor with the salience behind its traces, the scores as the seconds pass, and all that the model reads."""

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
from pages.parts.alarm.alarm_prediction import DEARER
from pages.parts.alarm.alarm_result import AlarmResult
from pages.parts.alarm.alarm_what_if import Deletion, chosen_deletion
from pages.parts.alarm.monitor_colours import offer_colours
from pages.parts.alarm.monitor_lanes import column_rows, lanes, minute_before_s
from pages.parts.app.chart_inputs import screen_theme

__all__ = ["draw_columns", "draw_monitor", "draw_over_time"]

_MINUTE_KEY = "minute before"


def draw_monitor(result: AlarmResult, salience: Salience) -> tuple[Any, Deletion | None]:
    """Draw the traces; the chart, and what is to be left out of them."""
    reading = result.reading
    key = f"monitor {reading.record.digest} {reading.alarm}"
    brushed_s = _brushed(key)
    deletion = chosen_deletion(result, brushed_s)
    shown = lanes(result, deletion)
    rows = result.salience_of(salience, tuple(shown))
    chart = plot_monitor(list(shown.values()), rows, _shown_s(result), result.alarm.kind, WIDE_PX, screen_theme())
    st.altair_chart(chart, key=key, on_select="rerun", theme=None, width="content")
    if brushed_s is not None and brushed_s[1] <= result.window_s[0]:
        st.caption("The model does not read these seconds, only those in the frame: leaving them out changes nothing.")
    beyond = _beyond_traces(result, salience, tuple(shown))
    if beyond:
        st.caption(f"More salient than any trace: **{beyond}**, which no lane shows; see what the model reads, below.")
    _draw_tools(result)
    return chart, deletion


def _beyond_traces(result: AlarmResult, salience: Salience, drawn: tuple[str, ...]) -> str:
    """Sources that matter more at some step than every trace at any, in words."""
    others = tuple(source for source in distinct(result.bundle.window.sources) if source not in drawn)
    most = np.nanmax(result.salience_of(salience, drawn).values)
    peaks = result.salience_of(salience, others).values.max(axis=0)
    return " and ".join(
        result.names.get(source, source) for source, peak in zip(others, peaks, strict=True) if peak > most
    )


def _draw_tools(result: AlarmResult) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        before_s = minute_before_s(result)
        st.toggle(
            f"Show the {before_s:.0f} s before the alarm",
            key=_MINUTE_KEY,
            disabled=before_s <= -result.window_s[0],
            help="The model reads the framed seconds; what came before is there to see what is usual.",
        )
        st.space("stretch")
        offer_colours({sensor: result.names.get(sensor, sensor) for sensor in result.present})


def _shown_s(result: AlarmResult) -> tuple[float, float]:
    """Seconds from the alarm that are drawn."""
    before_s = minute_before_s(result) if st.session_state.get(_MINUTE_KEY) else 0.0
    return min(result.window_s[0], -before_s), 0.0


def _brushed(key: str) -> tuple[float, float] | None:
    """The brushed seconds, known before the chart is drawn, since it shows what is left out."""
    chart = st.session_state.get(key)
    brushed = tuple(chart.selection.get("deleted", {}).get("time_s", ())) if chart else ()
    return (min(brushed), max(brushed)) if len(brushed) == 2 else None


def draw_over_time(result: AlarmResult) -> Any:
    """Draw the class probabilities after each step of the window; the chart."""
    steps = workbench.over_time(result.reading, 0)
    window_s = result.window_s
    settled_s = (len(steps.probabilities) - steps.stable_step) / result.classified.windows.sampling_rate
    st.markdown(f"**As the seconds pass**: the model settles on {result.label} {settled_s:.1f} s before the alarm.")
    chart = plot_probabilities_over_time(
        steps.classes,
        steps.probabilities,
        steps.predicted,
        window_s,
        monitor_axis(*_shown_s(result), WIDE_PX),
        steps.stable_step - 1,
        (DEARER, decision_threshold(result.bundle, DEARER)),
        screen_theme(),
    )
    st.altair_chart(chart, theme=None, width="content")
    st.caption(
        "Beats are found, and what is usual for this heart is learnt, from the whole minute before the alarm: what the "
        "model reads at a second rests a little on what followed it."
    )
    return chart


def draw_columns(result: AlarmResult, salience: Salience) -> Any:
    """Draw every column that the model reads of one sensor, or of several together; the chart."""
    window = result.bundle.window
    channels = find_sensors(result.reading.record)
    sources = [source for source in distinct(window.sources) if channels.get(source, 0) is not None]
    st.markdown(
        f"**What the model reads**: {len(window.variables)} columns at each of {window.steps} steps; here those of",
        help=(
            "One row for each measurement, in its unit. Thin lines are further columns: its greatest, its least and "
            "its mean since the window began. Behind each the salience of its sensor: the columns of one are hidden "
            "together."
        ),
    )
    picked = st.segmented_control(
        "Of which sensor",
        sources,
        default=sources[0],
        required=True,
        format_func=lambda source: result.names.get(source, source),
        label_visibility="collapsed",
    )
    rows = column_rows(result, picked)
    own = result.salience_of(salience, (picked,) * len(rows))
    chart = plot_feature_rows(rows, result.window_s, own, FULL_PX, screen_theme())
    st.altair_chart(chart, theme=None, width="content")
    return chart
