"""Formats that are known by their content but not read: what a file is, and how its record can be exported."""

from pathlib import Path

from backend.records.formats.sniffing import identify_foreign_file
from backend.records.record import RecordRefused

__all__ = ["OFFICE_START_BYTES", "name_office_file", "refuse_unread_format"]

OFFICE_START_BYTES = 4096
"""Bytes from the start of a file that `name_office_file` needs."""

_AS_EDF = "Export the recording as EDF, or convert it to EDF"
_AS_CSV = "Save the sheet as CSV"

# What the start of a file shows, what it is, and what to do.
_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"ALIVE\0", "a Kardia .atc file", "Export the recording as CSV or EDF"),
    (b"GDF ", "a GDF file", _AS_EDF),
    (b"Brain Vision", "a part of a BrainVision recording", _AS_EDF),
    (b"BrainVision", "a part of a BrainVision recording", _AS_EDF),
    (b"EEG-1", "a Nihon Kohden recording", _AS_EDF),
    (b"Version 3.", "a Neuroscan CNT file", _AS_EDF),
    (b"* MICROMED", "a Micromed TRC file", _AS_EDF),
    (b"(C) CED", "a Spike2 file", _AS_EDF),
    (b"XDF:", "an XDF file", _AS_EDF),
    (b"TDSm", "a LabVIEW TDMS file", "Export the table as CSV"),
    (b"ABF", "an Axon ABF file", "Export the table as CSV"),
    (b"ADInstr", "a LabChart file", "Export it as EDF or as text"),
    (b"CFWB", "a LabChart file", "Export it as EDF or as text"),
    (b"PAR1", "a Parquet file", "Save the table as CSV"),
    (b"ARROW1", "an Arrow file", "Save the table as CSV"),
    (b"FEA1", "a Feather file", "Save the table as CSV"),
    (b"\x93NUMPY", "a NumPy file", "Save the array as CSV with a header row"),
    (b"$FL2", "an SPSS file", "Save the table as CSV"),
    (b"RDX", "an R data file", "Save the table as CSV"),
    (b"<stata_dta>", "a Stata file", "Save the table as CSV"),
    (b"{\\rtf", "a text document (RTF)", "Save it as plain text"),
    (b"%!PS", "a PostScript document", "Choose the recording itself, not its printout"),
)
_KINDS = {
    "a PDF document": "Choose the recording itself, not its printout",
    "an old Office document": _AS_CSV,
    "a zip archive": "Unpack it and choose the files in it",
    "a gzip archive": "Unpack it first",
    "a 7-Zip archive": "Unpack it first",
    "a RAR archive": "Unpack it first",
    "an XZ archive": "Unpack it first",
}
_OFFICE = (
    (b"xl/", "an Excel workbook", _AS_CSV),
    (b"word/", "a Word document", "Save its table as CSV"),
    (b"ppt/", "a PowerPoint file", "Choose the recording itself"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "an OpenDocument sheet", _AS_CSV),
    (b"mimetypeapplication/vnd.oasis", "an OpenDocument file", "Save its table as CSV"),
    (b"Index/Document.iwa", "a Numbers or Pages document", "Export its table as CSV"),
    (b"[Content_Types].xml", "an Office document", _AS_CSV),
)
_FIT_MARK = slice(8, 12)


def refuse_unread_format(path: Path) -> None:
    """Refuse a file of a known format that Beatlight does not read, by its name.

    Raises
    ------
    RecordRefused
        With what the file is and how to export the record.
    OSError
        If the file cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(OFFICE_START_BYTES)
    found = _identify(start)
    if found is not None:
        what, remedy = found
        raise RecordRefused(f"{path.name} is {what}. {remedy}.")


def name_office_file(name: str, start: bytes) -> str | None:
    """Return the refusal of an Office file, which is a zip archive too; None for any other file."""
    found = _identify_office(start[:OFFICE_START_BYTES])
    return f"{name} is {found[0]}. {found[1]}." if found else None


def _identify_office(start: bytes) -> tuple[str, str] | None:
    if not start.startswith(b"PK\x03\x04"):
        return None
    return next(((what, remedy) for mark, what, remedy in _OFFICE if mark in start), None)


def _identify(start: bytes) -> tuple[str, str] | None:
    for mark, what, remedy in _STARTS:
        if start.startswith(mark):
            return what, remedy
    office = _identify_office(start)
    if office is not None:
        return office
    if start[_FIT_MARK] == b".FIT":
        return "a FIT file of a sports watch", "It holds the heart rate, not an ECG"
    text = start[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"<HealthData" in start:
        return "the export of Apple Health", "Choose one of the CSV files in its folder electrocardiograms"
    if text[:1] in (b"{", b"[") and text[1:].lstrip()[:1] in (b'"', b"{", b"["):
        return "a JSON file", "Save one column per lead as CSV"
    kind = identify_foreign_file(start)
    return (kind, _KINDS.get(kind, "Choose an ECG recording or the table of a stay")) if kind else None
