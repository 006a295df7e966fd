"""Whether the score falls when what a technique marks is deleted: at each threshold, and at the same share for all."""

from typing import Any

import pandas as pd
import streamlit as st

from backend.charts.evidence.deletion_curves import plot_deletion_curves
from backend.charts.evidence.technique_dots import DotPanel, plot_technique_dots
from backend.charts.style.chart_width import FULL_PX
from backend.cohort.findings import RANDOM, compare_with_controls
from backend.cohort.plan import AROUND_R
from backend.explain.perturbation.baselines import CLASS_MEAN
from backend.explain.quality.faithfulness import SHARES
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.evidence.evidence_choice import EvidenceChoice, fill_in_words

__all__ = ["draw_curves", "draw_differences", "draw_measures"]

_BEYOND = (
    DotPanel(RANDOM, "more than as much deleted at random", ".1f", references=(0.0,)),
    DotPanel(AROUND_R, "more than as much deleted around the R peak", ".1f", references=(0.0,)),
)
_MEASURES = (
    DotPanel("comprehensiveness", "score lost without the most salient|more is better", ".1f"),
    DotPanel("sufficiency", "score lost with nothing else left|less is better", ".1f"),
    DotPanel("area", "area between putting back and taking away|more is better", ".1f"),
)

_WARNINGS = {
    CLASS_MEAN: (
        "  \nThe class's mean beat is a beat of the class: the model is often surer of it than of the beat itself, and "
        "the score may rise as all that is special goes. Look at the differences from the controls."
    )
}
"""What has to be known of some k."""


def draw_curves(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw the curves over the threshold; the chart by its name."""
    own = _chosen(choice.evidence.curves, choice)
    st.subheader("Does the score fall when the salient part is deleted?", anchor=False)
    st.markdown(f"**At each threshold**: {choice.beats_in_words}; deleted values become {fill_in_words(choice.fill)}")
    chart = plot_deletion_curves(own, choice.with_controls, FULL_PX, screen_theme())
    st.altair_chart(chart, theme=None, width="content")
    st.caption(
        "Of each beat all is deleted whose salience is **above the threshold α**: at 0 all that has any, near 1 only "
        "the most salient. The fall of the class's score (before the softmax) is multiplied by the share of the "
        "beat that is left, so that who deletes everything earns nothing: **higher is better**. Bands: 95 % intervals "
        "by bootstrap over patients, from five on. At one threshold techniques delete different shares (lower panel); "
        "the figures below delete the same share with all. A click on a name picks its line out. After van der "
        f"Westhuizen & Lasenby 2018, section 4.2.{_WARNINGS.get(choice.fill, '')}"
    )
    return {"drops over the threshold": chart}


def draw_differences(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw by how much each technique is beyond the controls; the chart by its name, none where it was not measured."""
    beyond = _chosen(compare_with_controls(choice.evidence.measures), choice).rename(columns={"control": "panel"})
    if beyond.empty:
        return {}
    chart = plot_technique_dots(beyond, _BEYOND, choice.with_controls, FULL_PX, screen_theme())
    st.markdown("**The same share deleted with every technique**: what it costs the score more than the controls do")
    st.altair_chart(chart, theme=None, width="content")
    st.caption(
        "The difference on the same beats, with 95 % intervals over patients: right of the dashed line the technique "
        "is better than the control. The summary above goes by this."
    )
    return {"differences from controls": chart}


def draw_measures(choice: EvidenceChoice) -> dict[str, Any]:
    """Draw comprehensiveness, sufficiency and area beside each other; the chart by its name."""
    own = _chosen(choice.evidence.measures, choice).rename(columns={"measure": "panel"})
    chart = plot_technique_dots(own, _MEASURES, choice.with_controls, FULL_PX, screen_theme())
    st.markdown("**The same share deleted with every technique**: each by itself")
    st.altair_chart(chart, theme=None, width="content")
    low, high = (f"{100 * share:.0f}" for share in (min(SHARES), max(SHARES)))
    st.caption(
        f"Left, **comprehensiveness**: the mean fall of the score when the most salient {low} to {high} % are deleted. "
        "Middle, **sufficiency**: the mean fall when all else is deleted. Right, **area** between the score as the "
        "most salient returns first to an empty beat, and as it goes first from the full one. All in units of the "
        "score. Where lines overlap one technique may still be better on nearly every beat, since beats differ more "
        "than techniques: only differences on the same beats tell."
    )
    return {"measures": chart}


def _chosen(table: pd.DataFrame, choice: EvidenceChoice) -> pd.DataFrame:
    """The rows of the chosen class and fill."""
    return table[(table["class"] == choice.class_name) & (table.fill == choice.fill)]
