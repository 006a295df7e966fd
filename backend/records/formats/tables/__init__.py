"""Tables of numbers as text: columns of samples, as devices, spreadsheets and scripts export them.

No charted values of a stay (`backend.records.formats.stays`), but the cells and text of both are read here. Start with
`table_reader.read_table`: `dialect` finds the table in the text, `headings` and `statements` read what stands above it,
`table_values` its numbers, `times` its clock, and `columns` tells which columns are an ECG.
"""
