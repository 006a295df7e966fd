"""The Record screen: figures of a record, its charts and tables, and corrections of its beats.

A single beat is in ``beat``. Start with ``record_charts.py``.
"""
