"""Charts and layers that beats, alarms and stays have in common: class probabilities, importance, salience.

A chart of a single kind belongs to that kind's folder. Start with ``class_probabilities``.
"""
