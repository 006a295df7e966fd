"""Which measurement of the chosen variable is taken up to be changed."""

import streamlit as st

from backend.records.record import Record

__all__ = ["chosen_measurement", "take_up"]

_KEY = "measurement"


def take_up(record: Record, variable: str, minute: int | None) -> None:
    """Choose the measurement of a stay at this minute; None for none."""
    st.session_state[_KEY] = (record.digest, variable, minute)


def chosen_measurement(record: Record, variable: str) -> int | None:
    """The minute of the measurement that was chosen of this variable of this stay."""
    *chosen_of, minute = st.session_state.get(_KEY, (None, None, None))
    return minute if chosen_of == [record.digest, variable] else None
