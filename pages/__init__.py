"""The screens: one file a screen, from widgets to workbench calls to charts, with no computation.

Each file reads from top to bottom as the screen looks; what it calls lies in ``parts``.
"""
