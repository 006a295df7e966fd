"""Windows of bedside alarms: what each sensor shows in the seconds before an alarm.

No detection of beats in an ECG (`backend.windows.beats`) and no parsing of alarms (`backend.records.alarms`). Start
with `alarm_windows.cut_alarms`; `sensor_features` measures one sensor, `rhythm_features` the timing and shape of its
beats.
"""
