"""The Evidence screen: how faithful and stable the explanations of one model are, and its performance."""

import streamlit as st

from backend import workbench
from pages.parts.app import url_state
from pages.parts.evidence.evidence_choice import choose_evidence, choose_evidence_model, read_evidence_of
from pages.parts.evidence.evidence_curves import draw_curves, draw_differences, draw_measures
from pages.parts.evidence.evidence_robustness import draw_randomisation, draw_stability
from pages.parts.evidence.evidence_source import offer_tables, show_missing_evidence, show_source
from pages.parts.evidence.evidence_summary import show_summary
from pages.parts.evidence.evidence_text import MODEL_FIGURES, screen_title
from pages.parts.evidence.evidence_waves import draw_waves
from pages.parts.sidebar.model_card import show_figures

model = choose_evidence_model()
choice = choose_evidence(model, read_evidence_of(model))
url_state.write_all()
url_state.show_mismatches()
if choice is None:
    st.subheader(screen_title(model), anchor=False)
    show_missing_evidence(model)
else:
    title = st.container(horizontal=True, vertical_alignment="center")
    title.subheader(screen_title(model), width="content", anchor=False)
    title.space("stretch")
    room = title.empty()
    show_summary(choice)
    charts = draw_curves(choice) | draw_differences(choice) | draw_measures(choice)
    charts |= draw_waves(choice) | draw_randomisation(choice) | draw_stability(choice)
    with room:
        offer_tables(choice, charts)
st.subheader(MODEL_FIGURES, anchor=False)
show_figures(workbench.model(model).card)
if choice is not None:
    show_source(choice)
