"""The research-use notice."""

import streamlit as st

__all__ = ["show_notice"]


def show_notice() -> None:
    """Say on every screen what Beatlight is not."""
    st.caption(
        ":material/science: **For research and teaching only. Not a medical device:** nothing here may decide on the "
        "care of a patient."
    )
