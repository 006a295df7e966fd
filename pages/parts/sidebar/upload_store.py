"""The uploads of the session: their files, what a person states about them, and the records that they became.

Nothing is written to a file or an address; all of it goes with the session, or when a record is removed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from backend import workbench
from backend.kinds.kind import Kind
from backend.records.record import LeadsInDoubt, Record, RecordRefused
from backend.records.understanding import Candidate, Stated
from pages.parts.app import url_state
from pages.parts.app.screen_kinds import ScreenKind, screen_kind, screen_kinds
from pages.parts.sidebar import sidebar_text

__all__ = [
    "Sent",
    "doubtful_leads",
    "forget_upload",
    "has_files",
    "open_files",
    "reopen",
    "sent_elsewhere",
    "stated_of",
    "stored_record",
]


@dataclass(frozen=True)
class Sent:
    """An upload that belongs on another screen and is open there: why, and the screen's file and title."""

    sentence: str
    page: str
    title: str


def stored_record(kind: Kind) -> Record | None:
    """Return the uploaded record of a kind, or None."""
    return st.session_state.get(_key("uploaded", kind))


def has_files(kind: Kind) -> bool:
    """Return whether the files of the uploaded record are kept, so that it can be opened again."""
    return _key("files", kind) in st.session_state


def stated_of(kind: Kind) -> Stated:
    """Return what the person stated about the uploaded files of a kind."""
    return st.session_state.get(_key("stated", kind), Stated())


def doubtful_leads(kind: Kind) -> tuple[Candidate, ...]:
    """Return the channels among which the person must choose the ECG; empty where nothing is in doubt."""
    return st.session_state.get(_key("doubt", kind), ())


def sent_elsewhere(kind: Kind) -> Sent | None:
    """Return where the last upload of a kind was sent, or None if it stayed."""
    return st.session_state.get(_key("sent", kind))


def open_files(kind: Kind, files: Mapping[str, bytes], stated: Stated) -> None:
    """Open files as the record of a kind, keep them to choose the ECG first, or send the record to its own screen.

    Raises
    ------
    RecordRefused
        If the files are not a record that any screen can use.
    """
    forget_upload(kind)
    try:
        record = workbench.upload(files, stated)
    except LeadsInDoubt as doubt:
        _keep_files(kind, files, stated)
        st.session_state[_key("doubt", kind)] = doubt.candidates
        return
    try:
        screen_kind(kind.name).check_upload(record)
    except RecordRefused as refusal:
        home = _home_of(record, kind)
        if home is None:
            raise
        _keep(home.kind, record, files, stated)
        url_state.choose_for(home.kind.name, record=sidebar_text.OWN_FILES)
        st.session_state[_key("sent", kind)] = Sent(str(refusal), home.page, home.screen)
        return
    _keep(kind, record, files, stated)


def reopen(kind: Kind, stated: Stated) -> None:
    """Open the files of a kind again with other statements; the record stays as it is if they are refused.

    Raises
    ------
    RecordRefused
        If the files cannot be read as stated.
    """
    files = st.session_state[_key("files", kind)]
    record = workbench.upload(files, stated)
    screen_kind(kind.name).check_upload(record)
    _keep(kind, record, files, stated)
    st.session_state.pop(_key("doubt", kind), None)


def forget_upload(kind: Kind) -> None:
    """Forget all of the last upload of a kind."""
    for what in ("uploaded", "files", "stated", "doubt", "sent"):
        st.session_state.pop(_key(what, kind), None)


def _home_of(record: Record, kind: Kind) -> ScreenKind | None:
    """Return the first other screens that accept a record."""
    for screens in screen_kinds().values():
        if screens.kind.samples != kind.samples:
            try:
                screens.check_upload(record)
            except RecordRefused:
                continue
            return screens
    return None


def _keep(kind: Kind, record: Record, files: Mapping[str, bytes], stated: Stated) -> None:
    _keep_files(kind, files, stated)
    st.session_state[_key("uploaded", kind)] = record


def _keep_files(kind: Kind, files: Mapping[str, bytes], stated: Stated) -> None:
    st.session_state[_key("files", kind)] = dict(files)
    st.session_state[_key("stated", kind)] = stated


def _key(what: str, kind: Kind) -> str:
    return f"{what} {kind.samples}"
