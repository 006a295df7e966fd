"""The parts of the screens, in one folder for each thing that a reader looks for.

Nothing here computes: parts ask ``backend.workbench`` and draw what ``backend.charts`` returns. Start with ``app`` for
what all screens share and with ``sidebar`` for what is chosen first.
"""
