"""The ICU alarm screen: the seconds before a bedside alarm, the prediction and the salience behind it."""

import streamlit as st

from backend.charts.style.chart_width import NARROW_PX
from pages.parts.alarm.alarm_choice import step_through_alarms
from pages.parts.alarm.alarm_prediction import show_prediction
from pages.parts.alarm.alarm_reading import choose_alarm
from pages.parts.alarm.alarm_result import read_alarm
from pages.parts.alarm.alarm_what_if import show_what_if
from pages.parts.alarm.monitor_charts import draw_features, draw_monitor, draw_over_time
from pages.parts.app import url_state
from pages.parts.app.downloads import offer_downloads
from pages.parts.explanation.explanation_choice import choose_explanation, explain_window
from pages.parts.explanation.variable_importance import show_pairs, show_ranking

reading = choose_alarm()
step_through_alarms(reading)
url_state.write(reading)
result = read_alarm(reading)
choices, download = st.columns([5.2, 1], gap="small", vertical_alignment="bottom")
with choices:
    choice = choose_explanation(reading, 0)
url_state.write(reading)
progress_room = st.empty()
wide, narrow = st.columns([2.3, 1], gap="medium")
with narrow:
    show_prediction(result)
with wide:
    salience = explain_window(reading, 0, choice, progress_room)
    monitor_chart, deletion = draw_monitor(result, salience)
    time_chart = draw_over_time(result)
with narrow:
    show_what_if(result, salience.target, deletion)
    importance_chart = show_ranking(reading, 0, salience, result.names, NARROW_PX)
show_pairs(reading, 0, salience, result.names)
features_chart = draw_features(result, salience)
with download:
    charts = {
        "monitor": monitor_chart,
        "scores over time": time_chart,
        "columns": features_chart,
        "ranking": importance_chart,
    }
    offer_downloads(reading, 0, salience, charts)
