"""The Compare screen: one beat, alarm or stay, and what every technique finds salient in it."""

import streamlit as st

from backend import workbench
from pages.parts import link
from pages.parts.closer_look import choose_row, known_stabilities, show_closer_look
from pages.parts.compared_kinds import open_compared
from pages.parts.compared_rows import explain_learned, explain_quick, known
from pages.parts.comparing import choose_comparison, choose_kind
from pages.parts.comparison_drawing import draw_agreement, draw_comparison, keep_room, tell_how_to_read
from pages.parts.downloads import offer_comparison

window = open_compared(choose_kind())
choices, download = st.columns([5.2, 1], gap="small", vertical_alignment="bottom")
with choices:
    comparison = choose_comparison(window)
link.write_comparison(window.reading)
room = keep_room()
explain_quick(window, comparison, room)
compared = known(window, comparison)
tell_how_to_read(window, comparison, room)
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
    offer_comparison(
        window.reading, window.number, list(compared.values()), comparison.fill, chance, stabilities, charts
    )
explain_learned(window, comparison, room)
