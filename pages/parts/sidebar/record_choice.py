"""The choice of a record and a model in the sidebar of every screen."""

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from backend import workbench
from backend.kinds.kind import Kind
from backend.records.record import Record, RecordRefused
from pages.parts.app import url_state
from pages.parts.app.plain_text import as_plain
from pages.parts.app.screen_kinds import screen_kind
from pages.parts.app.widgets import ask_option
from pages.parts.sidebar import sidebar_text
from pages.parts.sidebar.lead_question import ask_for_leads
from pages.parts.sidebar.model_card import show_model_card
from pages.parts.sidebar.upload_store import doubtful_leads, sent_elsewhere
from pages.parts.sidebar.uploading import uploaded_record

__all__ = ["ask_for_record", "choose_model", "choose_record"]

_FIRST_SIMULATED = "sim_ventricular_premature"


def choose_record(kind: Kind, on_new: Callable[[], None]) -> Record | None:
    """Return the chosen sample or upload of a kind; None where no record is open.

    Parameters
    ----------
    on_new : callable
        Forgets what was chosen for the last record.
    """
    samples = {sample.name: sample for sample in workbench.sample_list(kind.samples)}
    options = [*samples, sidebar_text.OWN_FILES]
    selected = url_state.chosen("record")
    if selected not in options:
        if selected is not None:
            url_state.mismatch(sidebar_text.unknown_record(selected))
            on_new()
        is_first = options[0] in samples and not samples[options[0]].is_simulated
        selected = options[0] if is_first or _FIRST_SIMULATED not in samples else _FIRST_SIMULATED
        url_state.choose(record=selected)
    picked = ask_option("Record", "record", options, selected, on_new=on_new)
    if picked == sidebar_text.OWN_FILES:
        return uploaded_record(kind, on_new)
    st.caption(f"{samples[picked].source[:1].upper()}{samples[picked].source[1:]}: {samples[picked].line}")
    try:
        return workbench.sample(picked)
    except RecordRefused as refusal:
        st.error(str(refusal), icon=":material/block:")
        return None


def ask_for_record(kind: Kind, on_new: Callable[[], None]) -> NoReturn:
    """Ask which channel of an upload is the ECG, say where it was sent or how to upload a record, and end the run."""
    url_state.write(None)
    is_own = url_state.chosen("record") == sidebar_text.OWN_FILES
    sent = sent_elsewhere(kind)
    if is_own and doubtful_leads(kind):
        ask_for_leads(kind, on_new)
    elif is_own and sent is not None:
        st.info(as_plain(sent.sentence), icon=":material/arrow_forward:")
        st.page_link(sent.page, label=sidebar_text.go_to_screen(sent.title), icon=":material/open_in_new:")
    else:
        st.info(f"{screen_kind(kind.name).upload_hint} {sidebar_text.STAYS_HERE}", icon=":material/arrow_back:")
    st.stop()


def choose_model(kind: str | None, on_new: Callable[[str], None]) -> str:
    """Return the chosen model of those that read windows of a kind; with None of all models.

    Parameters
    ----------
    on_new : callable
        Gets the model that was chosen before.
    """
    names = workbench.model_names(kind)
    selected = url_state.chosen("model")
    if selected not in names:
        if selected is not None:
            url_state.mismatch(sidebar_text.unknown_model(selected))
        selected = names[0]
        url_state.choose(model=selected)
    picked = ask_option("Model", "model", names, selected, on_new=lambda: on_new(selected))
    st.caption(workbench.model(picked).card["title"])
    if st.button("About this model", icon=":material/info:", width="stretch"):
        show_model_card(workbench.model(picked).card)
    return picked
