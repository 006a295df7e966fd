"""Charts that compare techniques on one window: their salience in rows, and how far they agree.

Figures over many windows belong to ``evidence``. Start with ``technique_rows``.
"""
