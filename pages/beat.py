"""The Beat screen: one beat, what the model says of it, and what it looked at."""

import streamlit as st

from backend import workbench
from pages.parts import link
from pages.parts.beat_choice import choose_beat
from pages.parts.choosing import choose_all
from pages.parts.downloads import offer_downloads
from pages.parts.explained_beat import draw_beat, draw_over_time
from pages.parts.explaining import choose_explanation, explained
from pages.parts.judgement import show_judgement, show_what_if
from pages.parts.sharing import show_shares

selection = choose_all()
with st.spinner("Finding and classifying the beats …"):
    beats = workbench.classified(selection.record, selection.model, selection.lead)
number = choose_beat(selection.record, beats)
choices, download = st.columns([5.2, 1], gap="small", vertical_alignment="bottom")
with choices:
    wanted = choose_explanation(selection, beats, number)
link.write(selection.is_sample)
about_technique = st.empty()
wide, narrow = st.columns([2.3, 1], gap="medium")
with narrow:
    show_judgement(selection, beats, number)
with wide:
    salience = explained(selection, number, wanted, about_technique)
    beat_chart, deleted_s = draw_beat(selection, beats, number, salience)
    time_chart = draw_over_time(selection, beats, number)
with narrow:
    show_what_if(selection, beats, number, salience.target, deleted_s)
    show_shares(selection, beats, number, salience)
with download:
    offer_downloads(selection, beats, number, salience, {"beat": beat_chart, "scores over time": time_chart})
