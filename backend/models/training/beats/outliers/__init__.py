"""Outlier exposure: windows that are not clean ECGs, and the network that is trained to tell them from beats.

outlier_windows.py cuts the windows, outlier_training.py trains the network, outlier_evaluation.py measures what it
detects. Start at outlier_windows.py.
"""
