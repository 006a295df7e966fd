"""Figures of predictions against a reference.

binary.py and multiclass.py work on plain arrays, cluster_bootstrap.py gives intervals over patients; alarm_metrics.py,
beat_metrics.py and stay_metrics.py compose what the cards report; reference_agreement.py compares one record with its
annotations. Charts, tables and sentences do not belong here. Start at binary.py.
"""
