"""EDF, EDF+ and BDF files, read with the tolerance that the files of devices need.

No other format. Start with `edf_reader`; `edf_header` and `edf_annotations` parse the parts of a file.
"""
