"""What the model says of an alarm, beside the reference, and why it says so from a low probability on."""

import streamlit as st

from backend.charts.style.number_format import format_percent
from backend.models.bundle import Bundle
from backend.models.thresholds import decision_threshold, uncertain_band
from pages.parts.alarm.alarm_result import AlarmResult

__all__ = ["DEARER", "show_verdict"]

DEARER = "true alarm"
"""The class that is dear to miss."""


def show_verdict(result: AlarmResult) -> None:
    """The named class with its probability and its doubts, beside the reference."""
    scores, bundle = result.classified.scores, result.bundle
    reference = (result.classified.windows.reference or ("",))[0]
    st.markdown(
        f"Model: **{result.label}**  \n"
        f"Likely to be true: **{format_percent(result.probability_of(DEARER))}**  \n"
        f"Reference: **{reference or 'none'}**"
    )
    if result.classified.disagreement[0]:
        st.badge("model and reference disagree", icon=":material/warning:", color="orange")
    if scores.is_ood[0]:
        st.warning("These seconds are **unlike the training data** of the model: rely neither on its word nor on why.")
    elif scores.is_uncertain[0]:
        least, most = map(format_percent, uncertain_band(bundle, DEARER))
        st.info(f"The model is **uncertain**: it is sure of a false alarm below {least}, of a true one from {most} on.")
    st.caption(_weighing(bundle))


def _weighing(bundle: Bundle) -> str:
    level = format_percent(decision_threshold(bundle, DEARER))
    return (
        f"It calls an alarm true from **{level}** on: in the score that it was tuned for, that of the PhysioNet "
        "challenge 2015, a missed true alarm costs five times as much as a needless one."
    )
