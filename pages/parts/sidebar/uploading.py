"""The record that a person uploaded: it lives in the session's memory, and in no file and no address."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from backend import workbench
from backend.records.channels.sensors import has_alarm_sensors
from backend.records.record import Record, RecordRefused
from backend.records.stays import is_stay
from pages.parts.record.corrections import forget_corrections
from pages.parts.stay.stay_edits import forget_edits

__all__ = ["how_to_upload", "uploaded_record"]

_HOW_TO_UPLOAD = {
    "ecg": (
        "Add the files of one record on the left, all at once: WFDB (.hea with .dat or .mat, and .atr if there is "
        "one), an EDF or a CSV file, or a zip of them."
    ),
    "alarm": (
        "Add the files of one record on the left, all at once: WFDB (.hea with .dat or .mat) or EDF, or a zip of them, "
        "with an ECG and at least one of arterial pressure (ABP), pulse (PLETH) and breathing (RESP)."
    ),
    "stay": (
        "Add the text or CSV file of one stay on the left: three columns Time (hours:minutes since admission, up to "
        "48:00), Parameter and Value, as in the PhysioNet challenge 2012."
    ),
}
_STAYS_HERE = "They stay in this session's memory and are gone when it ends."
_AS_STATED = "as the file says"
_UNITS = (_AS_STATED, "mV", "uV", "nV", "V")
_TABLES = (".csv", ".txt", ".tsv")


def how_to_upload(kind: str) -> str:
    """Which files make up a record of a kind (``ecg``, ``alarm``, ``stay``), and what becomes of them."""
    return f"{_HOW_TO_UPLOAD[kind]} {_STAYS_HERE}"


def uploaded_record(kind: str, on_new: Callable[[], None]) -> Record | None:
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


def _uploaded(kind: str) -> str:
    return f"uploaded {kind}"


def _remove(kind: str, on_new: Callable[[], None]) -> None:
    record = st.session_state.pop(_uploaded(kind), None)
    # A second click may arrive before the button is gone.
    if record is not None:
        forget_corrections(record)
        forget_edits(record)
        _begin_anew(on_new)


def _begin_anew(on_new: Callable[[], None]) -> None:
    """Nothing that was chosen for another record holds; a new uploader lets go of the files of the old one."""
    on_new()
    st.session_state.uploads = st.session_state.get("uploads", 0) + 1


def _ask_for_files(kind: str, on_new: Callable[[], None]) -> Record | None:
    turn = st.session_state.get("uploads", 0)
    files = st.file_uploader("Files of one record", accept_multiple_files=True, key=f"files {kind} {turn}")
    rate, unit = _ask_how_to_read(files) if kind == "ecg" else (None, None)
    if not files:
        if _refusal(kind) in st.session_state:
            st.error(st.session_state[_refusal(kind)], icon=":material/block:")
        return None
    try:
        with st.spinner("Reading and checking the files …"):
            record = _of_kind(kind, workbench.upload({file.name: file.getvalue() for file in files}, rate, unit))
    except RecordRefused as refusal:
        _refuse(kind, on_new, str(refusal), can_be_mended=kind == "ecg" and _has_table(files) and None in (rate, unit))
        return None
    st.session_state.pop(_refusal(kind), None)
    _begin_anew(on_new)
    st.session_state[_uploaded(kind)] = record
    return st.rerun()


def _of_kind(kind: str, record: Record) -> Record:
    """The record, if the screen is one for records like it."""
    if is_stay(record) and kind != "stay":
        raise RecordRefused(f"{record.name} is a stay with charted values, no signals; open it on the screen ICU stay.")
    if kind == "stay" and not is_stay(record):
        raise RecordRefused(f"{record.name} holds signals, not charted values; open it on the screen Record.")
    if kind == "alarm" and not has_alarm_sensors(record):
        raise RecordRefused(
            f"{record.name} has neither arterial pressure (ABP) nor pulse (PLETH) nor breathing (RESP) beside its ECG, "
            "from which an alarm could be judged; open it on the screen Record."
        )
    return record


def _refusal(kind: str) -> str:
    return f"refusal {kind}"


def _refuse(kind: str, on_new: Callable[[], None], sentence: str, can_be_mended: bool) -> None:
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
