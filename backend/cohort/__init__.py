"""The same work over many windows: evaluation of explanations on a test set, on a distributed engine.

Only this package imports the engine. A plan cuts the work into parts, workers compute them, ``job_store`` keeps them
and ``tables`` turns them into evidence. Start with ``evaluation``.
"""
