"""The Record screen: a whole record, its beats and their classes."""

import streamlit as st

from backend import workbench
from backend.charts.ecg import stretch_chart
from backend.charts.strip import strip_chart
from backend.models.summary import heart_rate_bpm
from pages.parts import link
from pages.parts.beat_table import choose_from_table
from pages.parts.choosing import choose_all
from pages.parts.drawing import artifacts_of, beat_marks, screen_theme, trace
from pages.parts.numbers import show_agreement, show_numbers
from pages.parts.stretch import step_through, stretch_shown, stretch_wanted

CHART_PX = 920

selection = choose_all()
link.write(selection.is_sample)
record, theme = selection.record, screen_theme()
with st.spinner("Finding and classifying the beats …"):
    beats = workbench.classified(record, selection.model, selection.lead)
    numbers = workbench.summary(record, selection.model, selection.lead)
show_numbers(record, selection.lead, numbers)
if not len(beats.windows.anchor):
    st.warning("No beat was found on this lead. Choose another lead on the left.")
    st.stop()

marks = beat_marks(record, beats)
left_out = artifacts_of(beats.beats.artifacts, selection.lead, record.sampling_rate)
start_s, end_s = stretch_shown(record, beats)
rates = heart_rate_bpm(beats.windows.anchor, record.sampling_rate)
strip = st.altair_chart(
    strip_chart(trace(record, selection.lead), marks, rates, left_out, (start_s, end_s), CHART_PX, theme),
    key=f"strip {record.digest} {selection.lead}",
    on_select="rerun",
    theme=None,
    width="content",
)
stretch_wanted(record, strip.selection.get("stretch", {}))
step_through(record, beats)
opened = st.altair_chart(
    stretch_chart([trace(record, selection.lead, start_s, end_s)], marks, left_out, None, CHART_PX, theme),
    key=f"paper {record.digest} {selection.lead}",
    on_select="rerun",
    theme=None,
    width="content",
)
st.caption("Drag along the strip to choose what is drawn on the paper. Click a beat to see what the model looked at.")
show_agreement(numbers)
picked = choose_from_table(record, beats)
for event in (strip, opened):
    for point in event.selection.get("beat", []):
        picked = int(point["beat"]) if "beat" in point else picked
if picked is not None:
    link.choose(beat=picked, target=None)
    st.switch_page("pages/beat.py")
