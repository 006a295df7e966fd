"""The record that a person uploaded: it lives in the session's memory, and in no file and no address."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from backend import workbench
from backend.records.record import Record, RecordRefused
from pages.parts import link
from pages.parts.corrections import forget_corrections

__all__ = ["HOW_TO_UPLOAD", "uploaded_record"]

HOW_TO_UPLOAD = (
    "Add the files of one record on the left, all at once: WFDB (.hea with .dat or .mat, and .atr if there is one), an "
    "EDF or a CSV file, or a zip of them. They stay in this session's memory and are gone when it ends."
)
_AS_STATED = "as the file says"
_UNITS = (_AS_STATED, "mV", "uV", "nV", "V")
_TABLES = (".csv", ".txt", ".tsv")


def uploaded_record() -> Record | None:
    """The session's uploaded record, with a button to remove it; without one, a place to put files."""
    record = st.session_state.get("uploaded")
    if record is None:
        return _ask_for_files()
    st.caption(
        f"**{record.name}**: {len(record.channels)} signals at {record.sampling_rate:g} Hz. Kept in this session's "
        "memory alone."
    )
    st.button("Remove this record", icon=":material/delete:", width="stretch", on_click=_remove)
    return record


def _remove() -> None:
    record = st.session_state.pop("uploaded", None)
    # A second click may arrive before the button is gone.
    if record is not None:
        forget_corrections(record)
        _begin_anew()


def _begin_anew() -> None:
    """Nothing that was chosen for another record holds; a new uploader lets go of the files of the old one."""
    link.choose(beat=None, lead=None, target=None)
    st.session_state.pop("stretch", None)
    st.session_state.uploads = st.session_state.get("uploads", 0) + 1


def _ask_for_files() -> Record | None:
    turn = st.session_state.get("uploads", 0)
    files = st.file_uploader("Files of one record", accept_multiple_files=True, key=f"files {turn}")
    rate, unit = _ask_how_to_read(files)
    if not files:
        if "refusal" in st.session_state:
            st.error(st.session_state.refusal, icon=":material/block:")
        return None
    try:
        with st.spinner("Reading and checking the files …"):
            record = workbench.upload({file.name: file.getvalue() for file in files}, rate, unit)
    except RecordRefused as refusal:
        _refuse(str(refusal), can_be_mended=_has_table(files) and None in (rate, unit))
        return None
    st.session_state.pop("refusal", None)
    _begin_anew()
    st.session_state.uploaded = record
    return st.rerun()


def _refuse(sentence: str, can_be_mended: bool) -> None:
    """Say why, and keep nothing; a table whose sampling rate or unit is still open waits for them."""
    if can_be_mended:
        st.error(sentence, icon=":material/block:")
        return
    st.session_state.refusal = sentence
    _begin_anew()
    st.rerun()


def _has_table(files: Sequence[Any]) -> bool:
    return any(file.name.lower().endswith(_TABLES) for file in files)


def _ask_how_to_read(files: Sequence[Any]) -> tuple[float | None, str | None]:
    """Sampling rate and unit of a table that does not state them; None is as the file says."""
    if not _has_table(files):
        return None, None
    rate = st.number_input("Sampling rate (Hz)", 50.0, 5000.0, None, placeholder=_AS_STATED)
    unit = st.selectbox("Unit of its values", _UNITS)
    return rate, None if unit == _AS_STATED else unit
