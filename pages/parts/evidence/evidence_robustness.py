"""Whether a salience depends on what the model learned, and whether it stays the same when little changes."""

from typing import Any

import streamlit as st

from backend.charts.evidence.randomisation_curves import plot_randomisation_curves
from backend.charts.evidence.technique_dots import DotPanel, plot_technique_dots
from backend.charts.evidence.verdict_bars import plot_verdict_bars
from backend.charts.style.chart_width import FULL_PX
from backend.cohort.findings import SIMILAR_FROM
from backend.explain.quality.verdict import MODERATE_FROM, STABLE_FROM, VERDICT_LABELS
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.evidence.evidence_choice import EvidenceChoice

__all__ = ["draw_sanity", "draw_stability"]

_VARIATIONS = {
    "seed": "another seed",
    "l1": "other price l1",
    "l2": "other price l2",
    "width": "another width",
    "fill": "another k",
    "shift": "beat shifted",
    "noise": "a little noise",
}
_LIKENESS = (0.0, 0.5, 1.0)


def draw_sanity(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw the likeness to the real salience as the network is randomised; the chart by its name."""
    sanity = choice.evidence.sanity[choice.evidence.sanity.technique.isin(choice.techniques)]
    if sanity.empty:
        return {}
    st.subheader("Does it depend on what the model learned?", anchor=False)
    chart = plot_randomisation_curves(sanity, choice.techniques, SIMILAR_FROM, FULL_PX, screen_theme())
    st.altair_chart(chart, theme=None, width="content")
    st.caption(
        "The network's weights are drawn anew at random, from the read-out down. A technique that explains the model "
        "must then show something else: **its line should fall to 0**. One that stays high shows the shape of the "
        f"beat rather than the model's reasons; above {SIMILAR_FROM} (dashed) we call it failed, which is our limit: "
        f"the authors give none. Mean over {_count(sanity)} beats, bands as above, "
        "with one draw of the weights: another one can move the first stage by 0.5 and more, the last by 0.1 to 0.2. "
        "After Adebayo et al. 2018."
    )
    return {"sanity": chart}


def draw_stability(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw the verdicts over the beats, and the correlations behind them; the charts by name."""
    verdicts, stability = (
        table[table.technique.isin(choice.techniques)]
        for table in (choice.evidence.verdicts, choice.evidence.stability)
    )
    if verdicts.empty:
        return {}
    theme = screen_theme()
    st.subheader("Does it stay the same when little changes?", anchor=False)
    st.markdown("**Share of the beats with each verdict**, as the other screens give it for one beat")
    labelled = verdicts.assign(verdict=verdicts.verdict.map(VERDICT_LABELS))
    bars = plot_verdict_bars(labelled, tuple(VERDICT_LABELS.values()), choice.techniques, FULL_PX, theme)
    st.altair_chart(bars, theme=None, width="content")
    st.caption(
        f"**Stable**: with every change, not noise alone, the rank correlation stays at {STABLE_FROM} or above. **Not "
        f"stable**: with one it falls below {MODERATE_FROM}, or deleting what is marked costs the score "
        f"no more than chance does. Of {_count(verdicts)} beats. Both limits are our own, and were set looking at some "
        "beats of these same patients: this is no blind test."
    )
    st.markdown("**What the verdicts rest on**: rank correlation with the salience before the change")
    panels = [_panel(name, stability.low.min()) for name in dict.fromkeys(stability.variation)]
    table = stability.rename(columns={"variation": "panel", "correlation": "value"})
    dots = plot_technique_dots(table, panels, choice.techniques, FULL_PX, theme)
    st.altair_chart(dots, theme=None, width="content")
    st.caption(
        f"1 is the same order of all steps, 0 none in common. Dots: median over {_count(verdicts)} beats; lines from "
        "the 10th to the 90th percentile of beats. Each technique is varied in what it has: the random numbers that it "
        "begins with, the prices of fading (l1) and of fading unevenly (l2), the width of what is hidden. For all, the "
        "beat is moved by up to 5 samples in what the model reads, and a little noise is added. Another k asks another "
        "question and does not count in the verdict."
    )
    return {"verdicts": bars, "stability": dots}


def _panel(name: str, least: float) -> DotPanel:
    return DotPanel(name, _VARIATIONS.get(name, name), ".1f", (), (min(0.0, least) - 0.05, 1.02), _LIKENESS)


def _count(table: Any) -> str:
    return f"{int(table.n.max()):,}" if len(table) else "no"
