"""The score reduction when salient steps are deleted: over the threshold, and at the same share for all."""

from typing import Any

import pandas as pd
import streamlit as st

from backend.charts.evidence.deletion_curves import plot_deletion_curves
from backend.charts.evidence.technique_dots import DotPanel, plot_technique_dots
from backend.charts.style.chart_width import FULL_PX
from backend.cohort.findings import RANDOM, compare_with_controls
from backend.cohort.plan import AROUND_R
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.evidence import evidence_text
from pages.parts.evidence.evidence_choice import EvidenceChoice

__all__ = ["draw_curves", "draw_differences", "draw_measures"]

_BEYOND = (
    DotPanel(RANDOM, evidence_text.BEYOND_RANDOM, ".1f", references=(0.0,)),
    DotPanel(AROUND_R, evidence_text.BEYOND_AROUND_R, ".1f", references=(0.0,)),
)
_MEASURES = tuple(DotPanel(name, title, ".1f") for name, title in evidence_text.MEASURE_PANELS.items())


def draw_curves(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw the curves over the threshold, and return the chart by its name."""
    rows = _chosen(choice.evidence.curves, choice)
    st.subheader(evidence_text.DELETION_TITLE, anchor=False)
    st.markdown(evidence_text.CURVES_TITLE, help=evidence_text.curves_help(choice.fill))
    chart = plot_deletion_curves(rows, choice.with_controls, FULL_PX, screen_theme())
    st.altair_chart(chart, theme=None, width="content")
    return {"drops over the threshold": chart}


def draw_differences(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw the score reduction of each technique beyond the controls, and return the chart by its name, if measured."""
    beyond = _chosen(compare_with_controls(choice.evidence.measures), choice).rename(columns={"control": "panel"})
    if beyond.empty:
        return {}
    chart = plot_technique_dots(beyond, _BEYOND, choice.with_controls, FULL_PX, screen_theme())
    st.markdown(evidence_text.DIFFERENCES_TITLE, help=evidence_text.DIFFERENCES_HELP)
    st.altair_chart(chart, theme=None, width="content")
    return {"differences from controls": chart}


def draw_measures(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw comprehensiveness, sufficiency and area, and return the chart by its name."""
    rows = _chosen(choice.evidence.measures, choice).rename(columns={"measure": "panel"})
    chart = plot_technique_dots(rows, _MEASURES, choice.with_controls, FULL_PX, screen_theme())
    st.markdown(evidence_text.MEASURES_TITLE, help=evidence_text.MEASURES_HELP)
    st.altair_chart(chart, theme=None, width="content")
    return {"measures": chart}


def _chosen(table: pd.DataFrame, choice: EvidenceChoice) -> pd.DataFrame:
    """Return the rows of the chosen class and baseline value."""
    return table[(table["class"] == choice.class_name) & (table.fill == choice.fill)]
