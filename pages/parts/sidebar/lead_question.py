"""The question which channel of an upload is the ECG, with the channels drawn."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from backend.charts.ecg.candidate_strips import plot_candidates
from backend.kinds.kind import Kind
from backend.records.record import RecordRefused
from backend.records.understanding import Candidate
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.app.plain_text import as_plain
from pages.parts.sidebar import sidebar_text
from pages.parts.sidebar.understood import ask_unit
from pages.parts.sidebar.upload_store import doubtful_leads, reopen, stated_of

__all__ = ["ask_for_leads"]


def ask_for_leads(kind: Kind, on_new: Callable[[], None]) -> None:
    """Draw the channels of an upload of which any may be the ECG, and open it with those that the person chooses."""
    candidates = doubtful_leads(kind)
    st.subheader(sidebar_text.WHICH_IS_ECG, help=sidebar_text.WHICH_IS_ECG_HELP)
    st.altair_chart(plot_candidates(candidates, screen_theme()), theme=None, width="content")
    leads = _choose_leads(candidates)
    with st.columns([1, 3])[0]:
        unit = ask_unit("Unit", stated_of(kind).unit)
    if not st.button("Open with these leads", type="primary", disabled=not leads):
        return
    try:
        with st.spinner(sidebar_text.READING_FILES):
            reopen(kind, replace(stated_of(kind), unit=unit, leads=tuple(leads)))
    except RecordRefused as refusal:
        st.error(as_plain(str(refusal)), icon=":material/block:")
        return
    on_new()
    st.rerun()


def _choose_leads(candidates: Sequence[Candidate]) -> Sequence[str]:
    names = [candidate.name for candidate in candidates]
    return st.pills("ECG leads", names, selection_mode="multi", format_func=as_plain, key="leads in doubt")
