"""Widgets whose value is one of the link's choices, and nowhere else."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.parts import link

__all__ = ["ask_number", "ask_option", "go_button"]


def ask_option(
    label: str,
    name: str,
    options: Sequence[Any],
    current: Any,
    on_new: Callable[[], None] | None = None,
    **looks: Any,
) -> Any:
    """A select box of choice ``name``; ``on_new`` is called when the person picks another option."""
    key = f"ask {name}"
    st.session_state[key] = current
    return st.selectbox(label, options, key=key, on_change=_take, args=(name, key, on_new), **looks)


def ask_number(
    label: str,
    name: str,
    least: float,
    most: float,
    current: float,
    on_new: Callable[[], None] | None = None,
    **looks: Any,
) -> Any:
    """A number input of choice ``name``, whole where the bounds are; ``on_new`` as for ``ask_option``."""
    key = f"ask {name}"
    st.session_state[key] = current
    return st.number_input(label, least, most, key=key, on_change=_take, args=(name, key, on_new), **looks)


def go_button(label: str, possible: bool, go: Callable[..., None], *where: Any, **looks: Any) -> None:
    """A button that calls ``go(*where)`` before the screen is drawn again."""
    st.button(label, disabled=not possible, on_click=go, args=where, **looks)


def _take(name: str, key: str, on_new: Callable[[], None] | None) -> None:
    link.forget_mismatches()
    link.choose(**{name: st.session_state[key]})
    if on_new is not None:
        on_new()
