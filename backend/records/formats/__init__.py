"""One module per file format: text tables, EDF, WFDB, the text of ICU stays.

Readers check what a file claims before they allocate memory. Start with `backend.records.opening`, which chooses the
reader; `sniffing` recognises files that are not records.
"""
