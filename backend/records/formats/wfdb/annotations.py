"""WFDB annotation files: annotated beats, rhythms and waves."""

import os
import re
from array import array
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from wfdb.io.annotation import ann_labels

from backend.records.record import Annotations, RecordRefused

__all__ = ["find_annotators", "read_annotations"]

# A damaged file with one of these endings is refused; with any other, it may not be an annotation file.
_USUAL_ANNOTATORS = re.compile(r"a(nn|pn|ri|tr)|ecg|man|pu\d?|puz|pwave|q[12]c|qc[ab]|w?qrsc?|qt[12]|st[abcf]?")
_OTHER_ENDINGS = ("hea", "dat", "mat")
_ANNOTATOR = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}")
_MAX_FILE_BYTES = 8 * 2**20  # four million marks

_SYMBOLS = {label.label_store: label.symbol for label in ann_labels if label.label_store}
_NOTE_CODE = 22
# Codes of words that are not annotations; those in between are number, subtype and channel, which a `Record` omits.
_SKIP, _AUX = 59, 63

_TIME_RESOLUTION = re.compile(r"## time resolution: (\d+\.?\d*)")
_OWN_LABEL = re.compile(r"(\d{1,2}) (\S+) .+")


@dataclass
class _Marks:
    """The annotations of a file, before their times become samples of the record."""

    times: array = field(default_factory=lambda: array("q"))
    codes: bytearray = field(default_factory=bytearray)
    notes: dict[int, str] = field(default_factory=dict)


class _NotAnnotationsError(ValueError):
    """The bytes violate the format."""


def find_annotators(header: Path) -> list[str]:
    """Return the endings of the possible annotation files next to a header, sorted."""
    prefix = header.stem + "."
    with os.scandir(header.parent) as entries:
        endings = [entry.name.removeprefix(prefix) for entry in entries if entry.name.startswith(prefix)]
    return sorted(
        ending for ending in endings if _ANNOTATOR.fullmatch(ending) and ending.casefold() not in _OTHER_ENDINGS
    )


def read_annotations(
    header: Path, annotator: str, n_samples: int, sampling_rate: float, tick_rate: float
) -> Annotations | None:
    """Return the annotations in one file in the MIT format.

    On well-formed files the result equals that of ``wfdb.rdann``, which never returns from a file with two notes on its
    time resolution.

    Parameters
    ----------
    header : Path
        The header of the record, next to the annotation file.
    annotator : str
        Ending of the annotation file.
    n_samples : int
        Length of the record; annotations beyond it are omitted.
    sampling_rate : float
        Hz, of the record.
    tick_rate : float
        Time base of the annotations in Hz unless the file states another: the frames per second of the header.

    Returns
    -------
    Annotations or None
        None if the file is not an annotation file and its ending is not usual for annotations.

    Raises
    ------
    RecordRefused
        If a file with a usual ending is incomplete or not an annotation file.
    """
    path = header.with_suffix(f".{annotator}")
    is_usual = _USUAL_ANNOTATORS.fullmatch(annotator.casefold()) is not None
    try:
        annotations = _to_samples(_parse(_read_content(path)), n_samples, sampling_rate, tick_rate)
        return annotations if is_usual or len(annotations.samples) else None
    except (_NotAnnotationsError, OSError) as error:
        if not is_usual:
            return None
        raise RecordRefused(
            f"{path.name} is not a complete WFDB annotation file. Get it again, or leave it out."
        ) from error


def _read_content(path: Path) -> bytes:
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise _NotAnnotationsError("too large")
    return path.read_bytes()


def _parse(content: bytes) -> _Marks:
    """Return the annotations in 16-bit words: 6 bits of code, 10 bits of time since the previous annotation."""
    words = memoryview(content[: len(content) // 2 * 2]).cast("H")
    marks = _Marks()
    time, position, ending = 0, 0, len(words)
    while position < ending and words[position]:
        code, value = words[position] >> 10, words[position] & 0x3FF
        position += 1
        if code == _SKIP:
            time += _parse_skip(words, position)
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


def _parse_skip(words: memoryview, position: int) -> int:
    """Return the 32-bit interval of a skip: high word first, two's complement."""
    if position + 2 > len(words):
        raise _NotAnnotationsError("cut inside a skip")
    interval = words[position] << 16 | words[position + 1]
    return interval - (1 << 32) if interval >> 31 else interval


def _keep_note(marks: _Marks, note: bytes, length: int) -> None:
    if len(note) < length or not marks.codes:
        raise _NotAnnotationsError("a note without its mark")
    marks.notes[len(marks.codes) - 1] = note.decode("latin-1").rstrip("\0")


def _to_samples(marks: _Marks, n_samples: int, sampling_rate: float, tick_rate: float) -> Annotations:
    """Return the annotations in samples of the record, ascending, without those that describe the file itself."""
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
    """Return the ticks per second that the file itself states, if any."""
    stated = (float(found[1]) for note in about_file if (found := _TIME_RESOLUTION.match(note)))
    return next((rate for rate in stated if 0 < rate < np.inf), None)


def _own_symbols(about_file: list[str]) -> dict[int, str]:
    return {int(found[1]): found[2] for note in about_file if (found := _OWN_LABEL.match(note))}
