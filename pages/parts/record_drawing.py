"""The whole record as a strip, and a stretch of it on ECG paper; both open the beat that is clicked."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from backend.charts.ecg import stretch_chart
from backend.charts.strip import strip_chart
from backend.models.classification import ClassifiedBeats
from backend.models.summary import heart_rate_bpm
from backend.workbench import Reading
from pages.parts.drawing import artifacts_of, beat_marks, drawn_leads, screen_theme, trace
from pages.parts.frame import WIDTH_PX
from pages.parts.opening import open_beat
from pages.parts.stretch import show_around, show_brushed, stretch_shown

__all__ = ["draw_stretch", "draw_strip"]


def draw_strip(reading: Reading, beats: ClassifiedBeats) -> None:
    """Draw the whole record; a brush or a click on it chooses the stretch for the paper."""
    record = reading.record

    def choose_stretch(chosen: Mapping[str, Any]) -> None:
        brushed = tuple(chosen.get("stretch", {}).get("time_s", ()))
        if len(brushed) == 2:
            show_brushed(record, brushed)
            return
        for place in chosen.get("place", []):
            if "place_s" in place:
                show_around(record, place["place_s"])

    chart = strip_chart(
        trace(record, reading.lead),
        beat_marks(record, beats),
        heart_rate_bpm(beats.windows.anchor, record.sampling_rate),
        artifacts_of(beats.beats.artifacts, reading.lead, record.sampling_rate),
        stretch_shown(record, beats)[:2],
        WIDTH_PX,
        screen_theme(),
    )
    _draw(chart, f"strip {record.digest} {reading.lead}", choose_stretch)


def draw_stretch(reading: Reading, beats: ClassifiedBeats) -> None:
    """Draw the chosen stretch of the leads that the model reads on ECG paper."""
    record = reading.record
    start_s, end_s, around_s = stretch_shown(record, beats)
    chart = stretch_chart(
        [trace(record, lead, start_s, end_s) for lead in drawn_leads(beats)],
        beat_marks(record, beats),
        artifacts_of(beats.beats.artifacts, reading.lead, record.sampling_rate),
        _beat_at(beats, round(around_s * record.sampling_rate)),
        WIDTH_PX,
        screen_theme(),
    )
    _draw(chart, f"paper {record.digest} {reading.lead}", lambda chosen: None)
    st.caption("Click or drag along the strip to choose what the paper shows. Click a beat to see why it got its name.")


def _beat_at(beats: ClassifiedBeats, sample: int) -> int | None:
    """The beat whose R peak is at a sample: the disagreement that the person has come to."""
    found = np.flatnonzero(beats.windows.anchor == sample)
    return int(found[0]) if len(found) else None


def _draw(chart: Any, key: str, on_other: Callable[[Mapping[str, Any]], None]) -> None:
    """Draw a chart; a click on one of its beats opens it, whatever else is selected goes to ``on_other``."""

    def selected() -> None:
        chosen = st.session_state[key].selection
        for point in chosen.get("beat", []):
            if "beat" in point:
                open_beat(int(point["beat"]))
                return
        on_other(chosen)

    st.altair_chart(chart, key=key, on_select=selected, theme=None, width="content")
