"""The risk of death in hospital: in words, and as it stands after each hour."""

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.stay.mortality_risk import plot_mortality_risk
from backend.charts.style.chart_width import WIDE_PX
from backend.charts.style.number_format import format_percent
from backend.models.bundle import Bundle
from backend.models.thresholds import decision_threshold, uncertain_band
from backend.workbench import StayReading
from pages.parts.app.chart_inputs import screen_theme

__all__ = ["draw_risk", "show_risk"]

_DEATH = "death"
_LEAST_POINTS = 0.05


def show_risk(reading: StayReading) -> None:
    """The final figure with what it means, its doubts, and how the stay ended."""
    bundle, stay = workbench.model(reading.model), workbench.classified(reading)
    risk = _risks(reading)[-1]
    change, looks = _change_in_words(reading, risk)
    st.metric("Risk of death in hospital", format_percent(risk), change, **looks)
    outcome = stay.windows.reference[0] if stay.windows.reference else ""
    st.markdown(f"Model: **{stay.scores.labels[0]}**  \nOutcome: **{outcome or 'not known'}**")
    if stay.disagreement[0]:
        st.badge("model and outcome disagree", icon=":material/warning:", color="orange")
    if stay.scores.is_ood[0]:
        st.warning("This stay is **unlike the training data** of the model: rely neither on its risk nor on why.")
    elif stay.scores.is_uncertain[0]:
        low, high = uncertain_band(bundle, _DEATH)
        st.info(f"The model is **uncertain**, as always between {format_percent(low)} and {format_percent(high)}.")
    st.caption(_named_in_words(bundle, risk, stay.windows.values.shape[1]))


def _change_in_words(reading: StayReading, risk: float) -> tuple[str | None, dict[str, Any]]:
    """What the person's changes made of the risk, and how a metric shows it."""
    if not reading.edits:
        return None, {}
    was = _risks(replace(reading, edits=()))[-1]
    points = 100 * (risk - was)
    if abs(points) < _LEAST_POINTS:
        return f"no other than the {format_percent(was)} as charted", {"delta_color": "off", "delta_arrow": "off"}
    return f"{points:+.1f} points: {format_percent(was)} as charted", {"delta_color": "inverse"}


def _named_in_words(bundle: Bundle, risk: float, hours: int) -> str:
    usual = _base_rate(bundle)
    beside = f"{risk / usual:.1f} times" if risk >= usual else "less than"
    # Weights are of the level at which event 1 is greatest: sensitivity and positive predictivity are the same there.
    why = ": there, in training, missed deaths were as many as false warnings" if "weights" in bundle.card else ""
    return (
        f"From the first {hours} hours: {beside} the share of deaths in training ({format_percent(usual)}). "
        f"The model says death from {format_percent(decision_threshold(bundle, _DEATH))} on{why}."
    )


def draw_risk(reading: StayReading) -> Any:
    """Draw the risk after each hour, after a change the new one over the old; the chart."""
    bundle = workbench.model(reading.model)
    st.markdown("**As the stay unfolds**: the risk of death in hospital, from what was charted until then")
    chart = plot_mortality_risk(
        _risks(replace(reading, edits=())),
        _base_rate(bundle),
        decision_threshold(bundle, _DEATH),
        _risks(reading) if reading.edits else None,
        WIDE_PX,
        screen_theme(),
    )
    st.altair_chart(chart, key=f"risk {reading.record.digest} {reading.model}", theme=None, width="content")
    return chart


def _risks(reading: StayReading) -> np.ndarray:
    """The risk after each hour, shape = (T,)."""
    return workbench.over_time(reading, 0).probabilities[:, workbench.model(reading.model).class_index(_DEATH)]


def _base_rate(bundle: Bundle) -> float:
    """The share of deaths among the stays that the model was trained on."""
    stays = bundle.card["training"]["stays"]
    return stays[_DEATH] / sum(stays.values())
