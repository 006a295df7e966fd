"""The Compare screen: several techniques on one window of any kind.

What a kind puts above the rows is in ``kinds``. Start with ``compared_window.py``.
"""
