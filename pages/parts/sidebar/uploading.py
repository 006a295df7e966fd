"""The uploaded record: kept in the memory of the session, in no file and no address."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from backend import workbench
from backend.kinds.kind import Kind
from backend.records.record import Record, RecordRefused
from backend.records.stays import is_stay
from backend.records.understanding import Stated
from pages.parts.app.screen_kinds import screen_kind
from pages.parts.sidebar import sidebar_text

__all__ = ["how_to_upload", "uploaded_record"]

_UNITS = (sidebar_text.AS_STATED, "mV", "uV", "nV", "V")
_TABLES = (".csv", ".txt", ".tsv")


def how_to_upload(kind: Kind) -> str:
    """Return which files make up a record of a kind, and what becomes of them."""
    return f"{screen_kind(kind.name).upload_hint} {sidebar_text.STAYS_HERE}"


def uploaded_record(kind: Kind, on_new: Callable[[], None]) -> Record | None:
    """Return the session's uploaded record of a kind, with a button to remove it; without one, draw the uploader.

    Parameters
    ----------
    on_new : callable
        Forgets what was chosen for the last record.
    """
    record = st.session_state.get(_uploaded(kind))
    if record is None:
        return _ask_for_files(kind, on_new)
    content = "a stay" if is_stay(record) else f"{len(record.channels)} signals at {record.sampling_rate:g} Hz"
    st.caption(sidebar_text.uploaded_sentence(record.name, content))
    st.button("Remove record", icon=":material/delete:", width="stretch", on_click=_remove, args=(kind, on_new))
    return record


def _uploaded(kind: Kind) -> str:
    return f"uploaded {kind.samples}"


def _remove(kind: Kind, on_new: Callable[[], None]) -> None:
    record = st.session_state.pop(_uploaded(kind), None)
    # A second click may arrive before the button is gone.
    if record is not None:
        screen_kind(kind.name).forget_changes(record)
        _start_over(on_new)


def _start_over(on_new: Callable[[], None]) -> None:
    """Forget the choices for another record; a new uploader drops the files of the old one."""
    on_new()
    st.session_state.uploads = st.session_state.get("uploads", 0) + 1


def _ask_for_files(kind: Kind, on_new: Callable[[], None]) -> Record | None:
    turn = st.session_state.get("uploads", 0)
    files = st.file_uploader("Record files", accept_multiple_files=True, key=f"files {kind.samples} {turn}")
    screens = screen_kind(kind.name)
    rate, unit = _ask_rate_and_unit(files) if screens.reads_tables else (None, None)
    if not files:
        if _refusal(kind) in st.session_state:
            st.error(st.session_state[_refusal(kind)], icon=":material/block:")
        return None
    try:
        with st.spinner(sidebar_text.READING_FILES):
            record = workbench.upload({file.name: file.getvalue() for file in files}, Stated(rate, unit))
            screens.check_upload(record)
    except RecordRefused as refusal:
        is_table = screens.reads_tables and _has_table(files)
        _refuse(kind, on_new, str(refusal), can_be_completed=is_table and None in (rate, unit))
        return None
    st.session_state.pop(_refusal(kind), None)
    _start_over(on_new)
    st.session_state[_uploaded(kind)] = record
    return st.rerun()


def _refusal(kind: Kind) -> str:
    return f"refusal {kind.samples}"


def _refuse(kind: Kind, on_new: Callable[[], None], sentence: str, can_be_completed: bool) -> None:
    """Show the refusal and keep nothing; a table without sampling rate or unit waits for them."""
    if can_be_completed:
        st.error(sentence, icon=":material/block:")
        return
    st.session_state[_refusal(kind)] = sentence
    _start_over(on_new)
    st.rerun()


def _has_table(files: Sequence[Any]) -> bool:
    return any(file.name.lower().endswith(_TABLES) for file in files)


def _ask_rate_and_unit(files: Sequence[Any]) -> tuple[float | None, str | None]:
    """Return the sampling rate and unit of a table; None is as stated in the file."""
    if not _has_table(files):
        return None, None
    rate = st.number_input("Sampling rate (Hz)", 50.0, 5000.0, None, placeholder=sidebar_text.AS_STATED)
    unit = st.selectbox("Unit", _UNITS)
    return rate, None if unit == sidebar_text.AS_STATED else unit
