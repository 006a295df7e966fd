"""Widgets whose value is one of the choices in the address."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from pages.parts.app import url_state

__all__ = ["SEPARATOR", "ask_number", "ask_option", "ask_several", "go_button"]

_Option = TypeVar("_Option")

SEPARATOR = ","
"""Joins several options of one choice."""


def ask_option(
    label: str,
    name: str,
    options: Sequence[_Option],
    current: _Option,
    on_new: Callable[[], None] | None = None,
    **looks: Any,
) -> _Option:
    """Draw a select box for the choice ``name``; ``on_new`` is called when the person picks another option."""
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
    """Draw a number input for the choice ``name``, whole if the bounds are; ``on_new`` as for ``ask_option``."""
    key = f"ask {name}"
    st.session_state[key] = current
    return st.number_input(label, least, most, key=key, on_change=_take, args=(name, key, on_new), **looks)


def ask_several(label: str, name: str, options: Sequence[str], current: Sequence[str], **looks: Any) -> list[str]:
    """Draw pills of which several can be on; the choice ``name`` joins them by SEPARATOR."""
    key = f"ask {name}"
    st.session_state[key] = list(current)
    return st.pills(label, options, key=key, selection_mode="multi", on_change=_take_several, args=(name, key), **looks)


def go_button(label: str, is_possible: bool, go: Callable[..., None], *arguments: Any, **looks: Any) -> None:
    """Draw a button that calls ``go(*arguments)`` before the screen is drawn again."""
    st.button(label, disabled=not is_possible, on_click=go, args=arguments, **looks)


def _take_several(name: str, key: str) -> None:
    url_state.forget_mismatches()
    url_state.choose(**{name: SEPARATOR.join(st.session_state[key])})


def _take(name: str, key: str, on_new: Callable[[], None] | None) -> None:
    url_state.forget_mismatches()
    url_state.choose(**{name: st.session_state[key]})
    if on_new is not None:
        on_new()
