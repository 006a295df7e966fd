"""Simulated alarms: the ECG, arterial pressure and pulse of the same beats, true or false by construction.

No shapes of ECG waves (`backend.simulate.ecg`). Start with `alarm_simulation.simulate_alarm`.
"""
