"""P, QRS and T of every beat of a lead: where they begin, peak and end, and the intervals between them.

No detection of beats (`backend.windows.beats`) and no drawing. Start with `delineation.find_waves`; the README beside
this file gives its accuracy against cardiologists.
"""
