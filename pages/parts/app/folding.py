"""A long tail folded away until it is wanted."""

import streamlit as st

__all__ = ["is_unfolded", "offer_more"]


def is_unfolded(what: str) -> bool:
    """Whether the person wants to see all of it."""
    return bool(st.session_state.get(_key(what), False))


def offer_more(what: str, hidden: int) -> None:
    """A button that says how many are folded away and shows them, or folds them again; none where there are none."""
    if hidden <= 0:
        return
    label = "Show fewer" if is_unfolded(what) else f"… and {hidden} more of less weight"
    st.button(label, type="tertiary", key=f"more {what}", on_click=_turn, args=(what,))


def _turn(what: str) -> None:
    st.session_state[_key(what)] = not is_unfolded(what)


def _key(what: str) -> str:
    return f"unfolded {what}"
