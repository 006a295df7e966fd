"""The Compare screen: the salience of one beat, alarm or stay by several techniques."""

import streamlit as st

from backend import workbench
from pages.parts.app import url_state
from pages.parts.app.downloads import offer_comparison
from pages.parts.app.screen_kinds import screen_kind
from pages.parts.compare.closer_look import choose_row, known_stabilities, show_closer_look
from pages.parts.compare.compared_rows import explain_learned, explain_quick, known
from pages.parts.compare.comparison_charts import describe_rows, draw_agreement, draw_comparison, keep_room
from pages.parts.compare.comparison_choice import choose_comparison, choose_kind

window = screen_kind(choose_kind()).open_compared()
choices, download = st.columns([5.2, 1], gap="small", vertical_alignment="bottom")
with choices:
    comparison = choose_comparison(window)
url_state.write_comparison(window.reading)
room = keep_room()
explain_quick(window, comparison, room)
compared = known(window, comparison)
describe_rows(window, comparison, room)
chart = draw_comparison(window, comparison, compared, choose_row(comparison))
wide, narrow = st.columns([1.35, 1], gap="medium")
with wide:
    agreement = draw_agreement(window, compared)
with narrow:
    show_closer_look(window, comparison, compared)
with download:
    chance = workbench.by_chance(window.reading, window.number, comparison.target, comparison.fill)
    charts = {"comparison": chart, "agreement": agreement}
    stabilities = known_stabilities(window, comparison)
    results = list(compared.values())
    offer_comparison(
        window.reading, window.number, comparison.target, results, comparison.fill, chance, stabilities, charts
    )
explain_learned(window, comparison, room)
