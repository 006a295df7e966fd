"""Charts of an ECG record: the overview, the rhythm strip and one beat, with their beat and wave marks.

Charts of other kinds of record have folders of their own. Start with ``beat_chart``.
"""
