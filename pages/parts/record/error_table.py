"""Missed and false beats: a table of them, and buttons from one to the next."""

import numpy as np
import pandas as pd
import streamlit as st

from backend.models.metrics.reference_agreement import FALSE, MISSED, Agreement, DetectionError
from backend.windows.beats.reference import beat_name
from backend.workbench import BeatReading
from pages.parts.record import record_text
from pages.parts.record.stretch import go_between, show_around

__all__ = ["show_errors"]

_ROW_PX, _MOST_PX = 35, 213


def show_errors(reading: BeatReading, agreement: Agreement | None) -> None:
    """Draw the table of missed and false beats; a click on one shows it on the paper."""
    if agreement is None:
        st.caption(record_text.NO_REFERENCE)
        return
    if not agreement.n_reference:
        st.caption(record_text.NO_REFERENCE_BEATS)
    elif not agreement.errors:
        st.caption(record_text.NO_ERRORS)
    if agreement.errors:
        _draw_table(reading, agreement)


def _draw_table(reading: BeatReading, agreement: Agreement) -> None:
    record = reading.record
    times_s = np.array([error.sample for error in agreement.errors]) / record.sampling_rate
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(record_text.errors_title(agreement), help=record_text.TICK_ERROR)
        go_between(record, times_s, "error", ("Shift+M", "M"))
    # A line that was ticked is no longer ticked once the errors are others.
    key = f"errors {record.digest} {reading.lead} {reading.detector} {hash(agreement.errors)}"

    def show_chosen() -> None:
        rows = st.session_state[key].selection.rows
        if rows:
            show_around(record, float(times_s[rows[0]]))

    st.dataframe(
        _table(agreement.errors, times_s),
        hide_index=True,
        height=min(_MOST_PX, _ROW_PX * (len(times_s) + 1) + 3),
        on_select=show_chosen,
        selection_mode="single-row",
        key=key,
        column_config={"time (s)": st.column_config.NumberColumn(format="%.2f")},
    )


def _table(errors: tuple[DetectionError, ...], times_s: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "time (s)": times_s,
            "error": [error.kind for error in errors],
            "reference": [beat_name(error.label) if error.kind == MISSED else "" for error in errors],
            "model": [error.label if error.kind == FALSE else "" for error in errors],
            "within 1 s": [error.near for error in errors],
        }
    )
