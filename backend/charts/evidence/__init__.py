"""Charts of how faithful, specific and stable the techniques are over a whole test set.

Each draws a table that ``backend.cohort`` made; none summarises it. Start with ``technique_dots``.
"""
