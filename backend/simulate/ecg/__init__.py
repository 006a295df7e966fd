"""Simulated ECGs: rhythm, shapes of the waves, noise, and the true onset, peak and end of each wave.

No files (`backend.simulate.wfdb_files`). Start with `heart.simulate`.
"""
