"""The beats of a lead: detection, manual corrections, reference labels, and the windows that a model reads.

No delineation of P, QRS and T within a beat (`backend.windows.waves`). Start with `detection.find_beats` and
`beat_windows.cut_beats`; the README beside this file gives the measurements behind the detector.
"""
