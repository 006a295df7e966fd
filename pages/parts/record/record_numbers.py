"""A record in numbers."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.charts.style.number_format import format_minutes_seconds, format_percent
from backend.models.metrics.reference_agreement import Agreement
from backend.models.record_summary import RecordSummary
from backend.records.record import Record
from backend.windows.beats.reference import MATCH_TOLERANCE_S
from backend.workbench import BeatReading
from pages.parts.record.corrections import is_correcting

__all__ = ["show_agreement", "show_numbers", "show_title"]

_OF_DETECTION = ("Sensitivity", "Positive predictivity")
_WIDTHS = (0.9, 1.05, 1.1, 1.15, 1.6, 1.0, 0.85, 0.9)
"""Of the columns of figures: the longest name is not clipped on a screen 1280 pixels wide."""

_WITHIN = f"within {1000 * MATCH_TOLERANCE_S:.0f} ms"


def show_title(record: Record) -> DeltaGenerator:
    """The record's name and where it is from; what is put into the row that is returned stands beside them."""
    row = st.container(horizontal=True, vertical_alignment="center")
    row.subheader(record.name, width="content", anchor=False)
    row.badge("your upload" if record.source == "upload" else record.source)
    return row


def show_numbers(reading: BeatReading, lead: str, numbers: RecordSummary) -> None:
    """The figures above the strip."""
    rate = "–" if numbers.mean_rate_bpm is None else f"{numbers.mean_rate_bpm:.0f} /min"
    figures: tuple[tuple[str, str | int, str | None], ...] = (
        ("Duration", format_minutes_seconds(numbers.duration_s), "Minutes and seconds."),
        ("Mean rate", rate, None),
        ("Beats found", numbers.n_detected, _found_where(lead, numbers.n_cut_by_edges)),
        *_detection(numbers.agreement, bool(reading.corrections)),
        ("Uncertain", numbers.n_uncertain, "Beats whose most likely class is not likely enough to rely on."),
        ("Unlike", numbers.n_ood, "Beats unlike the model's training data: do not rely on their labels."),
        ("Left out", numbers.n_artifacts, "Stretches without signal, flat or clipped: no beat is sought there."),
    )
    for column, (name, figure, help_text) in zip(st.columns(_WIDTHS, gap="small"), figures, strict=True):
        column.metric(name, figure, help=help_text)
    if numbers.agreement is not None and is_correcting(reading):
        # Said before the first correction too, so that the paper below stays where it is when one is made.
        how = "corrected by hand" if reading.corrections else "found: none is corrected yet"
        st.caption(f"Sensitivity and positive predictivity are of the beats as **{how}**.")
    if not numbers.n_detected:
        st.warning("No beat was found on this lead. Choose another lead on the left.")


def _detection(agreement: Agreement | None, are_corrected: bool) -> tuple[tuple[str, str, str], ...]:
    """How well the beats were found: sensitivity and positive predictivity, with the counts behind them."""
    if agreement is None:
        return tuple((name, "–", "The record has no reference that marks beats.") for name in _OF_DETECTION)
    remarks = " Of the beats as corrected by hand, not as the detector found them." if are_corrected else ""
    if agreement.flutter_s:
        remarks += f" {agreement.flutter_s:.0f} s of ventricular flutter are left out."
    figures = (format_percent(agreement.sensitivity, 2), format_percent(agreement.positive_predictive_value, 2))
    counts = (_missed_in_words(agreement), _false_in_words(agreement))
    return tuple(
        (name, figure, count + remarks) for name, figure, count in zip(_OF_DETECTION, figures, counts, strict=True)
    )


def _missed_in_words(agreement: Agreement) -> str:
    if not agreement.n_reference:
        return "The reference marks no beat outside ventricular flutter."
    return (
        f"{agreement.n_missed} of {agreement.n_reference} beats of the reference were missed: without a found beat "
        f"{_WITHIN}."
    )


def _false_in_words(agreement: Agreement) -> str:
    if not agreement.n_detected:
        return "No beat was found outside ventricular flutter." if agreement.flutter_s else "No beat was found."
    return f"{agreement.n_false} of {agreement.n_detected} beats are false: without a beat of the reference {_WITHIN}."


def _found_where(lead: str, cut_by_edges: int) -> str:
    cut = {0: "none lies", 1: "one lies"}.get(cut_by_edges, f"{cut_by_edges} lie")
    return f"On lead {lead}; {cut} too near the record's beginning or end to be classified."


def show_agreement(numbers: RecordSummary) -> None:
    """Beats of each class, and the model against the reference."""
    classes, against = st.columns([1, 2.6], gap="medium")
    with classes:
        st.markdown("**Beats by the model**")
        counts = pd.DataFrame({"class": list(numbers.by_class), "beats": list(numbers.by_class.values())})
        st.dataframe(counts, hide_index=True, width="stretch")
    with against:
        if numbers.agreement is None:
            st.caption("This record has no reference labels to compare with.")
            return
        st.markdown(_agreement_in_words(numbers.agreement))
        if not numbers.agreement.rows:
            return
        table = pd.DataFrame(
            numbers.agreement.counts,
            index=pd.Index(numbers.agreement.rows, name="reference ↓ model →"),
            columns=numbers.agreement.columns,
        )
        st.dataframe(table, width="stretch")


def _agreement_in_words(agreement: Agreement) -> str:
    if not agreement.n_reference:
        return "**Against the reference**: it marks no beat outside ventricular flutter."
    if not agreement.n_classified:
        return "**Against the reference**: it names no beat of a class that the model knows."
    return (
        f"**Against the reference**: {agreement.n_correct} of {agreement.n_classified} beats of known classes "
        f"agree with it ({format_percent(agreement.n_correct / agreement.n_classified, 1)})"
    )
