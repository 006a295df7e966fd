"""The figures of a record, and its agreement with the reference."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.charts.style.number_format import MISSING, format_minutes_seconds, format_percent
from backend.models.record_summary import RecordSummary
from backend.records.record import Record
from backend.workbench import BeatReading
from pages.parts.record import record_text
from pages.parts.record.corrections import is_correcting

__all__ = ["show_agreement", "show_numbers", "show_title"]

_WIDTHS = (0.9, 1.05, 1.4, 1.15, 1.05, 1.0, 0.7, 0.95)
"""Widths of the columns of figures: the longest name is not clipped on a screen 1280 pixels wide."""


def show_title(record: Record) -> DeltaGenerator:
    """Draw the record's name and source; what is put into the returned row is drawn beside them."""
    row = st.container(horizontal=True, vertical_alignment="center")
    row.subheader(record.name, width="content", anchor=False)
    row.badge("your upload" if record.source == "upload" else record.source)
    return row


def show_numbers(reading: BeatReading, lead: str, numbers: RecordSummary) -> None:
    """Draw the figures above the overview."""
    agreement, are_corrected = numbers.agreement, bool(reading.corrections)
    sensitivity = None if agreement is None else agreement.sensitivity
    ppv = None if agreement is None else agreement.positive_predictive_value
    rate = MISSING if numbers.mean_rate_bpm is None else f"{numbers.mean_rate_bpm:.0f} bpm"
    figures: tuple[tuple[str, str | int, str | None], ...] = (
        ("Duration", format_minutes_seconds(numbers.duration_s), "Minutes and seconds."),
        ("Mean rate", rate, None),
        ("Beats detected", numbers.n_detected, record_text.detected_help(lead, numbers.n_cut_by_edges)),
        ("Sensitivity", format_percent(sensitivity, 2), record_text.sensitivity_help(agreement, are_corrected)),
        ("PPV", format_percent(ppv, 2), record_text.ppv_help(agreement, are_corrected)),
        ("Uncertain", numbers.n_uncertain, record_text.UNCERTAIN_HELP),
        ("OOD", numbers.n_ood, record_text.OOD_HELP),
        ("Excluded", numbers.n_artifacts, record_text.EXCLUDED_HELP),
    )
    for column, (name, figure, help_text) in zip(st.columns(_WIDTHS, gap="small"), figures, strict=True):
        column.metric(name, figure, help=help_text)
    if agreement is not None and is_correcting(reading):
        # Shown before the first correction too, so that the paper below does not move when one is made.
        st.caption(record_text.CORRECTED_FIGURES if are_corrected else record_text.DETECTED_FIGURES)
    if not numbers.n_detected:
        st.warning(record_text.NO_BEATS)


def show_agreement(numbers: RecordSummary) -> None:
    """Draw the beats of each predicted class, and the predicted classes against the reference."""
    classes, against = st.columns([1, 2.6], gap="medium")
    with classes:
        st.markdown("**Predicted classes**")
        counts = pd.DataFrame({"class": list(numbers.by_class), "beats": list(numbers.by_class.values())})
        st.dataframe(counts, hide_index=True, width="stretch")
    with against:
        if numbers.agreement is None:
            return
        st.markdown(record_text.agreement_sentence(numbers.agreement))
        if not numbers.agreement.rows:
            return
        table = pd.DataFrame(
            numbers.agreement.counts,
            index=pd.Index(numbers.agreement.rows, name="reference ↓ model →"),
            columns=numbers.agreement.columns,
        )
        st.dataframe(table, width="stretch")
