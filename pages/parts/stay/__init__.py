"""The ICU stay screen: the risk, the charted values with their salience, and edits of the values.

Nothing here is used for beats or alarms. Start with ``stay_risk.py`` and ``stay_grid.py``.
"""
