"""EDF, EDF+ and BDF files: the header is checked here, samples and annotations are read by pyEDFlib."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyedflib

from backend.records.channels.units import millivolts_per
from backend.records.formats.frames import held, samples_a_frame_of_leads
from backend.records.formats.sniffing import foreign_kind, refusing_whatever_fails
from backend.records.record import Annotations, Channel, Record, RecordRefused
from backend.records.validation import admitted, check_sampling_rate, check_size

__all__ = ["ANNOTATOR", "EDF_ENDINGS", "read_edf"]

EDF_ENDINGS = (".edf", ".bdf", ".rec")

ANNOTATOR = "edf"
"""Annotator under which the annotations of EDF+ stand in a `Record`; their texts are the notes of ``"`` marks."""

_FIXED_HEADER_BYTES = 256
_SIGNAL_HEADER_BYTES = 256
_MOST_SIGNALS = 512
_MOST_SAMPLES_A_FRAME = 10_000_000
_LONGEST_FRAME_S = 86_400
_VALUES_AT_ONCE = 2**20
# pyEDFlib keeps its open files in one table without a lock, and opens no file twice.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class _EdfHeader:
    """What the header says; a frame is a data record. The annotation signals of EDF+ are left out of the signals."""

    n_frames: int
    frame_s: float
    frame_bytes: int
    channels: tuple[Channel, ...]
    samples_a_frame: tuple[int, ...]


def read_edf(path: Path) -> Record:
    """Read an EDF, EDF+ or BDF file.

    Signals slower than the ECG hold each sample until the next; faster ones are left out, as `Record` has one
    sampling rate. The annotations of EDF+ become those of the annotator ``edf``.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Record
        ECG leads in mV.

    Raises
    ------
    RecordRefused
        If the file is no EDF, is cut off or interrupted (EDF+D), or holds no ECG.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> record = read_edf(Path("night.edf"))  # doctest: +SKIP
    """
    path = path.absolute()
    name = path.stem
    header = _checked_header(path)
    samples_a_frame = samples_a_frame_of_leads(header.samples_a_frame, _as_read(header.channels))
    sampling_rate = samples_a_frame / header.frame_s
    check_sampling_rate(name, sampling_rate)
    kept = [index for index, count in enumerate(header.samples_a_frame) if count <= samples_a_frame]
    n_samples = header.n_frames * samples_a_frame
    check_size(name, n_samples, len(kept), path.stat().st_size)
    refusal = (
        f"{path.name} does not keep to the EDF standard, or is interrupted (EDF+D); save it anew as continuous EDF+."
    )
    with _ONE_AT_A_TIME, refusing_whatever_fails(refusal), _reader(path) as reader:
        if list(reader.getNSamples()) != [header.n_frames * count for count in header.samples_a_frame]:
            raise RecordRefused(refusal)
        signals = _signals(reader, header, kept, samples_a_frame)
        annotations = _annotations(reader, n_samples, sampling_rate)
    channels = _as_read(header.channels)
    return admitted(name, signals, sampling_rate, [channels[index] for index in kept], annotations)


def _reader(path: Path) -> pyedflib.EdfReader:
    # The size has been checked; some writers pad the file behind the last data record.
    return pyedflib.EdfReader(str(path), pyedflib.READ_ALL_ANNOTATIONS, pyedflib.DO_NOT_CHECK_FILE_SIZE)


def _as_read(channels: Sequence[Channel]) -> list[Channel]:
    """The channels with the units in which they are handed on: every potential in mV."""
    return [Channel(channel.name, "mV" if millivolts_per(channel.unit) else channel.unit) for channel in channels]


def _signals(reader: pyedflib.EdfReader, header: _EdfHeader, kept: Sequence[int], samples_a_frame: int) -> np.ndarray:
    signals = np.empty((header.n_frames * samples_a_frame, len(kept)), dtype=np.float32)
    frames_at_once = max(1, _VALUES_AT_ONCE // samples_a_frame)
    for column, index in enumerate(kept):
        own_count = header.samples_a_frame[index]
        factor = millivolts_per(header.channels[index].unit) or 1.0
        for start in range(0, header.n_frames, frames_at_once):
            n_frames = min(frames_at_once, header.n_frames - start)
            values = reader.readSignal(index, start * own_count, n_frames * own_count)
            place = slice(start * samples_a_frame, (start + n_frames) * samples_a_frame)
            signals[place, column] = held(values * factor, own_count, samples_a_frame)
    return signals


def _annotations(reader: pyedflib.EdfReader, n_samples: int, sampling_rate: float) -> dict[str, Annotations]:
    onsets_s, _, texts = reader.readAnnotations()
    positions = np.asarray(onsets_s, dtype=np.float64) * sampling_rate
    inside = np.flatnonzero((positions >= 0) & (positions < n_samples - 0.5))
    if not len(inside):
        return {}
    samples = np.rint(positions[inside]).astype(np.int64)
    order = np.argsort(samples, kind="stable")
    notes = tuple(str(texts[index]) for index in inside[order])
    return {ANNOTATOR: Annotations(samples=samples[order], symbols=('"',) * len(notes), notes=notes)}


def _checked_header(path: Path) -> _EdfHeader:
    size = path.stat().st_size
    with path.open("rb") as file:
        fixed = file.read(_FIXED_HEADER_BYTES)
        _check_kind(path.name, fixed)
        n_signals = _whole(path.name, fixed[252:256], "signals", 1, _MOST_SIGNALS)
        rest = file.read(n_signals * _SIGNAL_HEADER_BYTES)
    header_bytes = _FIXED_HEADER_BYTES + len(rest)
    if len(rest) < n_signals * _SIGNAL_HEADER_BYTES or _number(fixed[184:192]) != header_bytes:
        raise RecordRefused(f"The header of {path.name} is not whole; get the file again.")
    n_frames = _whole(path.name, fixed[236:244], "data records", 1, 2**40)
    frame_s = _number(fixed[244:252])
    if not 0 < frame_s <= _LONGEST_FRAME_S:
        raise RecordRefused(f"{path.name} gives its data records no duration; save it anew as continuous EDF+.")
    header = _described(path.name, fixed, rest, n_signals, n_frames, frame_s)
    if size < header_bytes + n_frames * header.frame_bytes:
        raise RecordRefused(
            f"{path.name} is shorter than its header says ({n_frames:,} data records); "
            f"get the file again, it was cut off."
        )
    return header


def _check_kind(name: str, fixed: bytes) -> None:
    if not fixed:
        raise RecordRefused(f"{name} is empty; get the file again.")
    if len(fixed) < _FIXED_HEADER_BYTES or fixed[:8] not in (b"0       ", b"\xffBIOSEMI"):
        kind = foreign_kind(fixed) or "something else"
        raise RecordRefused(f"{name} is no EDF file but {kind}; choose a file in EDF, EDF+ or BDF.")


def _described(name: str, fixed: bytes, rest: bytes, n_signals: int, n_frames: int, frame_s: float) -> _EdfHeader:
    """Take the signals' fields apart; each field stands for all signals before the next field begins."""
    labels = _fields(rest, 0, 16, n_signals)
    units = _fields(rest, 96, 8, n_signals)
    counts = [
        _whole(name, field.encode("latin-1"), "samples a data record", 1, _MOST_SAMPLES_A_FRAME)
        for field in _fields(rest, 216, 8, n_signals)
    ]
    bytes_a_sample = 3 if fixed[:1] == b"\xff" else 2
    signals = [index for index, label in enumerate(labels) if not label.endswith("DF Annotations")]
    if not signals:
        raise RecordRefused(f"{name} holds annotations but no signals; choose the file with the ECG.")
    return _EdfHeader(
        n_frames=n_frames,
        frame_s=frame_s,
        frame_bytes=sum(counts) * bytes_a_sample,
        channels=tuple(Channel(labels[index] or f"signal {index + 1}", units[index]) for index in signals),
        samples_a_frame=tuple(counts[index] for index in signals),
    )


def _fields(rest: bytes, offset: int, width: int, n_signals: int) -> list[str]:
    start = offset * n_signals
    columns = (rest[start + index * width : start + (index + 1) * width] for index in range(n_signals))
    return [column.decode("latin-1").strip(" \0") for column in columns]


def _number(field: bytes) -> float:
    try:
        return float(field.decode("ascii").strip())
    except ValueError:
        return math.nan


def _whole(name: str, field: bytes, what: str, lowest: int, highest: int) -> int:
    number = _number(field)
    if not (lowest <= number <= highest and number == int(number)):
        text = field.decode("latin-1").strip()
        raise RecordRefused(f"The header of {name} claims {text!r} {what}, which cannot be; get the file again.")
    return int(number)
