"""A record in numbers."""

import pandas as pd
import streamlit as st

from backend.models.summary import RecordSummary
from backend.records.record import Record

__all__ = ["show_agreement", "show_numbers"]


def show_numbers(record: Record, lead: str, numbers: RecordSummary) -> None:
    """Title and the figures above the strip."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(record.name, width="content", anchor=False)
        st.badge(record.source)
    duration, rate, found, missed, uncertain, unlike, left_out = st.columns(7)
    minutes, seconds = divmod(round(numbers.duration_s), 60)
    duration.metric("Minutes", f"{minutes}:{seconds:02d}")
    rate.metric("Mean rate", "–" if numbers.mean_rate_bpm is None else f"{numbers.mean_rate_bpm:.0f}/min")
    found.metric(
        f"Beats on {lead}",
        f"{numbers.found}",
        help=f"{numbers.cut_by_edges} of them lie too near the record's beginning or end to be classified.",
    )
    agreement = numbers.agreement
    missed.metric(
        "Missed/false",
        "–" if agreement is None else f"{agreement.missed}/{agreement.false}",
        help="Reference beats that were not found within 150 ms, and found beats without a reference beat."
        if agreement
        else "The record has no reference labels.",
    )
    uncertain.metric("Uncertain", f"{numbers.uncertain}", help="Beats whose most likely class is not likely enough.")
    unlike.metric(
        "Unlike",
        f"{numbers.unlike}",
        help="Beats that are unlike the model's training data: their labels should not be relied on.",
    )
    left_out.metric(
        "Left out", f"{numbers.artifacts}", help="Stretches without signal, flat or clipped: no beat is sought there."
    )


def show_agreement(numbers: RecordSummary) -> None:
    """Beats of each class, and the model against the reference."""
    counts = "  ·  ".join(f"**{count}** {name}" for name, count in numbers.by_class.items())
    st.markdown(f"Beats by the model: {counts}")
    agreement = numbers.agreement
    if agreement is None:
        st.caption("This record has no reference labels to compare with.")
        return
    if agreement.named:
        st.markdown(
            f"The model agrees with the reference on **{agreement.right} of {agreement.named}** beats "
            f"({100 * agreement.right / agreement.named:.1f} %) of the classes that it knows."
        )
    with st.expander("Reference (rows) against model (columns)"):
        st.dataframe(pd.DataFrame(agreement.counts, index=agreement.rows, columns=agreement.columns), width="content")
