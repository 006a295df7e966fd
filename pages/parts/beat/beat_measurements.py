"""The measurements of a beat that the model reads beside the tracing, and their removal."""

import streamlit as st

from backend import workbench
from backend.charts.shared.measurement_bars import plot_measurements
from backend.charts.style.chart_width import NARROW_PX
from backend.explain.salience import Salience
from backend.workbench import BeatReading
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.explanation.explanation_text import MEASUREMENTS_HELP, MEASUREMENTS_TITLE

__all__ = ["choose_removed"]


def choose_removed(reading: BeatReading, number: int, salience: Salience) -> tuple[str, ...]:
    """Draw a bar for each measurement, and return those that clicks remove; nothing where the model has none."""
    drops = workbench.measurements(reading, number, salience.target, salience.explained)
    if not drops:
        return ()
    st.markdown(MEASUREMENTS_TITLE, help=MEASUREMENTS_HELP)
    chart = plot_measurements(drops, salience.target, NARROW_PX, screen_theme())
    r_peak = workbench.classified(reading).windows.anchor[number]
    key = f"measurements {reading.record.digest} {reading.model} {reading.lead} {r_peak}"
    event = st.altair_chart(chart, key=key, on_select="rerun", theme=None, width="content")
    removed = {row.get("measurement") for row in event.selection.get("removed", [])}
    return tuple(own.measurement for own in drops if own.measurement in removed)
