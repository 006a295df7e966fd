"""Simulated records whose every wave is known: ECGs, alarms and ICU stays.

No detection and no models; what the detectors find is never used here. Start with `bundled_samples`, which lists the
simulated records of Beatlight; `ecg`, `alarms` and `stays` simulate one kind each.
"""
