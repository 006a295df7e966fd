"""Axes: time in seconds or hours, ECG paper, values and row labels against pixels.

An axis knows nothing of beats, alarms or stays. Start with ``time_axis``; charts made with the same axis line up.
"""
