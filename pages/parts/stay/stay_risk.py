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
from backend.records.stay_units import unit_doubts
from backend.workbench import StayReading
from pages.parts.app.chart_inputs import screen_theme
from pages.parts.explanation.explanation_text import OOD_WARNING
from pages.parts.stay import stay_text
from pages.parts.stay.parameter_names import LABELS

__all__ = ["draw_risk", "show_risk"]

_DEATH = "death"
_LEAST_POINTS = 0.05


def show_risk(reading: StayReading) -> None:
    """Draw the final risk with its warnings, and the outcome of the stay."""
    bundle, stay = workbench.model(reading.model), workbench.classified(reading)
    risk = _risks(reading)[-1]
    change, looks = _change_of_risk(reading, risk)
    hours, threshold = stay.windows.values.shape[1], decision_threshold(bundle, _DEATH)
    about = stay_text.risk_help(hours, threshold, "weights" in bundle.card)
    st.metric("Mortality risk", format_percent(risk), change, help=about, **looks)
    outcome = stay.windows.reference[0] if stay.windows.reference else ""
    st.markdown(f"Model: **{stay.scores.labels[0]}**  \nOutcome: **{outcome or 'not known'}**")
    doubts = [doubt.parameter for doubt in unit_doubts(reading.record)]
    if doubts:
        st.warning(stay_text.units_in_doubt([LABELS[parameter] for parameter in doubts]), icon=":material/straighten:")
    if stay.disagreement[0]:
        st.badge("model and outcome disagree", icon=":material/warning:", color="orange")
    if stay.scores.is_ood[0]:
        st.warning(OOD_WARNING)
    elif stay.scores.is_uncertain[0]:
        st.info(stay_text.uncertain_sentence(*uncertain_band(bundle, _DEATH)))
    st.caption(stay_text.mortality_sentence(risk, _training_mortality(bundle)))


def _change_of_risk(reading: StayReading, risk: float) -> tuple[str | None, dict[str, Any]]:
    """Return the effect of the changed values on the risk, and how a metric shows it."""
    if not reading.edits:
        return None, {}
    before = _risks(replace(reading, edits=()))[-1]
    points = 100 * (risk - before)
    if abs(points) < _LEAST_POINTS:
        return stay_text.risk_change(before, None), {"delta_color": "off", "delta_arrow": "off"}
    return stay_text.risk_change(before, points), {"delta_color": "inverse"}


def draw_risk(reading: StayReading) -> Any:
    """Draw the risk after each hour, with changed values over the old one, and return the chart."""
    bundle = workbench.model(reading.model)
    st.markdown(stay_text.RISK_OVER_TIME)
    chart = plot_mortality_risk(
        _risks(replace(reading, edits=())),
        _training_mortality(bundle),
        decision_threshold(bundle, _DEATH),
        _risks(reading) if reading.edits else None,
        WIDE_PX,
        screen_theme(),
    )
    st.altair_chart(chart, key=f"risk {reading.record.digest} {reading.model}", theme=None, width="content")
    return chart


def _risks(reading: StayReading) -> np.ndarray:
    """Return the risk after each hour, shape = (T,)."""
    return workbench.over_time(reading, 0).probabilities[:, workbench.model(reading.model).class_index(_DEATH)]


def _training_mortality(bundle: Bundle) -> float:
    """Return the share of deaths among the training stays."""
    stays = bundle.card["training"]["stays"]
    return stays[_DEATH] / sum(stays.values())
