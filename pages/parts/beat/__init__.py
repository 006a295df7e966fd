"""The Beat screen: one beat on ECG paper, its intervals, its prediction and the salience by wave.

A whole record is in ``record``. Start with ``beat_charts.py``.
"""
