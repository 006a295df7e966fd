"""Recognition of files that are not records, and refusals in place of the errors of libraries."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from backend.records.record import RecordRefused

__all__ = ["FIRST_BYTES", "identify_foreign_file", "refuse_errors"]

FIRST_BYTES = 64
"""Bytes from the start of a file that `identify_foreign_file` needs."""

# Signatures are long enough that the samples of a signal do not match them by chance.
_SIGNATURES = {
    rb"\x89PNG\r\n\x1a\n": "a PNG picture",
    rb"\xff\xd8\xff.{3}(JFIF|Exif)": "a JPEG picture",
    rb"GIF8[79]a": "a GIF picture",
    rb"RIFF.{4}(WEBP|WAVE|AVI )": "a picture, sound or film",
    rb"(II\*\0|MM\0\*)\0*\x08": "a TIFF picture",
    rb"%PDF-": "a PDF document",
    rb"PK(\x03\x04|\x05\x06)": "a zip archive",
    rb"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    rb"Rar!\x1a\x07": "a RAR archive",
    rb"\x1f\x8b\x08[\0-\x1f].{4}[\0\x02\x04][\0-\x0d\xff]": "a gzip archive",
    rb"\xfd7zXZ\0": "an XZ archive",
    rb"\x7fELF": "a program",
    rb"\x89HDF\r\n\x1a\n": "an HDF5 file",
    rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office document",
    rb"SQLite format 3\0": "a database",
    rb"\s*<(!doctype html|html)": "a web page",
    rb"\s*<\?xml": "an XML file",
    rb"version https://git-lfs": "a Git LFS pointer, not the file itself",
}
_PATTERNS = [
    (re.compile(rb"(?is)" + pattern if b"<" in pattern else rb"(?s)" + pattern), kind)
    for pattern, kind in _SIGNATURES.items()
]


def identify_foreign_file(first_bytes: bytes) -> str | None:
    """Return what a file is if its first bytes show that it is not a record, else None."""
    return next((kind for pattern, kind in _PATTERNS if pattern.match(first_bytes)), None)


@contextmanager
def refuse_errors(message: str) -> Iterator[None]:
    """Turn any error of a library into a refusal with this message, and suppress its warnings.

    On damaged files, libraries raise anything from IndexError to MemoryError, hence the broad except; use it around
    single calls only.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except RecordRefused:
        raise
    except Exception as error:
        raise RecordRefused(message) from error
