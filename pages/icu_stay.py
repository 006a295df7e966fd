"""The ICU stay screen: the risk of death in hospital, and the charted values behind it."""

import streamlit as st

from backend import workbench
from backend.records.stays import apply_edits
from pages.parts.app import url_state
from pages.parts.app.downloads import offer_downloads
from pages.parts.explanation.explanation_choice import choose_explanation, explain_window
from pages.parts.explanation.variable_importance import show_pairs, show_ranking
from pages.parts.stay.parameter_names import LABELS
from pages.parts.stay.stay_courses import by_weight, courses_of
from pages.parts.stay.stay_grid import draw_grid
from pages.parts.stay.stay_reading import choose_stay
from pages.parts.stay.stay_risk import draw_risk, show_risk
from pages.parts.stay.stay_text import CLASSIFYING
from pages.parts.stay.stay_variable import choose_variable, draw_variable, show_variable
from pages.parts.stay.stay_what_if import show_what_if

reading = choose_stay()
bundle = workbench.model(reading.model)
with st.spinner(CLASSIFYING):
    workbench.classified(reading)
choices, download = st.columns([5.2, 1], gap="small", vertical_alignment="bottom")
with choices:
    choice = choose_explanation(reading, 0)
progress_room = st.empty()
wide, narrow = st.columns([2.3, 1], gap="medium")
with narrow:
    show_risk(reading)
with wide:
    risk_chart = draw_risk(reading)
salience = explain_window(reading, 0, choice, progress_room)
ranked = workbench.ranking(reading, 0, salience.target, salience.parameters.get("fill"))
courses = courses_of(apply_edits(reading.record, reading.edits), bundle, salience)
order = by_weight(ranked, courses)
variable = choose_variable(order)
url_state.write(reading)
grid = draw_grid(reading, courses, order, variable)
wide, narrow = st.columns([2.3, 1], gap="medium")
with wide:
    as_charted = courses_of(reading.record, bundle, salience).get(variable)
    course_chart = draw_variable(reading, variable, order, courses.get(variable), as_charted)
with narrow:
    show_what_if(reading, variable, courses.get(variable))
bars, pairs = st.columns([0.94, 1.06], gap="medium")
with bars:
    importance_chart = show_ranking(reading, 0, salience, LABELS, 430, show_variable)
with pairs:
    show_pairs(reading, 0, salience, LABELS)
with download:
    charts = {"risk": risk_chart, "charted values": grid, "ranking": importance_chart}
    charts |= {} if course_chart is None else {LABELS[variable]: course_chart}
    offer_downloads(reading, 0, salience, charts)
