"""Which beat of the record is open."""

import numpy as np
import streamlit as st

from backend.charts.style.number_format import format_minutes_seconds
from backend.models.classification import ClassifiedBeats
from backend.records.record import Record
from pages.parts.app import url_state
from pages.parts.app.widgets import ask_number, go_button

__all__ = ["choose_beat"]


def choose_beat(record: Record, beats: ClassifiedBeats) -> int:
    """Draw the row that leads from beat to beat; the number of the open one. Ends the run where there is none."""
    count = len(beats.windows.anchor)
    if not count:
        st.warning("No beat was found on this lead. Choose another lead on the left.")
        st.stop()
    number = _wanted(beats, count)
    wrong = np.flatnonzero(beats.disagreement)
    before, after = wrong[wrong < number], wrong[wrong > number]
    at_s = beats.windows.anchor[number] / record.sampling_rate
    steps = (
        ("Beat before", "Left", number > 0, number - 1),
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


def _wanted(beats: ClassifiedBeats, count: int) -> int:
    """The chosen beat, by its number or its place; without one the first disagreement, else one from the middle."""
    text, sought = url_state.chosen("beat"), url_state.sought_beat()
    if text is not None and text.isdecimal() and int(text) < count:
        return int(text)
    if text is not None:
        st.warning(f"This record has no beat {text} on this lead: choose one from 0 to {count - 1}.")
    wrong = np.flatnonzero(beats.disagreement)
    number = int(wrong[0]) if len(wrong) else count // 2
    if sought is not None:
        number = int(np.abs(beats.windows.anchor - sought).argmin())
    url_state.choose(beat=number, target=None)
    return number
