"""The choice of an alarm in the sidebar: an annotated one, or one of a chosen type and time."""

import streamlit as st

from backend.charts.style.number_format import format_minutes_seconds
from backend.kinds.alarm_kind import ALARM
from backend.records.alarms import ALARM_KINDS, Alarm, find_alarms
from backend.records.record import Record
from backend.workbench import AlarmReading
from pages.parts.alarm import alarm_text
from pages.parts.app import url_state
from pages.parts.app.widgets import ask_number, ask_option
from pages.parts.sidebar.reading_choice import choose_reading, forget_target
from pages.parts.sidebar.record_choice import choose_model

__all__ = ["choose_alarm"]


def choose_alarm() -> AlarmReading:
    """Draw the sidebar and return the chosen alarm; ends the run with a hint if no record is open."""
    return choose_reading(ALARM, _forget_record, _choose)


def _choose(record: Record) -> AlarmReading:
    model = choose_model(ALARM.name, lambda last: forget_target())
    return AlarmReading(record, model, _choose_alarm(record))


def _forget_record() -> None:
    url_state.choose(alarm=None, kind=None, at=None, target=None)


def _choose_alarm(record: Record) -> Alarm:
    known = find_alarms(record)
    if not known:
        return _choose_unannotated(record)
    selected = url_state.chosen("alarm") or "0"
    if not (selected.isdecimal() and int(selected) < len(known)):
        url_state.mismatch(alarm_text.missing_alarm(selected))
        selected = "0"
        url_state.choose(alarm=None)
    if len(known) == 1:
        return known[0]
    titles = [f"{number}: {_at(alarm, record)} {alarm.kind}" for number, alarm in enumerate(known)]
    numbers = range(len(known))
    return known[ask_option("Alarm", "alarm", numbers, int(selected), forget_target, format_func=titles.__getitem__)]


def _at(alarm: Alarm, record: Record) -> str:
    return format_minutes_seconds(alarm.sample / record.sampling_rate, 1)


def _choose_unannotated(record: Record) -> Alarm:
    """Return the alarm of the chosen type and time, in a record without annotated alarms."""
    kind, at = url_state.chosen("kind"), url_state.chosen("at")
    if kind is not None and kind not in ALARM_KINDS:
        url_state.mismatch(alarm_text.unknown_type(kind, ALARM_KINDS[0]))
        kind = None
    st.caption(alarm_text.NO_ANNOTATION)
    kind = ask_option("Alarm type", "kind", ALARM_KINDS, kind or ALARM_KINDS[0], forget_target)
    last_s = round((len(record.signals) - 1) / record.sampling_rate, 3)
    second = ask_number("Alarm time (s)", "at", 0.0, last_s, _within(at, last_s), forget_target, step=1.0)
    url_state.choose(kind=kind, at=f"{second:g}")
    return Alarm(kind, round(second * record.sampling_rate))


def _within(text: str | None, last_s: float) -> float:
    """Return the seconds of an address if they lie in the record, else the end of the record."""
    try:
        second = float(text) if text is not None else last_s
    except ValueError:
        return last_s
    return second if 0.0 <= second <= last_s else last_s
