"""Charts of an ICU stay: the charted grid, one variable over time and the risk of death.

Everything is in hours since ICU admission. Start with ``course``, which is what the grid and the variable's chart draw.
"""
