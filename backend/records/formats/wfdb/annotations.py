"""WFDB annotation files: beats, rhythms and waves as somebody marked them."""

import os
import re
from array import array
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from wfdb.io.annotation import ann_labels

from backend.records.record import Annotations, RecordRefused

__all__ = ["annotators_beside", "read_annotations"]

# A damaged file with one of these endings is refused; with any other, it may never have been an annotation file.
_USUAL_ANNOTATORS = re.compile(r"a(nn|pn|ri|tr)|ecg|man|pu\d?|puz|pwave|q[12]c|qc[ab]|w?qrsc?|qt[12]|st[abcf]?")
_OTHER_ENDINGS = ("hea", "dat", "mat")
_ANNOTATOR = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}")
_LARGEST_FILE_BYTES = 8 * 2**20  # four million marks

_SYMBOLS = {label.label_store: label.symbol for label in ann_labels if label.label_store}
_NOTE_CODE = 22
# Codes of words that are no mark; those between number, subtype and channel, which a `Record` does not keep.
_SKIP, _AUX = 59, 63

_TIME_RESOLUTION = re.compile(r"## time resolution: (\d+\.?\d*)")
_OWN_LABEL = re.compile(r"(\d{1,2}) (\S+) .+")


@dataclass
class _Marks:
    """Marks as they stand in the file, before they are brought to the record's samples."""

    times: array = field(default_factory=lambda: array("q"))
    codes: bytearray = field(default_factory=bytearray)
    notes: dict[int, str] = field(default_factory=dict)


class _NotAnnotationsError(ValueError):
    """The bytes do not follow the format."""


def annotators_beside(header: Path) -> list[str]:
    """Name the endings of the files beside a header that may be its annotation files, sorted."""
    prefix = header.stem + "."
    with os.scandir(header.parent) as entries:
        endings = [entry.name.removeprefix(prefix) for entry in entries if entry.name.startswith(prefix)]
    return sorted(ending for ending in endings if _ANNOTATOR.fullmatch(ending) and ending not in _OTHER_ENDINGS)


def read_annotations(
    header: Path, annotator: str, n_samples: int, sampling_rate: float, tick_rate: float
) -> Annotations | None:
    """Read one annotation file in the MIT format.

    Own code, not ``wfdb.rdann``: that never returns from a file with two notes on its time resolution. The result
    is the same on well-formed files.

    Parameters
    ----------
    header : Path
        The record's header; the annotation file lies beside it.
    annotator : str
        Ending of the annotation file.
    n_samples : int
        Length of the record; marks beyond it are left out.
    sampling_rate : float
        Hz, of the record.
    tick_rate : float
        Hz in which the marks are counted unless the file says otherwise: the header's frames a second.

    Returns
    -------
    Annotations or None
        None when the file is no annotation file and its ending is not a usual one for annotations.

    Raises
    ------
    RecordRefused
        If a file with a usual ending is not whole or is something else.
    """
    path = header.with_suffix(f".{annotator}")
    is_usual = _USUAL_ANNOTATORS.fullmatch(annotator.casefold()) is not None
    try:
        annotations = _on_record(_parsed(_content(path)), n_samples, sampling_rate, tick_rate)
        return annotations if is_usual or len(annotations.samples) else None
    except (_NotAnnotationsError, OSError) as error:
        if not is_usual:
            return None
        raise RecordRefused(
            f"{path.name} is not a whole WFDB annotation file; get it again, or leave it out."
        ) from error


def _content(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST_FILE_BYTES:
        raise _NotAnnotationsError("too large")
    return path.read_bytes()


def _parsed(content: bytes) -> _Marks:
    """Walk through the file's 16-bit words: 6 bits of code, 10 bits of time since the mark before."""
    words = memoryview(content[: len(content) // 2 * 2]).cast("H")
    marks = _Marks()
    time, position, ending = 0, 0, len(words)
    while position < ending and words[position]:
        code, value = words[position] >> 10, words[position] & 0x3FF
        position += 1
        if code == _SKIP:
            time += _long(words, position)
            position += 2
        elif code == _AUX:
            length = value & 0xFF
            _keep_note(marks, bytes(words[position : position + (length + 1) // 2])[:length], length)
            position += (length + 1) // 2
        elif code < _SKIP:
            time += value
            marks.times.append(time)
            marks.codes.append(code)
    if position >= ending:
        raise _NotAnnotationsError("no end mark")
    if any(content[2 * position :]):
        raise _NotAnnotationsError("something after the end mark")
    return marks


def _long(words: memoryview, position: int) -> int:
    """The 32-bit interval of a skip: high word first, two's complement."""
    if position + 2 > len(words):
        raise _NotAnnotationsError("cut inside a skip")
    interval = words[position] << 16 | words[position + 1]
    return interval - (1 << 32) if interval >> 31 else interval


def _keep_note(marks: _Marks, note: bytes, length: int) -> None:
    if len(note) < length or not marks.codes:
        raise _NotAnnotationsError("a note without its mark")
    marks.notes[len(marks.codes) - 1] = note.decode("latin-1").rstrip("\0")


def _on_record(marks: _Marks, n_samples: int, sampling_rate: float, tick_rate: float) -> Annotations:
    """Bring the marks to the samples of the record, in order, without those that describe the file itself."""
    times = np.frombuffer(marks.times, dtype=np.int64)
    codes = np.frombuffer(marks.codes, dtype=np.uint8)
    about_file = {
        index: note
        for index, note in marks.notes.items()
        if times[index] == 0 and codes[index] == _NOTE_CODE and (note.startswith("## ") or _OWN_LABEL.match(note))
    }
    own_rate = _own_tick_rate(list(about_file.values())) or tick_rate
    samples = times if own_rate == sampling_rate else np.rint(times * (sampling_rate / own_rate)).astype(np.int64)
    kept = (codes != 0) & (samples >= 0) & (samples < n_samples)
    kept[list(about_file)] = False
    order = np.flatnonzero(kept)
    order = order[np.argsort(samples[order], kind="stable")]
    symbols = _SYMBOLS | _own_symbols(list(about_file.values()))
    return Annotations(
        samples=samples[order],
        symbols=tuple(symbols.get(code, f"[{code}]") for code in codes[order].tolist()),
        notes=tuple(marks.notes.get(index, "") for index in order.tolist()),
    )


def _own_tick_rate(about_file: list[str]) -> float | None:
    """Ticks a second that the file itself states."""
    stated = (float(found[1]) for note in about_file if (found := _TIME_RESOLUTION.match(note)))
    return next((rate for rate in stated if 0 < rate < np.inf), None)


def _own_symbols(about_file: list[str]) -> dict[int, str]:
    return {int(found[1]): found[2] for note in about_file if (found := _OWN_LABEL.match(note))}
