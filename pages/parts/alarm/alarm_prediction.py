"""The prediction for an alarm, beside the reference."""

import streamlit as st

from backend.models.thresholds import decision_threshold, uncertain_band
from pages.parts.alarm import alarm_text
from pages.parts.alarm.alarm_result import AlarmResult
from pages.parts.explanation.explanation_text import OOD_WARNING

__all__ = ["TRUE_ALARM", "show_prediction"]

TRUE_ALARM = "true alarm"
"""The class whose misses cost most."""


def show_prediction(result: AlarmResult) -> None:
    """Draw the predicted class with its probability and its warnings, beside the reference."""
    scores, bundle = result.classified.scores, result.bundle
    reference = (result.classified.windows.reference or ("",))[0]
    st.markdown(
        alarm_text.prediction_lines(result.label, result.probability_of(TRUE_ALARM), reference),
        help=alarm_text.threshold_help(decision_threshold(bundle, TRUE_ALARM)),
    )
    if result.classified.disagreement[0]:
        st.badge("model and reference disagree", icon=":material/warning:", color="orange")
    if scores.is_ood[0]:
        st.warning(OOD_WARNING)
    elif scores.is_uncertain[0]:
        st.info(alarm_text.uncertain_sentence(*uncertain_band(bundle, TRUE_ALARM)))
