"""Made-up courses of a charted variable."""

import numpy as np

from backend.charts.stay.course import Course

HOURS = 48


def course(variable="HR", minutes=(37, 100, 1500), measured=(80.0, 132.0, 61.0), **changed):
    """A course whose hours hold the last value before them, its salience rising from 0 to 1."""
    hourly = np.full(HOURS, np.nan)
    for minute, value in zip(minutes, measured, strict=True):
        hourly[min(minute // 60, HOURS - 1) :] = value
    said = {"label": "Heart rate", "unit": "/min", "salience": np.linspace(0, 1, HOURS)} | changed
    return Course(variable, minutes=np.array(minutes, int), measured=np.array(measured), hourly=hourly, **said)
