"""What a channel of a record is: ECG lead or bedside sensor, its unit, and the segments in which it is unusable.

No file formats and no filters. Start with `leads`; `sensors` finds the channels of an alarm.
"""
