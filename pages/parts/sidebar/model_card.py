"""The card of a model."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.parts.app.screen_kinds import screen_kind

__all__ = ["show_figures", "show_model_card"]


@st.dialog("About this model", width="large")
def show_model_card(card: Mapping[str, Any]) -> None:
    """Show a bundle's card: summary, figures, out-of-scope uses, inputs and data."""
    st.subheader(card["title"])
    st.write(card["summary"])
    show_figures(card)
    for heading, name in (
        ("Out of scope", "not_for"),
        ("Inputs", "preprocessing"),
        ("Data", "data"),
    ):
        st.markdown(f"**{heading}**\n" + "\n".join(f"- {line}" for line in card[name]))


def show_figures(card: Mapping[str, Any]) -> None:
    """Show the figures of a model on its test patients, from its card."""
    screen_kind(card["window"]["kind"]).show_figures(card)
