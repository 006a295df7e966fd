"""Altair charts: arrays in, a chart out.

No chart computes a statistic, reads a file or knows of Streamlit; what it draws is given. Start with
``ecg/beat_chart``, which shows how axes, marks and salience become the layers of one chart.
"""
