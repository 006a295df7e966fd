"""Filters and resampling shared by the detectors, the delineation and the windows.

No detection and no knowledge of records. Start with `filtering`; `grid` serves the Hamilton detector.
"""
