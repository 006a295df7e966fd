"""The Record screen: a whole record, its beats and their classes."""

import streamlit as st

from backend import workbench
from pages.parts.app import url_state
from pages.parts.app.downloads import offer_beats
from pages.parts.app.navigation import go_to_opened_beat
from pages.parts.beat.beat_reading import choose_beats
from pages.parts.record.beat_table import show_beat_table
from pages.parts.record.correction_tools import draw_tools, switch_correcting
from pages.parts.record.error_table import show_errors
from pages.parts.record.record_charts import draw_correcting, draw_stretch, draw_strip
from pages.parts.record.record_numbers import show_agreement, show_numbers, show_title
from pages.parts.record.record_text import CLASSIFYING
from pages.parts.record.stretch import step_through

reading = choose_beats()
go_to_opened_beat()
url_state.write(reading)
title = show_title(reading.record)
with title, st.spinner(CLASSIFYING):
    beats = workbench.classified(reading)
    numbers = workbench.summary(reading)
with title:
    st.space("stretch")
    is_correcting = switch_correcting()
    offer_beats(reading, beats)
agreement = numbers.agreement
show_numbers(reading, beats.beats.lead, numbers)
strip_room = st.container()
step_through(reading.record, beats, agreement)
if is_correcting:
    draw_tools(reading)
    draw_correcting(reading, beats, agreement)
else:
    draw_stretch(reading, beats, agreement)
with strip_room:
    # Drawn last: a person correcting beats waits for the paper.
    draw_strip(reading, beats, agreement)
show_errors(reading, agreement)
if len(beats.windows.anchor):
    show_agreement(numbers)
    show_beat_table(reading.record, beats)
