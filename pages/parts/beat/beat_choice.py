"""The choice of a beat of the record."""

import numpy as np
import streamlit as st

from backend.charts.style.number_format import format_minutes_seconds
from backend.models.classification import ClassifiedBeats
from backend.records.record import Record
from pages.parts.app import url_state
from pages.parts.app.widgets import ask_number, go_button
from pages.parts.beat.beat_text import missing_beat
from pages.parts.record.record_text import NO_BEATS

__all__ = ["choose_beat"]


def choose_beat(record: Record, beats: ClassifiedBeats) -> int:
    """Draw the row that leads from beat to beat, and return the number of the open one; ends the run without beats."""
    count = len(beats.windows.anchor)
    if not count:
        st.warning(NO_BEATS)
        st.stop()
    number = _open_beat(beats, count)
    wrong = np.flatnonzero(beats.disagreement)
    before, after = wrong[wrong < number], wrong[wrong > number]
    at_s = beats.windows.anchor[number] / record.sampling_rate
    steps = (
        ("Previous beat", "Left", number > 0, number - 1),
        ("Next beat", "Right", number < count - 1, number + 1),
        ("Previous disagreement", "Shift+Left", len(before) > 0, int(before[-1]) if len(before) else number),
        ("Next disagreement", "Shift+Right", len(after) > 0, int(after[0]) if len(after) else number),
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        label = f"Beat (at {format_minutes_seconds(at_s, 2)})"
        chosen = ask_number(label, "beat", 0, count - 1, number, lambda: url_state.choose(target=None), width=150)
        for name, shortcut, possible, to in steps:
            go_button(name, possible, _go, to, shortcut=shortcut)
    return chosen


def _go(number: int) -> None:
    url_state.forget_mismatches()
    url_state.choose(beat=number, target=None)


def _open_beat(beats: ClassifiedBeats, count: int) -> int:
    """Return the chosen beat, by number or by place; else the first disagreement, else the beat in the middle."""
    text, sought = url_state.chosen("beat"), url_state.sought_beat()
    if text is not None and text.isdecimal() and int(text) < count:
        return int(text)
    if text is not None:
        st.warning(missing_beat(text, count - 1))
    wrong = np.flatnonzero(beats.disagreement)
    number = int(wrong[0]) if len(wrong) else count // 2
    if sought is not None:
        number = int(np.abs(beats.windows.anchor - sought).argmin())
    url_state.choose(beat=number, target=None)
    return number
