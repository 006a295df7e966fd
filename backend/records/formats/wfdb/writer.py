"""Marks written as a WFDB annotation file, for other WFDB software to read."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import wfdb
from wfdb.io.annotation import ann_labels

from backend.records.record import Annotations, RecordRefused

__all__ = ["annotation_file"]

_SYMBOLS = frozenset(label.symbol for label in ann_labels if label.label_store)
_NOTE_SYMBOL = '"'
_LONGEST_NOTE = 255
_CONTROL = re.compile(r"[\x00-\x1f]")
_EXTENSION = re.compile(r"[A-Za-z]{1,16}")


def annotation_file(annotations: Annotations, sampling_rate: float, extension: str = "qrs") -> bytes:
    """Write marks in the MIT format; what comes back from reading the file is what was given.

    The file states its own time resolution, so that it means the same beside a header of another rate. What
    ``wfdb.wrann`` would change without a word is refused: a symbol that WFDB has not, a note that is too long for its
    length byte or outside Latin-1, and a comment at sample 0, which readers take for a description of the file.

    Parameters
    ----------
    annotations : Annotations
        Samples of the record, not negative and ascending; two marks may share one.
    sampling_rate : float
        Hz, of the record.
    extension : str
        The annotator: ending of the file that the bytes are to be saved in, beside the record's header.

    Returns
    -------
    bytes

    Raises
    ------
    RecordRefused
        If there is nothing to write or it cannot be written without a change.
    """
    _refuse_unwritable(annotations, extension)
    with TemporaryDirectory(prefix="beatlight-") as folder:
        wfdb.wrann(
            "marks",
            extension,
            np.asarray(annotations.samples, dtype=np.int64),
            symbol=list(annotations.symbols),
            aux_note=list(annotations.notes),
            fs=float(sampling_rate),
            write_dir=folder,
        )
        return Path(folder, f"marks.{extension}").read_bytes()


def _refuse_unwritable(annotations: Annotations, extension: str) -> None:
    if not _EXTENSION.fullmatch(extension):
        raise RecordRefused(
            f"An annotation file cannot end in {extension!r}; choose up to 16 letters, for instance qrs."
        )
    if not len(annotations.samples):
        raise RecordRefused("There is no mark to write; an annotation file needs at least one.")
    if annotations.samples[0] < 0 or np.any(np.diff(annotations.samples) < 0):
        raise RecordRefused("The marks are not in the order of their samples; sort them first.")
    unknown = sorted(set(annotations.symbols) - _SYMBOLS)
    if unknown:
        raise RecordRefused(f"WFDB has no annotation symbol {unknown[0]!r}; use one of its own, for instance Q.")
    for note in set(annotations.notes):
        _refuse_note(note)
    at_start = int(np.searchsorted(annotations.samples, 0, side="right"))
    if _NOTE_SYMBOL in annotations.symbols[:at_start]:
        raise RecordRefused("A comment at sample 0 would be read as a description of the file; put it at sample 1.")


def _refuse_note(note: str) -> None:
    if len(note) > _LONGEST_NOTE or _CONTROL.search(note) or any(ord(letter) > 0xFF for letter in note):
        raise RecordRefused(
            f"The note {note[:40]!r} cannot be written; use at most {_LONGEST_NOTE} Latin-1 characters in one line."
        )
