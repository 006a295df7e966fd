"""Widgets whose value is one of the link's choices, and nowhere else."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from pages.parts.app import url_state

__all__ = ["SEPARATOR", "ask_number", "ask_option", "ask_several", "go_button"]

_Option = TypeVar("_Option")

SEPARATOR = ","
"""Between several options in one choice."""


def ask_option(
    label: str,
    name: str,
    options: Sequence[_Option],
    current: _Option,
    on_new: Callable[[], None] | None = None,
    **looks: Any,
) -> _Option:
    """A select box of choice ``name``; ``on_new`` is called when the person picks another option."""
    key = f"ask {name}"
    st.session_state[key] = current
    picked: Any = st.selectbox(label, options, key=key, on_change=_take, args=(name, key, on_new), **looks)
    return current if picked is None else picked


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


def ask_several(label: str, name: str, options: Sequence[str], current: Sequence[str], **looks: Any) -> list[str]:
    """Pills of which several can be on; the choice ``name`` holds those with SEPARATOR between them."""
    key = f"ask {name}"
    st.session_state[key] = list(current)
    return st.pills(label, options, key=key, selection_mode="multi", on_change=_take_several, args=(name, key), **looks)


def go_button(label: str, possible: bool, go: Callable[..., None], *where: Any, **looks: Any) -> None:
    """A button that calls ``go(*where)`` before the screen is drawn again."""
    st.button(label, disabled=not possible, on_click=go, args=where, **looks)


def _take_several(name: str, key: str) -> None:
    url_state.forget_mismatches()
    url_state.choose(**{name: SEPARATOR.join(st.session_state[key])})


def _take(name: str, key: str, on_new: Callable[[], None] | None) -> None:
    url_state.forget_mismatches()
    url_state.choose(**{name: st.session_state[key]})
    if on_new is not None:
        on_new()
