"""The row that leads from alarm to alarm."""

from collections.abc import Callable

import streamlit as st

from backend import workbench
from backend.records.alarms import find_alarms
from backend.workbench import AlarmReading
from pages.parts.app import url_state
from pages.parts.app.widgets import go_button
from pages.parts.record.record_numbers import show_title

__all__ = ["step_through_alarms"]


def step_through_alarms(reading: AlarmReading) -> None:
    """Draw the record's name, and buttons to the previous and next alarm or sample; the arrow keys do the same."""
    record, known = reading.record, find_alarms(reading.record)
    with show_title(record):
        st.space("stretch")
        if len(known) > 1:
            place = known.index(reading.alarm)
            _step_buttons("alarm", place, len(known), lambda to: _go(alarm=to))
        elif reading.is_sample:
            names = [sample.name for sample in workbench.sample_list("alarm")]
            opened = url_state.chosen("record")
            place = names.index(opened) if opened in names else 0
            _step_buttons("sample", place, len(names), lambda to: _go(record=names[to], alarm=None, kind=None, at=None))


def _step_buttons(noun: str, place: int, count: int, go: Callable[[int], None]) -> None:
    go_button(f"Previous {noun}", place > 0, go, place - 1, shortcut="Left")
    go_button(f"Next {noun}", place < count - 1, go, place + 1, shortcut="Right")


def _go(**choices: object) -> None:
    url_state.forget_mismatches()
    url_state.choose(**choices, target=None)
