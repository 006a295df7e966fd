"""Charted values of ICU stays as text, in the layouts of databases and spreadsheets.

No signals (`backend.records.formats.tables`). Start with `stay_reader.read_stay`: `stay_layouts` finds the columns,
`parameter_names` says which parameter a name means, `stay_times` turns times into minutes, `charting` collects the
values, and `backend.records.stay_units` knows their units.
"""
