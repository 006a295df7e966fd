"""The choice of a record in the sidebar, and of how it is read."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from backend.kinds.kind import Kind
from backend.records.record import Record
from backend.workbench import Reading
from pages.parts.app import url_state
from pages.parts.app.frame import require_frame
from pages.parts.sidebar.real_samples import offer_real_samples
from pages.parts.sidebar.record_choice import ask_for_record, choose_record

__all__ = ["choose_reading", "forget_target"]

_Reading = TypeVar("_Reading", bound=Reading)


def choose_reading(kind: Kind, forget_choices: Callable[[], None], choose: Callable[[Record], _Reading]) -> _Reading:
    """Draw the sidebar and return the chosen reading; ends the run with a hint if no record is open.

    Parameters
    ----------
    kind : Kind
    forget_choices : callable
        Forgets what was chosen for the last record.
    choose : callable
        Called with the record; draws the choices of its reading.
    """
    require_frame()
    url_state.restore(kind.name)
    with st.sidebar:
        record = choose_record(kind, forget_choices)
        reading = None if record is None else choose(record)
        offer_real_samples(kind)
    if reading is None:
        ask_for_record(kind, forget_choices)
    url_state.show_mismatches()
    return reading


def forget_target() -> None:
    """Explain the predicted class again."""
    url_state.choose(target=None)
