"""Records from files: signals in physical units, alarms and ICU stays, whatever the file format.

No detection, no windows, no models. Start with `opening.open_record` and `record.Record`; `formats` holds one module
per file format, `channels` what a channel is, `samples` the records that come with Beatlight.
"""
