"""Calibration of class probabilities.

class_offsets.py restores the natural shares of the classes, temperature.py calibrates whole windows, prefixes.py the
probabilities over time, and certainty.py chooses from which probability on a prediction is certain. All fit to windows
that the network was not trained on; how well a model is calibrated is measured in metrics. Start at temperature.py.
"""
