"""Models: bundles on disk, their classification of windows, their scores, and how they are trained and measured.

No model here knows an explanation or a screen. Start with ``bundle.py`` and ``classification.py``; ``training`` makes
the bundles.
"""
