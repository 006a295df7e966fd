"""Beatlight: navigation, page set-up and the research-use notice."""

import streamlit as st

from pages.parts.app.frame import frame_screen, screens

st.set_page_config(page_title="Beatlight", page_icon=":material/ecg_heart:", layout="wide", initial_sidebar_state=280)

screen = st.navigation(screens(), position="top")
frame_screen()
screen.run()
