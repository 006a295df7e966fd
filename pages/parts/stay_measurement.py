"""Which measurement of the chosen variable is taken up to be changed."""

import streamlit as st

__all__ = ["chosen_measurement", "take_up"]

_KEY = "measurement"


def take_up(variable: str, minute: int | None) -> None:
    """Choose the measurement at this minute; None for none."""
    st.session_state[_KEY] = (variable, minute)


def chosen_measurement(variable: str) -> int | None:
    """The minute of the measurement that was chosen of this variable."""
    of_variable, minute = st.session_state.get(_KEY, (None, None))
    return minute if of_variable == variable else None
