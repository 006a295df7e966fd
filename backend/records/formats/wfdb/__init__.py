"""The WFDB format: headers, signals and annotations, read and written.

Headers are checked against their files here before `wfdb` opens any of them. Start with `reader.read_wfdb`.
"""
