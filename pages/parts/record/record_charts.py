"""The whole record as a strip, and a stretch of it on ECG paper, to open beats by clicks or to correct them."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from backend.charts.axes.ecg_paper import Trace
from backend.charts.ecg.artifact_marks import Artifact
from backend.charts.ecg.beat_marks import BeatMarks
from backend.charts.ecg.record_overview import plot_record_overview
from backend.charts.ecg.rhythm_strip import plot_correction_strip, plot_rhythm_strip
from backend.charts.style.chart_width import FULL_PX
from backend.models.classification import ClassifiedBeats
from backend.models.metrics.reference_agreement import Agreement
from backend.models.record_summary import heart_rate_bpm
from backend.records.record import Record
from backend.workbench import BeatReading
from pages.parts.app.chart_inputs import artifacts_of, beat_marks, drawn_leads, screen_theme, trace
from pages.parts.app.navigation import open_beat
from pages.parts.record import record_text
from pages.parts.record.correction_tools import chosen_beat_s, n_clicks, take_click
from pages.parts.record.stretch import show_around, show_brushed, stretch_shown

__all__ = ["draw_correcting", "draw_stretch", "draw_strip"]


def draw_strip(reading: BeatReading, beats: ClassifiedBeats, agreement: Agreement | None) -> None:
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

    chart = plot_record_overview(
        trace(record, beats.beats.lead),
        beat_marks(reading, beats, agreement),
        heart_rate_bpm(beats.windows.anchor, record.sampling_rate),
        artifacts_of(beats.beats.artifacts, beats.beats.lead, record.sampling_rate),
        stretch_shown(record, beats, agreement)[:2],
        FULL_PX,
        screen_theme(),
    )
    _draw(chart, f"strip {_key(reading)}", choose_stretch)


def draw_stretch(reading: BeatReading, beats: ClassifiedBeats, agreement: Agreement | None) -> None:
    """Draw the chosen stretch of the leads that the model reads on ECG paper; a click opens a beat."""
    framed_s = _framed_beat_s(reading.record, beats, agreement)
    chart = plot_rhythm_strip(*_paper(reading, beats, agreement), framed_s, FULL_PX, screen_theme())
    _draw(chart, f"paper {_key(reading)}", lambda chosen: None)
    st.caption(record_text.PAPER_HINT)


def draw_correcting(reading: BeatReading, beats: ClassifiedBeats, agreement: Agreement | None) -> None:
    """Draw the same stretch; a click corrects a beat."""

    def correct_there(chosen: Mapping[str, Any]) -> None:
        for place in chosen.get("place", []):
            if "place_s" in place:
                take_click(reading, place["place_s"])

    chart = plot_correction_strip(
        *_paper(reading, beats, agreement), chosen_beat_s(reading), FULL_PX, screen_theme(), n_clicks()
    )
    _draw(chart, f"correcting {_key(reading)}", correct_there)
    st.caption(record_text.CORRECTION_HINT)


def _paper(
    reading: BeatReading, beats: ClassifiedBeats, agreement: Agreement | None
) -> tuple[list[Trace], BeatMarks, tuple[Artifact, ...]]:
    """Return what the paper shows: traces, beats and excluded segments."""
    record = reading.record
    start_s, end_s, _ = stretch_shown(record, beats, agreement)
    return (
        [trace(record, lead, start_s, end_s) for lead in drawn_leads(beats)],
        beat_marks(reading, beats, agreement),
        artifacts_of(beats.beats.artifacts, beats.beats.lead, record.sampling_rate),
    )


def _key(reading: BeatReading) -> str:
    return f"{reading.record.digest} {reading.lead} {reading.detector}"


def _framed_beat_s(record: Record, beats: ClassifiedBeats, agreement: Agreement | None) -> float | None:
    """Return the time of the beat that a button or a table led to, detected or missed; None elsewhere."""
    errors = [] if agreement is None else [error.sample for error in agreement.errors]
    around_s = stretch_shown(record, beats, agreement).around_s
    sample = round(around_s * record.sampling_rate)
    return around_s if sample in errors or sample in beats.windows.anchor else None


def _draw(chart: Any, key: str, on_other: Callable[[Mapping[str, Any]], None]) -> None:
    """Draw a chart; a click on a beat opens it, any other selection goes to ``on_other``."""

    def selected() -> None:
        chosen = st.session_state[key].selection
        for point in chosen.get("beat", []):
            if "beat" in point:
                open_beat(int(point["beat"]))
                return
        on_other(chosen)

    st.altair_chart(chart, key=key, on_select=selected, theme=None, width="content")
