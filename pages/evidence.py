"""The Evidence screen: what a sceptic would ask of one model's explanations, and of the model itself."""

import streamlit as st

from backend import workbench
from pages.parts.app import url_state
from pages.parts.evidence.evidence_choice import choose_evidence, choose_evidence_model, read_evidence_of
from pages.parts.evidence.evidence_curves import draw_curves, draw_differences, draw_measures
from pages.parts.evidence.evidence_robustness import draw_sanity, draw_stability
from pages.parts.evidence.evidence_source import offer_tables, say_what_is_missing, show_source
from pages.parts.evidence.evidence_summary import say_what_k_deletes, show_summary
from pages.parts.evidence.evidence_waves import draw_waves
from pages.parts.sidebar.model_card import show_figures

model = choose_evidence_model()
choice = choose_evidence(model, read_evidence_of(model))
url_state.write_all()
url_state.show_mismatches()
if choice is None:
    st.subheader(f"What is known of {model}", anchor=False)
    say_what_is_missing(model)
else:
    title = st.container(horizontal=True, vertical_alignment="center")
    title.subheader(f"How far can the explanations of {model} be trusted?", width="content", anchor=False)
    title.space("stretch")
    room = title.empty()
    show_summary(choice)
    say_what_k_deletes(model)
    charts = draw_curves(choice) | draw_differences(choice) | draw_measures(choice)
    charts |= draw_waves(choice) | draw_sanity(choice) | draw_stability(choice)
    with room:
        offer_tables(choice, charts)
st.subheader("How good is the model itself?", anchor=False)
show_figures(workbench.model(model).card)
if choice is not None:
    show_source(choice)
