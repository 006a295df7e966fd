"""The record that a person uploaded: it lives in the session's memory, and in no file and no address."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from backend import workbench
from backend.kinds.kind import Kind
from backend.records.record import Record, RecordRefused
from backend.records.stays import is_stay
from pages.parts.app.screen_kinds import screen_kind

__all__ = ["how_to_upload", "uploaded_record"]

_STAYS_HERE = "They stay in this session's memory and are gone when it ends."
_AS_STATED = "as the file says"
_UNITS = (_AS_STATED, "mV", "uV", "nV", "V")
_TABLES = (".csv", ".txt", ".tsv")


def how_to_upload(kind: Kind) -> str:
    """Return which files make up a record of a kind, and what becomes of them."""
    return f"{screen_kind(kind.name).upload_hint} {_STAYS_HERE}"


def uploaded_record(kind: Kind, on_new: Callable[[], None]) -> Record | None:
    """The session's uploaded record of a kind, with a button to remove it; without one, a place to put files.

    Parameters
    ----------
    on_new : callable
        Forgets what was chosen for the last record.
    """
    record = st.session_state.get(_uploaded(kind))
    if record is None:
        return _ask_for_files(kind, on_new)
    what = "a stay" if is_stay(record) else f"{len(record.channels)} signals at {record.sampling_rate:g} Hz"
    st.caption(f"**{record.name}**: {what}. Kept in this session's memory alone.")
    st.button("Remove this record", icon=":material/delete:", width="stretch", on_click=_remove, args=(kind, on_new))
    return record


def _uploaded(kind: Kind) -> str:
    return f"uploaded {kind.samples}"


def _remove(kind: Kind, on_new: Callable[[], None]) -> None:
    record = st.session_state.pop(_uploaded(kind), None)
    # A second click may arrive before the button is gone.
    if record is not None:
        screen_kind(kind.name).forget_changes(record)
        _begin_anew(on_new)


def _begin_anew(on_new: Callable[[], None]) -> None:
    """Nothing that was chosen for another record holds; a new uploader lets go of the files of the old one."""
    on_new()
    st.session_state.uploads = st.session_state.get("uploads", 0) + 1


def _ask_for_files(kind: Kind, on_new: Callable[[], None]) -> Record | None:
    turn = st.session_state.get("uploads", 0)
    files = st.file_uploader("Files of one record", accept_multiple_files=True, key=f"files {kind.samples} {turn}")
    screens = screen_kind(kind.name)
    rate, unit = _ask_how_to_read(files) if screens.reads_tables else (None, None)
    if not files:
        if _refusal(kind) in st.session_state:
            st.error(st.session_state[_refusal(kind)], icon=":material/block:")
        return None
    try:
        with st.spinner("Reading and checking the files …"):
            record = workbench.upload({file.name: file.getvalue() for file in files}, rate, unit)
            screens.check_upload(record)
    except RecordRefused as refusal:
        is_table = screens.reads_tables and _has_table(files)
        _refuse(kind, on_new, str(refusal), can_be_mended=is_table and None in (rate, unit))
        return None
    st.session_state.pop(_refusal(kind), None)
    _begin_anew(on_new)
    st.session_state[_uploaded(kind)] = record
    return st.rerun()


def _refusal(kind: Kind) -> str:
    return f"refusal {kind.samples}"


def _refuse(kind: Kind, on_new: Callable[[], None], sentence: str, can_be_mended: bool) -> None:
    """Say why, and keep nothing; a table whose sampling rate or unit is still open waits for them."""
    if can_be_mended:
        st.error(sentence, icon=":material/block:")
        return
    st.session_state[_refusal(kind)] = sentence
    _begin_anew(on_new)
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
