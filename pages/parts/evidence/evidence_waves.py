"""On which waves of the beat each technique's salience lies, beside what a cardiologist looks at."""

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
from pages.parts.evidence.evidence_choice import EvidenceChoice

__all__ = ["draw_waves"]

_TICKS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_MOST_TICKS = 3


def draw_waves(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw the shares of salience beside the shares of time, and what was expected; the charts by name."""
    shares = choice.evidence.shares
    own = shares[shares["class"] == choice.class_name]
    st.subheader("Where do the techniques look?", anchor=False)
    if own.empty:
        st.caption(f"Not measured: the model names none of these right: {choice.beats_in_words}.")
        return {}
    st.markdown(f"**Share of the salience on each wave**: {choice.named_right_in_words}")
    charts = {"wave shares": _draw(own, SEGMENTS, choice)}
    if set(QRS_PARTS) & set(own.segment):
        st.markdown("**Within QRS**, where the beat has these parts")
        charts["shares within QRS"] = _draw(own, QRS_PARTS, choice)
    st.caption(
        "Dashed: the part's share of the time, which is what it would get from a technique that looks everywhere "
        "alike. Lines: 95 % intervals by bootstrap over patients, from five on. Techniques that tell for from against "
        "share out what speaks for the class, the others all above their least value: compare each with the dashed "
        "line and the controls, rather than with each other."
    )
    _show_expected(choice)
    return charts


def _draw(own: pd.DataFrame, parts: Sequence[str], choice: EvidenceChoice) -> Any:
    time_shares = own.groupby("segment").time_share.mean()
    known = own[own.segment.isin(parts)].dropna(subset=["share"])
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
    """At most three, from 0 on, so that those of neighbouring panels do not meet."""
    step = next((step for step in _TICKS[1:] if (_MOST_TICKS - 0.4) * step >= most), _TICKS[-1])
    return tuple(tick * step for tick in range(_MOST_TICKS) if tick * step <= most)


def _show_expected(choice: EvidenceChoice) -> None:
    """What a cardiologist would look at, and which techniques point there for more than the share of the time."""
    shares = choice.evidence.shares
    classes = [name for name in EXPECTED if name in set(shares["class"])]
    if not classes:
        return
    st.markdown(
        "**Is it where a cardiologist looks?** Of the parts that a cardiologist was expected to look at, how many hold "
        "more of the salience than of the time"
    )
    own = [name for name in classes if choice.class_name in (name, ALL)]
    wanted = [f"- **{name}**: {EXPECTED[name].words} ({', '.join(EXPECTED[name].parts)})." for name in own or classes]
    st.markdown("\n".join(wanted))
    st.table(_expected_table(choice, classes), border="horizontal", hide_index=True)
    limits = EXPECTED[own[0]].limit if len(own) == 1 else ""
    st.caption(
        "A part counts where the whole 95 % interval lies above its share of the time; *less* where it lies below; –: "
        "no interval. *Around the R peak* never asked the model: a count like its own proves nothing. "
        f"{limits} Nothing was said of other classes. After {EXPECTATION_SOURCE}."
    )


def _expected_table(choice: EvidenceChoice, classes: Sequence[str]) -> pd.DataFrame:
    names = (*list_techniques(choice.evidence), AROUND_R)
    columns = {
        class_name: [
            _in_words(compare_with_time(choice.evidence.shares, name, class_name, EXPECTED[class_name].parts))
            for name in names
        ]
        for class_name in classes
    }
    return pd.DataFrame({"technique": [technique_style(name).label for name in names], **columns})


def _in_words(looked: PartComparison) -> str:
    if not looked.n_compared:
        return "–"
    less = f", less on {', '.join(looked.less)}" if looked.less else ""
    return f"{len(looked.more)} of {looked.n_compared}{less}"
