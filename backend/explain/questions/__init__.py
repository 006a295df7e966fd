"""Questions about one window beyond its salience: variable importance, measurements, interactions and what if.

Each module answers one question by deleting values and comparing scores. Start with ``what_if``.
"""
