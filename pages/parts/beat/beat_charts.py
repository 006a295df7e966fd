"""A beat on ECG paper with its salience, and the class probabilities over time."""

from typing import Any

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.axes.ecg_paper import fit_time_axis
from backend.charts.ecg.beat_chart import plot_beat
from backend.charts.shared.probabilities_over_time import plot_probabilities_over_time
from backend.charts.style.chart_width import WIDE_PX
from backend.explain.salience import Salience
from backend.models.classification import ClassifiedBeats
from backend.workbench import BeatReading
from pages.parts.app.chart_inputs import (
    artifacts_of,
    beat_marks,
    deflections,
    drawn_leads,
    screen_theme,
    trace,
    wave_marks,
    window_salience,
    window_seconds,
)
from pages.parts.explanation.explanation_text import OVER_TIME_HELP, OVER_TIME_TITLE

__all__ = ["draw_beat", "draw_over_time", "shown_seconds"]

_BEFORE_S, _AFTER_S = 0.9, 1.1


def shown_seconds(reading: BeatReading, beats: ClassifiedBeats, number: int) -> tuple[float, float]:
    """Return the first and last second drawn: the beat with its neighbours, within the record."""
    r_peak_s = beats.windows.anchor[number] / reading.record.sampling_rate
    start_s = max(0.0, r_peak_s - _BEFORE_S)
    return start_s, min(reading.record.duration_s, start_s + _BEFORE_S + _AFTER_S)


def draw_beat(
    reading: BeatReading, beats: ClassifiedBeats, number: int, salience: Salience
) -> tuple[Any, tuple[float, float] | None]:
    """Draw the beat, and return the chart and the brushed seconds of the record, which are deleted."""
    record, theme = reading.record, screen_theme()
    window_s = window_seconds(record, beats, number)
    leads = drawn_leads(beats)
    position = int(np.searchsorted(beats.beats.r_peaks, beats.windows.anchor[number]))
    waves = workbench.waves(reading)
    chart = plot_beat(
        [trace(record, lead, *shown_seconds(reading, beats, number)) for lead in leads],
        window_s,
        wave_marks(waves, position, record.sampling_rate),
        window_salience(
            salience, workbench.model(reading.model).window.sources, beats.windows.variables, leads, window_s
        ),
        beat_marks(reading, beats, None),
        artifacts_of(beats.beats.artifacts, beats.beats.lead, record.sampling_rate),
        width_px=WIDE_PX,
        theme=theme,
        deflections=deflections(waves, position, record.sampling_rate),
    )
    key = f"beat {record.digest} {reading.model} {reading.lead} {beats.windows.anchor[number]}"
    event = st.altair_chart(chart, key=key, on_select="rerun", theme=None, width="content")
    brushed = tuple(event.selection.get("deleted", {}).get("time_s", ()))
    return chart, brushed if len(brushed) == 2 else None


def draw_over_time(reading: BeatReading, beats: ClassifiedBeats, number: int) -> Any:
    """Draw the class probabilities after each time step, and return the chart."""
    steps = workbench.over_time(reading, number)
    window_s = window_seconds(reading.record, beats, number)
    st.markdown(OVER_TIME_TITLE, help=OVER_TIME_HELP)
    chart = plot_probabilities_over_time(
        steps.classes,
        steps.probabilities,
        steps.predicted,
        window_s,
        fit_time_axis(*shown_seconds(reading, beats, number), WIDE_PX),
        steps.stable_step - 1,
        theme=screen_theme(),
    )
    st.altair_chart(chart, theme=None, width="content")
    return chart
