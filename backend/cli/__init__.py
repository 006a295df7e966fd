"""The command line: what the screens do, as text or as JSON.

A command reads its options, calls the floors below and prints; no computation stands here. Start with ``parser.py``.
Modules of the floors below are imported where a command needs them: loading torch takes longer than most commands.
"""
