"""The way from the Record screen to the Beat screen."""

import streamlit as st

from pages.parts.app import url_state

__all__ = ["go_to_opened_beat", "open_beat"]

_BEAT_SCREEN = "pages/beat.py"


def open_beat(number: int) -> None:
    """Request that this beat opens; a callback may not change the screen itself."""
    url_state.forget_mismatches()
    url_state.choose(beat=number, target=None)
    st.session_state.beat_opened = True


def go_to_opened_beat() -> None:
    """Go to the Beat screen if a beat was opened."""
    if st.session_state.pop("beat_opened", False):
        st.switch_page(_BEAT_SCREEN)
