"""The uploaded record: kept in the memory of the session, in no file and no address."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from backend.kinds.kind import Kind
from backend.records.record import Record, RecordRefused
from backend.records.stays import is_stay
from backend.records.understanding import Stated
from pages.parts.app.plain_text import as_plain
from pages.parts.app.screen_kinds import screen_kind
from pages.parts.sidebar import sidebar_text
from pages.parts.sidebar.understood import ask_unit, show_understanding
from pages.parts.sidebar.upload_store import (
    doubtful_leads,
    forget_upload,
    has_files,
    open_files,
    reopen,
    stated_of,
    stored_record,
)

__all__ = ["uploaded_record"]

# Files that may lack a sampling rate or unit.
_TABLES = (".csv", ".txt", ".tsv", ".psv", ".asc", ".mat", ".h5", ".hdf5")


def uploaded_record(kind: Kind, on_new: Callable[[], None]) -> Record | None:
    """Return the session's uploaded record of a kind, with a button to remove it; without one, draw the uploader.

    Parameters
    ----------
    on_new : callable
        Forgets what was chosen for the last record.
    """
    record = stored_record(kind)
    if record is not None:
        content = "a stay" if is_stay(record) else f"{len(record.channels)} signals at {record.sampling_rate:g} Hz"
        st.caption(sidebar_text.uploaded_sentence(as_plain(record.name), content))
        _show_understanding(kind, record, on_new)
    elif not doubtful_leads(kind):
        return _ask_for_files(kind, on_new)
    st.button("Remove record", icon=":material/delete:", width="stretch", on_click=_remove, args=(kind, on_new))
    return record


def _show_understanding(kind: Kind, record: Record, on_new: Callable[[], None]) -> None:
    def correct(stated: Stated) -> None:
        try:
            reopen(kind, stated)
        except RecordRefused as refusal:
            st.error(as_plain(str(refusal)), icon=":material/block:")
            return
        screen_kind(kind.name).forget_changes(record)
        on_new()
        st.rerun()

    show_understanding(screen_kind(kind.name).as_chosen(record), stated_of(kind), correct if has_files(kind) else None)


def _remove(kind: Kind, on_new: Callable[[], None]) -> None:
    record = stored_record(kind)
    # A second click may arrive before the button is gone.
    if record is not None:
        screen_kind(kind.name).forget_changes(record)
    if record is not None or doubtful_leads(kind):
        forget_upload(kind)
        _start_over(on_new)


def _start_over(on_new: Callable[[], None]) -> None:
    """Forget the choices for another record; a new uploader drops the files of the old one."""
    on_new()
    st.session_state.uploads = st.session_state.get("uploads", 0) + 1


def _ask_for_files(kind: Kind, on_new: Callable[[], None]) -> Record | None:
    turn = st.session_state.get("uploads", 0)
    files = st.file_uploader("Record files", accept_multiple_files=True, key=f"files {kind.samples} {turn}")
    screens = screen_kind(kind.name)
    stated = _ask_rate_and_unit(files) if screens.reads_tables else Stated()
    if not files:
        _show_refusal(kind)
        return None
    try:
        with st.spinner(sidebar_text.READING_FILES):
            open_files(kind, {file.name: file.getvalue() for file in files}, stated)
    except RecordRefused as refusal:
        is_table = screens.reads_tables and _has_table(files)
        can_be_completed = is_table and None in (stated.sampling_rate, stated.unit)
        _refuse(kind, on_new, str(refusal), can_be_completed)
        return None
    st.session_state.pop(_refusal(kind), None)
    _start_over(on_new)
    return st.rerun()


def _show_refusal(kind: Kind) -> None:
    if _refusal(kind) in st.session_state:
        st.error(as_plain(st.session_state[_refusal(kind)]), icon=":material/block:")


def _refusal(kind: Kind) -> str:
    return f"refusal {kind.samples}"


def _refuse(kind: Kind, on_new: Callable[[], None], sentence: str, can_be_completed: bool) -> None:
    """Show the refusal and keep nothing; a table without sampling rate or unit waits for them."""
    if can_be_completed:
        st.error(as_plain(sentence), icon=":material/block:")
        return
    st.session_state[_refusal(kind)] = sentence
    _start_over(on_new)
    st.rerun()


def _has_table(files: Sequence[Any]) -> bool:
    return any(file.name.lower().endswith(_TABLES) for file in files)


def _ask_rate_and_unit(files: Sequence[Any]) -> Stated:
    """Return the sampling rate and unit of a table; None is as stated in the file."""
    if not _has_table(files):
        return Stated()
    rate = st.number_input("Sampling rate (Hz)", 50.0, 5000.0, None, placeholder=sidebar_text.AS_STATED)
    return Stated(rate, ask_unit("Unit", None))
