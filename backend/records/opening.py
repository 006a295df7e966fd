"""Opens a record, whatever file it comes in."""

from pathlib import Path

from backend.records.record import Record, RecordRefused
from backend.records.wfdb_record import read_wfdb

__all__ = ["open_record"]


def open_record(path: Path | str, *, sampling_rate: float | None = None, unit: str | None = None) -> Record:
    return read_wfdb(Path(path))
