"""The Record screen: a whole record, its beats and their classes."""

import streamlit as st

from backend import workbench
from pages.parts import link
from pages.parts.beat_table import show_beat_table
from pages.parts.choosing import choose_all
from pages.parts.numbers import show_agreement, show_numbers
from pages.parts.opening import go_to_opened_beat
from pages.parts.record_drawing import draw_stretch, draw_strip
from pages.parts.stretch import step_through

selection = choose_all()
go_to_opened_beat()
link.write(selection.is_sample)
with st.spinner("Finding and classifying the beats …"):
    beats = workbench.classified(selection.record, selection.model, selection.lead)
    numbers = workbench.summary(selection.record, selection.model, selection.lead)
show_numbers(selection.record, selection.lead, numbers)
draw_strip(selection, beats)
step_through(selection.record, beats)
draw_stretch(selection, beats)
if len(beats.windows.anchor):
    show_agreement(numbers)
    show_beat_table(selection.record, beats)
