"""The similarity of the salience after randomisation of the network, and its stability."""

from typing import Any

import streamlit as st

from backend.charts.evidence.randomisation_curves import plot_randomisation_curves
from backend.charts.evidence.technique_dots import DotPanel, plot_technique_dots
from backend.charts.evidence.verdict_bars import plot_verdict_bars
from backend.charts.style.chart_width import FULL_PX
from backend.cohort.findings import SIMILAR_FROM
from backend.explain.quality.verdict import VERDICT_LABELS
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.evidence import evidence_text
from pages.parts.evidence.evidence_choice import EvidenceChoice

__all__ = ["draw_randomisation", "draw_stability"]

_SIMILARITIES = (0.0, 0.5, 1.0)


def draw_randomisation(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw the similarity to the original salience as the network is randomised, and return the chart by its name."""
    sanity = choice.evidence.sanity[choice.evidence.sanity.technique.isin(choice.techniques)]
    if sanity.empty:
        return {}
    st.subheader(evidence_text.RANDOMISATION_TITLE, anchor=False, help=evidence_text.randomisation_help(_count(sanity)))
    chart = plot_randomisation_curves(sanity, choice.techniques, SIMILAR_FROM, FULL_PX, screen_theme())
    st.altair_chart(chart, theme=None, width="content")
    return {"sanity": chart}


def draw_stability(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw the verdicts over the beats and the correlations behind them, and return the charts by name."""
    verdicts, stability = (
        table[table.technique.isin(choice.techniques)]
        for table in (choice.evidence.verdicts, choice.evidence.stability)
    )
    if verdicts.empty:
        return {}
    theme = screen_theme()
    st.subheader(evidence_text.STABILITY_TITLE, anchor=False)
    st.markdown(evidence_text.VERDICTS_TITLE, help=evidence_text.stability_help(_count(verdicts)))
    labelled = verdicts.assign(verdict=verdicts.verdict.map(VERDICT_LABELS))
    bars = plot_verdict_bars(labelled, tuple(VERDICT_LABELS.values()), choice.techniques, FULL_PX, theme)
    st.altair_chart(bars, theme=None, width="content")
    st.markdown(evidence_text.CORRELATIONS_TITLE, help=evidence_text.correlations_help(_count(verdicts)))
    panels = [_panel(name, stability.low.min()) for name in dict.fromkeys(stability.variation)]
    table = stability.rename(columns={"variation": "panel", "correlation": "value"})
    dots = plot_technique_dots(table, panels, choice.techniques, FULL_PX, theme)
    st.altair_chart(dots, theme=None, width="content")
    return {"verdicts": bars, "stability": dots}


def _panel(name: str, least: float) -> DotPanel:
    return DotPanel(
        name, evidence_text.VARIATIONS.get(name, name), ".1f", (), (min(0.0, least) - 0.05, 1.02), _SIMILARITIES
    )


def _count(table: Any) -> str:
    return f"{int(table.n.max()):,}" if len(table) else "no"
