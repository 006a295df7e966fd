"""Beats on the screens: the Record and Beat screens, and a beat on the Compare screen."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.compare.technique_rows import comparison_axis
from backend.charts.compare.window_lanes import WindowLane
from backend.kinds.beat_kind import BEAT
from backend.models.classification import ClassifiedBeats
from backend.records.record import Record, RecordRefused
from backend.records.stays import is_stay
from backend.windows.beats.lead_variables import lead_of
from backend.workbench import BeatReading
from pages.parts.app.chart_inputs import drawn_leads, trace, wave_marks, window_seconds
from pages.parts.app.screen_kinds import ScreenKind, register_screens
from pages.parts.beat.beat_choice import choose_beat
from pages.parts.beat.beat_figures import show_beat_figures
from pages.parts.beat.beat_reading import choose_beats
from pages.parts.compare.compared_window import ComparedWindow
from pages.parts.record.corrections import forget_corrections
from pages.parts.record.record_text import CLASSIFYING

__all__ = ["BEAT_SCREENS"]


def _open_compared() -> ComparedWindow:
    reading = choose_beats()
    with st.spinner(CLASSIFYING):
        beats = workbench.classified(reading)
    number = choose_beat(reading.record, beats)
    columns = zip(workbench.model(reading.model).window.sources, beats.windows.variables, strict=True)
    leads = {source: lead for source, name in columns if (lead := lead_of(name)) is not None}
    position = int(np.searchsorted(beats.beats.r_peaks, beats.windows.anchor[number]))
    return ComparedWindow(
        reading,
        number,
        leads,
        tuple(leads),
        "leads",
        comparison_axis(*window_seconds(reading.record, beats, number), "time in record (s)"),
        partial(_lead_lanes, reading, beats, number, leads),
        wave_marks(workbench.waves(reading), position, reading.record.sampling_rate),
    )


def _lead_lanes(
    reading: BeatReading, beats: ClassifiedBeats, number: int, leads: Mapping[str, str], source: str | None
) -> tuple[WindowLane, ...]:
    """The chosen lead, else those of the Beat screen."""
    shown = drawn_leads(beats) if source is None or source not in leads else (leads[source],)
    traces = [trace(reading.record, lead, *window_seconds(reading.record, beats, number)) for lead in shown]
    return tuple(WindowLane(shown.name, "mV", shown.times_s, shown.signal_mv, is_on_paper=True) for shown in traces)


def _check_upload(record: Record) -> None:
    if is_stay(record):
        raise RecordRefused(f"{record.name} holds charted values instead of signals. Open it on the ICU stay screen.")


BEAT_SCREENS = register_screens(
    ScreenKind(
        kind=BEAT,
        title="Beat",
        screen="Beat",
        page="pages/beat.py",
        link_names=("record", "model", "lead", "detector", "beat", "technique", "target"),
        open_compared=_open_compared,
        show_figures=show_beat_figures,
        upload_hint=(
            "Upload all files of one record in the sidebar: WFDB (.hea with .dat or .mat, and .atr if available), EDF, "
            "DICOM, SCP-ECG, XML, ISHNE, MATLAB, HDF5, a table (CSV or text), or a zip of them."
        ),
        real_sample="real ECG",
        reads_tables=True,
        check_upload=_check_upload,
        forget_changes=forget_corrections,
    )
)
