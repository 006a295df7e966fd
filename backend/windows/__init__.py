"""From a record to the windows that a model reads: beats, waves, alarms and stays.

No network and no scores (`backend.models`), no drawing. Start with `base.Windows`; `beats.beat_windows`,
`alarms.alarm_windows` and `stay_windows` cut one kind each.
"""
