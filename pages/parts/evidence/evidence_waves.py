"""The salience of each technique by wave, and its agreement with the waves that cardiologists expect."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from backend.charts.evidence.technique_dots import DotPanel, plot_technique_dots
from backend.charts.style.chart_width import FULL_PX
from backend.charts.style.technique_styles import technique_style
from backend.cohort.evidence import ALL, AROUND_R
from backend.cohort.findings import PartComparison, compare_with_time, list_techniques
from backend.explain.quality.wave_agreement import EXPECTATION_SOURCE, EXPECTED, QRS_PARTS
from backend.explain.quality.wave_shares import SEGMENTS
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.evidence import evidence_text
from pages.parts.evidence.evidence_choice import EvidenceChoice

__all__ = ["draw_waves"]

_TICKS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_MOST_TICKS = 3


def draw_waves(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw the shares of the salience beside those of the time, and the expected waves; return the charts by name."""
    shares = choice.evidence.shares
    chosen = shares[shares["class"] == choice.class_name]
    st.subheader(evidence_text.WAVES_TITLE, anchor=False)
    if chosen.empty:
        st.caption(evidence_text.no_correct_beats(choice.class_name))
        return {}
    st.markdown(evidence_text.WAVE_SHARES_TITLE, help=evidence_text.WAVES_HELP)
    charts = {"wave shares": _draw(chosen, SEGMENTS, choice)}
    if set(QRS_PARTS) & set(chosen.segment):
        st.markdown(evidence_text.QRS_SHARES_TITLE)
        charts["shares within QRS"] = _draw(chosen, QRS_PARTS, choice)
    _show_expected(choice)
    return charts


def _draw(rows: pd.DataFrame, parts: Sequence[str], choice: EvidenceChoice) -> Any:
    time_shares = rows.groupby("segment").time_share.mean()
    known = rows[rows.segment.isin(parts)].dropna(subset=["share"])
    most = min(1.0, 1.05 * max(known.high.max(), known.share.max(), time_shares[known.segment].max()))
    panels = [
        DotPanel(part, part, ".0%", (float(time_shares[part]),), (0.0, most), _ticks(most))
        for part in parts
        if part in set(known.segment)
    ]
    table = known.rename(columns={"segment": "panel", "share": "value"})
    chart = plot_technique_dots(table, panels, choice.with_controls, FULL_PX, screen_theme())
    st.altair_chart(chart, theme=None, width="content")
    return chart


def _ticks(most: float) -> tuple[float, ...]:
    """Return at most three ticks from 0, so that those of neighbouring panels do not meet."""
    step = next((step for step in _TICKS[1:] if (_MOST_TICKS - 0.4) * step >= most), _TICKS[-1])
    return tuple(tick * step for tick in range(_MOST_TICKS) if tick * step <= most)


def _show_expected(choice: EvidenceChoice) -> None:
    """Draw the expected waves, and how many hold more of each technique's salience than of the time."""
    shares = choice.evidence.shares
    classes = [name for name in EXPECTED if name in set(shares["class"])]
    if not classes:
        return
    shown = [name for name in classes if choice.class_name in (name, ALL)] or classes
    limits = EXPECTED[shown[0]].limit if len(shown) == 1 else ""
    st.markdown(evidence_text.EXPECTED_TITLE, help=evidence_text.expected_help(limits, EXPECTATION_SOURCE))
    st.table(_expected_table(choice, classes), border="horizontal", hide_index=True)
    with st.expander("Expected waves"):
        lines = [f"- **{name}**: {EXPECTED[name].words} ({', '.join(EXPECTED[name].parts)})." for name in shown]
        st.markdown("\n".join(lines))


def _expected_table(choice: EvidenceChoice, classes: Sequence[str]) -> pd.DataFrame:
    names = (*list_techniques(choice.evidence), AROUND_R)
    columns = {
        class_name: [
            _count_expected(compare_with_time(choice.evidence.shares, name, class_name, EXPECTED[class_name].parts))
            for name in names
        ]
        for class_name in classes
    }
    return pd.DataFrame({"technique": [technique_style(name).label for name in names], **columns})


def _count_expected(comparison: PartComparison) -> str:
    if not comparison.n_compared:
        return "–"
    less = f", less on {', '.join(comparison.less)}" if comparison.less else ""
    return f"{len(comparison.more)} of {comparison.n_compared}{less}"
