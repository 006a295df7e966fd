"""The ICU alarm screen: the monitor before an alarm, the prediction, and what if a sensor were missing.

Nothing here is used for beats or stays. Start with ``alarm_result.py``.
"""
