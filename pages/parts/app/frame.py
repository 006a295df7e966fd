"""The frame of every screen: name, research-use notice and narrow margins."""

import streamlit as st

__all__ = ["frame_screen", "require_frame", "screens"]

_STYLE = """<style>
.stMainBlockContainer {padding: 4rem 1.5rem 2rem 1.5rem; max-width: 1030px; margin-right: auto;}
[data-testid="stMetricValue"] {font-size: 1.5rem;}
[data-testid="stSidebarHeader"] {margin-bottom: 0;}
[data-testid="stSidebarUserContent"] {padding-left: 0; padding-right: 0;}
</style>"""

# A colour that both backgrounds carry: an image knows nothing of the theme.
_NAME = """<svg xmlns="http://www.w3.org/2000/svg" width="150" height="28" viewBox="0 0 150 28">
<path d="M1 16h7l2-4 2 4h3l2-13 3 22 3-12 2 3h7" fill="none" stroke="#C83E73" stroke-width="2.2"
 stroke-linejoin="round" stroke-linecap="round"/>
<text x="42" y="21" font-family="Source Sans, Liberation Sans, DejaVu Sans, sans-serif" font-size="21"
 font-weight="600" fill="#C83E73">Beatlight</text>
</svg>"""


def screens() -> list[st.Page]:
    """Return all screens, the default first."""
    return [
        st.Page("pages/record.py", title="Record", icon=":material/monitor_heart:", default=True),
        st.Page("pages/beat.py", title="Beat", icon=":material/ecg_heart:"),
        st.Page("pages/icu_alarm.py", title="ICU alarm", icon=":material/notifications_active:"),
        st.Page("pages/icu_stay.py", title="ICU stay", icon=":material/bed:"),
        st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("pages/evidence.py", title="Evidence", icon=":material/fact_check:"),
    ]


def frame_screen() -> None:
    """Draw the name and the research-use notice."""
    st.session_state.framed = True
    st.html(_STYLE)
    st.logo(_NAME)
    st.caption(
        ":material/science: **For research and teaching only. Not a medical device:** do not use it for decisions on "
        "the care of patients."
    )


def require_frame() -> None:
    """Start again from app.py if a screen was opened without its frame.

    A server whose first visitor follows a link to a screen takes the folder ``pages`` for Streamlit's older
    navigation, which runs the screen's file alone. Any call of ``st.navigation`` corrects this.
    """
    if "framed" not in st.session_state:
        st.navigation(screens(), position="hidden")
        st.rerun()
