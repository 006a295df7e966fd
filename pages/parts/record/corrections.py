"""The corrections of beats: kept in the session alone, for each record, lead and detector."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import streamlit as st

from backend import workbench
from backend.records.record import Record, RecordRefused
from backend.windows.beats.corrections import Correction
from backend.workbench import BeatReading
from pages.parts.app import url_state

__all__ = [
    "correct",
    "corrections_of",
    "forget_corrections",
    "is_correcting",
    "is_switched_on",
    "refusal",
    "refusals_kept",
    "switch_on",
    "undo",
    "undo_all",
]

_Corrections = tuple[Correction, ...]
_Key = tuple[str, str | None, str]


def corrections_of(record: Record, lead: str | None, detector: str) -> _Corrections:
    """Return the corrections of the beats that this detector finds on this lead."""
    return _kept().get((record.digest, lead, detector), ())


def is_correcting(reading: BeatReading) -> bool:
    """Return whether beats are being corrected, or were."""
    return bool(reading.corrections) or is_switched_on()


def is_switched_on() -> bool:
    """Return whether clicks on the paper correct beats; unlike a widget's value, kept while another screen is shown."""
    return st.session_state.get("correcting", False)


def switch_on(on: bool) -> None:
    """Let clicks on the paper correct beats, or open them again."""
    st.session_state.correcting = on


def correct(reading: BeatReading, corrections: _Corrections) -> None:
    """Make these the corrections.

    Raises
    ------
    RecordRefused
        If they do not fit the beats; nothing is changed then.
    """
    workbench.found(replace(reading, corrections=corrections))
    _keep(reading, corrections)


def undo(reading: BeatReading) -> None:
    """Take the last correction back."""
    _keep(reading, reading.corrections[:-1])


def undo_all(reading: BeatReading) -> None:
    """Take all corrections back."""
    _keep(reading, ())


@contextmanager
def refusals_kept() -> Iterator[None]:
    """Keep the message of a refusal until the screen is drawn."""
    st.session_state.pop("correction_refused", None)
    try:
        yield
    except RecordRefused as refused:
        st.session_state.correction_refused = str(refused)


def refusal() -> str | None:
    """Return why the last correction was refused, once."""
    return st.session_state.pop("correction_refused", None)


def forget_corrections(record: Record) -> None:
    """Forget the corrections of a record that a person has removed."""
    for key in [key for key in _kept() if key[0] == record.digest]:
        del _kept()[key]


def _keep(reading: BeatReading, corrections: _Corrections) -> None:
    _kept()[reading.record.digest, reading.lead, reading.detector] = corrections
    # Beats after the corrected one have other numbers now.
    url_state.choose(beat=None, target=None)


def _kept() -> dict[_Key, _Corrections]:
    return st.session_state.setdefault("corrections", {})
