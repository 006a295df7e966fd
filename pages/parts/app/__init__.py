"""What all screens share: frame, address, widgets, downloads, and the registry of the kinds of windows.

Nothing here knows a single screen. Start with ``frame.py`` and ``url_state.py``.
"""
