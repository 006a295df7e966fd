"""Alarms on the screens: the ICU alarm screen, and an alarm on the Compare screen."""

from functools import partial

import numpy as np

from backend.charts.compare.technique_rows import comparison_axis
from backend.charts.compare.window_lanes import WindowLane
from backend.charts.style.trace_colours import trace_colour
from backend.kinds.alarm_kind import ALARM
from backend.records.channels.sensors import find_sensors, has_alarm_sensors
from backend.records.record import Record, RecordRefused
from backend.records.stays import is_stay
from backend.windows.base import distinct
from pages.parts.alarm.alarm_choice import step_through_alarms
from pages.parts.alarm.alarm_figures import show_alarm_figures
from pages.parts.alarm.alarm_reading import choose_alarm
from pages.parts.alarm.alarm_result import AlarmResult, read_alarm
from pages.parts.alarm.monitor_colours import colour_of
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.app.screen_kinds import ScreenKind, register_screens
from pages.parts.compare.compared_window import ComparedWindow

__all__ = ["ALARM_SCREENS"]


def _open_compared() -> ComparedWindow:
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
        comparison_axis(*result.window_s, "time from alarm (s)"),
        partial(_sensor_lanes, result),
    )


def _sensor_lanes(result: AlarmResult, source: str | None) -> tuple[WindowLane, ...]:
    """The chosen sensor's trace, else those of all sensors that the record has."""
    shown = (source,) if source in result.present else result.present
    channels = find_sensors(result.reading.record)
    return tuple(
        _sensor_lane(result, sensor, channel)
        for sensor, channel in channels.items()
        if channel is not None and sensor in shown
    )


def _sensor_lane(result: AlarmResult, sensor: str, channel: int) -> WindowLane:
    record, last = result.reading.record, result.alarm.sample
    first = max(0, last + round(result.window_s[0] * record.sampling_rate))
    return WindowLane(
        result.names.get(sensor, sensor),
        record.channels[channel].unit,
        (np.arange(first, last + 1) - last) / record.sampling_rate,
        record.signals[first : last + 1, channel],
        trace_colour(colour_of(sensor), screen_theme()),
    )


def _check_upload(record: Record) -> None:
    if is_stay(record):
        raise RecordRefused(f"{record.name} holds charted values instead of signals. Open it on the ICU stay screen.")
    if not has_alarm_sensors(record):
        raise RecordRefused(
            f"{record.name} has neither arterial pressure (ABP) nor pulse (PLETH) nor respiration (RESP) beside its "
            "ECG. Open it on the Record screen."
        )


ALARM_SCREENS = register_screens(
    ScreenKind(
        kind=ALARM,
        title="Alarm",
        screen="ICU alarm",
        page="pages/icu_alarm.py",
        link_names=("record", "model", "alarm", "kind", "at", "technique", "target"),
        open_compared=_open_compared,
        show_figures=show_alarm_figures,
        upload_hint=(
            "Upload all files of one record in the sidebar: WFDB (.hea with .dat or .mat), EDF, or a zip of them, with "
            "an ECG and at least one of arterial pressure (ABP), pulse (PLETH) and respiration (RESP)."
        ),
        real_sample="real alarm",
        check_upload=_check_upload,
    )
)
