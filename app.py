"""Beatlight: navigation, page set-up and the research-use notice."""

import streamlit as st

from pages.parts.frame import frame_screen

st.set_page_config(page_title="Beatlight", page_icon=":material/ecg_heart:", layout="wide", initial_sidebar_state=280)

screen = st.navigation(
    [
        st.Page("pages/record.py", title="Record", icon=":material/monitor_heart:", default=True),
        st.Page("pages/beat.py", title="Beat", icon=":material/ecg_heart:"),
    ],
    position="top",
)
frame_screen()
screen.run()
