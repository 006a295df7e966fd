"""The Beat screen: one beat, its predicted class and the salience behind it."""

import streamlit as st

from backend import workbench
from pages.parts.app import url_state
from pages.parts.app.downloads import offer_downloads
from pages.parts.beat.beat_charts import draw_beat, draw_over_time
from pages.parts.beat.beat_choice import choose_beat
from pages.parts.beat.beat_intervals import show_intervals
from pages.parts.beat.beat_prediction import show_prediction, show_what_if
from pages.parts.beat.beat_reading import choose_beats
from pages.parts.beat.wave_shares import show_shares
from pages.parts.explanation.explanation_choice import choose_explanation, explain_window
from pages.parts.record.record_text import CLASSIFYING

reading = choose_beats()
with st.spinner(CLASSIFYING):
    beats = workbench.classified(reading)
number = choose_beat(reading.record, beats)
choices, download = st.columns([5.2, 1], gap="small", vertical_alignment="bottom")
with choices:
    choice = choose_explanation(reading, number)
url_state.write(reading)
progress_room = st.empty()
wide, narrow = st.columns([2.3, 1], gap="medium")
with narrow:
    show_prediction(reading, beats, number)
with wide:
    salience = explain_window(reading, number, choice, progress_room)
    beat_chart, deleted_s = draw_beat(reading, beats, number, salience)
    time_chart = draw_over_time(reading, beats, number)
    show_intervals(reading, beats, number)
with narrow:
    show_what_if(reading, beats, number, salience, deleted_s)
    show_shares(reading, beats, number, salience)
with download:
    charts = {"beat": beat_chart, "scores over time": time_chart}
    offer_downloads(reading, number, salience, charts)
