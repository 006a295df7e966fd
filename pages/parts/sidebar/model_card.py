"""What there is to know of a model before believing it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.parts.app.screen_kinds import screen_kind

__all__ = ["show_figures", "show_model_card"]


@st.dialog("About this model", width="large")
def show_model_card(card: Mapping[str, Any]) -> None:
    """Show a bundle's card: what it is, how good, for whom, and what it must not be used for."""
    st.subheader(card["title"])
    st.write(card["summary"])
    show_figures(card)
    for heading, name in (
        ("It must not be used for", "not_for"),
        ("What it reads", "preprocessing"),
        ("Data", "data"),
    ):
        st.markdown(f"**{heading}**\n" + "\n".join(f"- {line}" for line in card[name]))


def show_figures(card: Mapping[str, Any]) -> None:
    """Show how good a model is on patients that it was not trained on, as its card has it."""
    screen_kind(card["window"]["kind"]).show_figures(card)
