"""The Evidence screen: how faithful and stable the explanations of one model are on its test patients.

The figures come from ``backend.cohort``; nothing is measured here. Start with ``evidence_choice.py``.
"""
