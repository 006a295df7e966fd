"""Explaining a window of any kind: technique, class and parameters, and the importance of variables.

Nothing here depends on the kind of window. Start with ``explanation_choice.py``.
"""
