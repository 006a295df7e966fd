"""Charts of a bedside alarm: the monitor's traces and the features that the model reads.

Everything is in seconds from the alarm time. Start with ``monitor``.
"""
