"""What frames every screen: the research-use notice, and margins that leave the room to the charts."""

import streamlit as st

__all__ = ["show_notice"]


_MARGINS = "<style>.stMainBlockContainer {padding: 4.2rem 1.5rem 2rem 1.5rem;}</style>"


def show_notice() -> None:
    """Say on every screen what Beatlight is not."""
    st.html(_MARGINS)
    st.caption(
        ":material/science: **For research and teaching only. Not a medical device:** nothing here may decide on the "
        "care of a patient."
    )
