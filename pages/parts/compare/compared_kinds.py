"""Opening a beat, an alarm or a stay to be compared."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.compare.technique_rows import comparison_axis
from backend.charts.compare.window_lanes import WindowLane
from backend.charts.style.theme import class_style
from backend.charts.style.trace_colours import trace_colour
from backend.models.classification import ClassifiedBeats
from backend.records.channels.sensors import find_sensors
from backend.records.stays import PARAMETERS, apply_edits
from backend.windows.base import distinct
from backend.windows.beats.lead_variables import lead_of
from backend.windows.stay_windows import carried_forward, hourly
from backend.workbench import AlarmReading, BeatReading, StayReading
from pages.parts.alarm.alarm_choice import step_through_alarms
from pages.parts.alarm.alarm_result import AlarmResult, read_alarm
from pages.parts.alarm.monitor_colours import colour_of
from pages.parts.app.chart_inputs import drawn_leads, screen_theme, trace, wave_marks, window_seconds
from pages.parts.beat.beat_choice import choose_beat
from pages.parts.compare.compared_window import ComparedWindow
from pages.parts.record.record_numbers import show_title
from pages.parts.sidebar.reading_choice import choose_alarm, choose_beats, choose_stay
from pages.parts.stay.parameter_names import LABELS

__all__ = ["KINDS", "SCREENS", "open_compared"]

KINDS = {"beat": "Beat", "alarm": "Alarm", "stay": "Stay"}
SCREENS = {
    "beat": ("Beat", "pages/beat.py"),
    "alarm": ("ICU alarm", "pages/icu_alarm.py"),
    "stay": ("ICU stay", "pages/icu_stay.py"),
}
"""Title and file of the screen on which one technique is looked at alone."""

_HOURS_TICK = 6.0
_DEATH = "death"


def open_compared(kind: str) -> ComparedWindow:
    """Draw the side bar and the way from window to window; ends the run, with a hint, where there is none."""
    openings: Mapping[str, Callable[[], ComparedWindow]] = {
        "beat": _open_beat,
        "alarm": _open_alarm,
        "stay": _open_stay,
    }
    return openings[kind]()


def _open_beat() -> ComparedWindow:
    reading = choose_beats()
    with st.spinner("Finding and classifying the beats …"):
        beats = workbench.classified(reading)
    number = choose_beat(reading.record, beats)
    shown = dict(zip(workbench.model(reading.model).window.sources, beats.windows.variables, strict=True))
    leads = {source: lead for source, name in shown.items() if (lead := lead_of(name)) is not None}
    measured = {source: name for source, name in shown.items() if source == name}
    found = int(np.searchsorted(beats.beats.r_peaks, beats.windows.anchor[number]))
    return ComparedWindow(
        reading,
        number,
        leads | measured,
        tuple(leads),
        "leads",
        comparison_axis(*window_seconds(reading.record, beats, number), "time in the record (s)"),
        partial(_leads, reading, beats, number, leads),
        wave_marks(workbench.waves(reading), found, reading.record.sampling_rate),
    )


def _leads(
    reading: BeatReading, beats: ClassifiedBeats, number: int, leads: Mapping[str, str], source: str | None
) -> tuple[WindowLane, ...]:
    """The chosen lead, else those of the Beat screen."""
    shown = (leads[source],) if source in leads else drawn_leads(beats)
    traces = [trace(reading.record, lead, *window_seconds(reading.record, beats, number)) for lead in shown]
    return tuple(WindowLane(own.name, "mV", own.times_s, own.signal_mv, on_paper=True) for own in traces)


def _open_alarm() -> ComparedWindow:
    reading = choose_alarm()
    step_through_alarms(reading)
    result = read_alarm(reading)
    channels = find_sensors(reading.record)
    known = [source for source in distinct(result.bundle.window.sources) if channels.get(source, 0) is not None]
    return ComparedWindow(
        reading,
        0,
        {source: result.names.get(source, source) for source in known},
        tuple(known),
        "sensors",
        comparison_axis(*result.window_s, "time from the alarm (s)"),
        partial(_sensors, result),
    )


def _sensors(result: AlarmResult, source: str | None) -> tuple[WindowLane, ...]:
    """The chosen sensor's trace, else those of all sensors that the record has."""
    shown = (source,) if source in result.present else result.present
    return tuple(_sensor(result, sensor) for sensor in shown)


def _sensor(result: AlarmResult, sensor: str) -> WindowLane:
    reading: AlarmReading = result.reading
    record, last = reading.record, reading.alarm.sample
    channel = find_sensors(record)[sensor]
    first = max(0, last + round(result.window_s[0] * record.sampling_rate))
    return WindowLane(
        result.names.get(sensor, sensor),
        record.channels[channel].unit,
        (np.arange(first, last + 1) - last) / record.sampling_rate,
        record.signals[first : last + 1, channel],
        trace_colour(colour_of(sensor), screen_theme()),
    )


def _open_stay() -> ComparedWindow:
    reading = choose_stay()
    with st.spinner("Classifying the stay …"):
        stay = workbench.classified(reading)
    show_title(reading.record)
    known = distinct(workbench.model(reading.model).window.sources)
    hours = stay.windows.values.shape[1]
    return ComparedWindow(
        reading,
        0,
        {source: LABELS[source] for source in known},
        known,
        "variables",
        comparison_axis(0.0, float(hours), "hours since admission to intensive care", _HOURS_TICK),
        partial(_courses, reading),
    )


def _courses(reading: StayReading, source: str | None) -> tuple[WindowLane, ...]:
    """What the model reads of the chosen variable hour by hour, else the risk after each hour."""
    if source is None:
        at = workbench.model(reading.model).class_index(_DEATH)
        risks = 100 * workbench.over_time(reading, 0).probabilities[:, at]
        colour = screen_theme().colour_of(class_style(_DEATH).name)
        return (WindowLane("risk of death", "%", np.arange(len(risks)) + 1.0, risks, colour, is_read=False),)
    values = carried_forward(hourly(apply_edits(reading.record, reading.edits)))[:, list(PARAMETERS).index(source)]
    return (WindowLane(LABELS[source], PARAMETERS[source].unit, np.arange(len(values)) + 0.5, values),)
