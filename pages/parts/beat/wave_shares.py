"""The salience of a beat by wave."""

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.ecg.salience_by_wave import plot_salience_by_wave
from backend.charts.style.chart_width import NARROW_PX
from backend.explain.quality.wave_shares import SEGMENTS, compute_wave_shares, salience_of_leads
from backend.explain.salience import Salience
from backend.models.classification import ClassifiedBeats
from backend.windows.waves.marks import steps_of_marks
from backend.workbench import BeatReading
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.beat import beat_text

__all__ = ["show_shares"]


def show_shares(reading: BeatReading, beats: ClassifiedBeats, number: int, salience: Salience) -> None:
    """Draw the share of the salience on each wave, beside the wave's share of the time."""
    st.markdown("**Salience by wave**", help=beat_text.SALIENCE_BY_WAVE_HELP)
    sources = workbench.model(reading.model).window.sources
    of_leads = salience_of_leads(salience.values, sources, beats.windows.variables)
    shares = compute_wave_shares(of_leads, _marks(reading, beats, number))
    present = [name for name in SEGMENTS if shares.of_salience[name] is not None]
    if present:
        chart = plot_salience_by_wave(
            present,
            np.array([shares.of_salience[name] for name in present]),
            np.array([shares.of_time[name] for name in present]),
            NARROW_PX,
            screen_theme(),
        )
        st.altair_chart(chart, theme=None, width="content")
    if not present:
        st.caption(beat_text.NO_SALIENCE)
    elif absent := [name for name in SEGMENTS if name not in present]:
        st.caption(f"Not delineated: {', '.join(absent)}.")


def _marks(reading: BeatReading, beats: ClassifiedBeats, number: int) -> dict[str, int | None]:
    """Return the beat's wave marks in steps of its window."""
    record, windows = reading.record, beats.windows
    anchor = int(windows.anchor[number])
    position = int(np.searchsorted(beats.beats.r_peaks, anchor))
    marks = workbench.waves(reading).beat(position)
    return steps_of_marks(marks, anchor, windows.anchor_step, record.sampling_rate, windows.sampling_rate)
