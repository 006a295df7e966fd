"""Simulated ICU stays: courses of the charted parameters, and when they are charted.

No reading of files (`backend.records.formats.stays.stay_reader`). Start with `stay_simulation.simulate_stay`.
"""
