"""Calibration of class probabilities.

temperature.py calibrates whole windows, prefixes.py the probabilities over time. Both fit to windows that the network
was not trained on; how well a model is calibrated is measured in metrics. Start at temperature.py.
"""
