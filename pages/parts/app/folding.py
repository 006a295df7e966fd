"""A long list of which the rest is folded away until a reader asks for it."""

import streamlit as st

__all__ = ["is_unfolded", "offer_more"]


def is_unfolded(name: str) -> bool:
    """Return whether the whole list is shown."""
    return bool(st.session_state.get(_key(name), False))


def offer_more(name: str, hidden: int) -> None:
    """Draw a button that shows the folded rows, with their number, or folds them again; none if nothing is folded."""
    if hidden <= 0:
        return
    label = "Show fewer" if is_unfolded(name) else f"Show {hidden} more"
    st.button(label, type="tertiary", key=f"more {name}", on_click=_turn, args=(name,))


def _turn(name: str) -> None:
    st.session_state[_key(name)] = not is_unfolded(name)


def _key(name: str) -> str:
    return f"unfolded {name}"
