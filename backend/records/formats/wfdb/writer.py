"""Annotations encoded as a WFDB annotation file, for other WFDB software."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import wfdb
from wfdb.io.annotation import ann_labels

from backend.records.record import Annotations, RecordRefused

__all__ = ["encode_annotations"]

_SYMBOLS = frozenset(label.symbol for label in ann_labels if label.label_store)
_NOTE_SYMBOL = '"'
_MAX_NOTE_LENGTH = 255
_CONTROL = re.compile(r"[\x00-\x1f]")
_EXTENSION = re.compile(r"[A-Za-z]{1,16}")


def encode_annotations(annotations: Annotations, sampling_rate: float, extension: str = "qrs") -> bytes:
    """Return annotations as the bytes of a file in the MIT format, from which readers restore them exactly.

    The file states its time resolution, so that it is valid next to a header of another rate. Content that
    ``wfdb.wrann`` would change silently is refused: an unknown symbol, a note that is too long for its length byte or
    outside Latin-1, and a comment at sample 0, which readers take for a description of the file.

    Parameters
    ----------
    annotations : Annotations
        Samples of the record, not negative, ascending; two annotations may share a sample.
    sampling_rate : float
        Hz, of the record.
    extension : str
        The annotator, which is the ending of the file next to the header of the record.

    Returns
    -------
    bytes

    Raises
    ------
    RecordRefused
        If the list of annotations is empty or they cannot be written unchanged.
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
            f"An annotation file cannot end in {extension!r}. Choose up to 16 letters, for instance qrs."
        )
    if not len(annotations.samples):
        raise RecordRefused("The list of annotations is empty. Add at least one.")
    if annotations.samples[0] < 0 or np.any(np.diff(annotations.samples) < 0):
        raise RecordRefused("The annotations are not in the order of their samples. Sort them first.")
    unknown = sorted(set(annotations.symbols) - _SYMBOLS)
    if unknown:
        raise RecordRefused(f"WFDB has no annotation symbol {unknown[0]!r}. Use one of its symbols, for instance Q.")
    for note in set(annotations.notes):
        _refuse_note(note)
    at_start = int(np.searchsorted(annotations.samples, 0, side="right"))
    if _NOTE_SYMBOL in annotations.symbols[:at_start]:
        raise RecordRefused("A comment at sample 0 would be read as a description of the file. Put it at sample 1.")


def _refuse_note(note: str) -> None:
    if len(note) > _MAX_NOTE_LENGTH or _CONTROL.search(note) or any(ord(letter) > 0xFF for letter in note):
        raise RecordRefused(
            f"The note {note[:40]!r} cannot be written. Use at most {_MAX_NOTE_LENGTH} Latin-1 characters in one line."
        )
