"""EDF, EDF+ and BDF files: the header is checked here; pyEDFlib reads samples and annotations."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyedflib

from backend.records.channels.units import millivolts_per
from backend.records.formats.frames import hold_samples, lead_samples_per_frame
from backend.records.formats.sniffing import identify_foreign_file, refuse_errors
from backend.records.record import Annotations, Channel, Record, RecordRefused
from backend.records.understanding import Stated
from backend.records.validation import check_sampling_rate, check_size, validate_record

__all__ = ["ANNOTATOR", "EDF_ENDINGS", "read_edf"]

EDF_ENDINGS = (".edf", ".bdf", ".rec")

ANNOTATOR = "edf"
"""Annotator of the annotations of EDF+ in a `Record`; their texts are the notes of ``"`` symbols."""

_FIXED_HEADER_BYTES = 256
_SIGNAL_HEADER_BYTES = 256
_MAX_SIGNALS = 512
_MAX_SAMPLES_PER_FRAME = 10_000_000
_MAX_FRAME_S = 86_400
_VALUES_AT_ONCE = 2**20
# pyEDFlib keeps open files in one table without a lock, and opens no file twice.
_LOCK = threading.Lock()


@dataclass(frozen=True)
class _EdfHeader:
    """The header without the annotation signals of EDF+; a frame is a data record."""

    n_frames: int
    frame_s: float
    frame_bytes: int
    channels: tuple[Channel, ...]
    samples_per_frame: tuple[int, ...]


def read_edf(path: Path, stated: Stated | None = None) -> Record:
    """Return the record in an EDF, EDF+ or BDF file.

    Signals slower than the ECG hold each sample until the next; faster ones are omitted, as a `Record` has a single
    sampling rate. The annotations of EDF+ are those of the annotator ``edf``.

    Parameters
    ----------
    path : Path
    stated : Stated, optional

    Returns
    -------
    Record
        ECG leads in mV.

    Raises
    ------
    RecordRefused
        If the file is not EDF, truncated or interrupted (EDF+D), or has no ECG.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> record = read_edf(Path("night.edf"))  # doctest: +SKIP
    """
    path = path.absolute()
    name = path.stem
    header = _read_header(path)
    samples_per_frame = lead_samples_per_frame(header.samples_per_frame, _in_millivolts(header.channels))
    sampling_rate = samples_per_frame / header.frame_s
    check_sampling_rate(name, sampling_rate)
    kept = [index for index, count in enumerate(header.samples_per_frame) if count <= samples_per_frame]
    n_samples = header.n_frames * samples_per_frame
    check_size(name, n_samples, len(kept), path.stat().st_size)
    refusal = f"{path.name} violates the EDF standard or is interrupted (EDF+D). Save it again as continuous EDF+."
    with _LOCK, refuse_errors(refusal), _reader(path) as reader:
        if list(reader.getNSamples()) != [header.n_frames * count for count in header.samples_per_frame]:
            raise RecordRefused(refusal)
        signals = _signals(reader, header, kept, samples_per_frame)
        annotations = _annotations(reader, n_samples, sampling_rate)
    channels = _in_millivolts(header.channels)
    return validate_record(
        name, signals, sampling_rate, [channels[index] for index in kept], annotations, stated=stated
    )


def _reader(path: Path) -> pyedflib.EdfReader:
    # The size is checked already; some writers pad the file after the last data record.
    return pyedflib.EdfReader(str(path), pyedflib.READ_ALL_ANNOTATIONS, pyedflib.DO_NOT_CHECK_FILE_SIZE)


def _in_millivolts(channels: Sequence[Channel]) -> list[Channel]:
    """Return the channels with mV as the unit of every potential."""
    return [replace(channel, unit="mV" if millivolts_per(channel.unit) else channel.unit) for channel in channels]


def _signals(reader: pyedflib.EdfReader, header: _EdfHeader, kept: Sequence[int], samples_per_frame: int) -> np.ndarray:
    signals = np.empty((header.n_frames * samples_per_frame, len(kept)), dtype=np.float32)
    frames_at_once = max(1, _VALUES_AT_ONCE // samples_per_frame)
    for column, index in enumerate(kept):
        own_count = header.samples_per_frame[index]
        factor = millivolts_per(header.channels[index].unit) or 1.0
        for start in range(0, header.n_frames, frames_at_once):
            n_frames = min(frames_at_once, header.n_frames - start)
            values = reader.readSignal(index, start * own_count, n_frames * own_count)
            place = slice(start * samples_per_frame, (start + n_frames) * samples_per_frame)
            signals[place, column] = hold_samples(values * factor, own_count, samples_per_frame)
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


def _read_header(path: Path) -> _EdfHeader:
    size = path.stat().st_size
    with path.open("rb") as file:
        fixed = file.read(_FIXED_HEADER_BYTES)
        _check_kind(path.name, fixed)
        n_signals = _parse_integer(path.name, fixed[252:256], "signals", 1, _MAX_SIGNALS)
        rest = file.read(n_signals * _SIGNAL_HEADER_BYTES)
    header_bytes = _FIXED_HEADER_BYTES + len(rest)
    if len(rest) < n_signals * _SIGNAL_HEADER_BYTES or _parse_number(fixed[184:192]) != header_bytes:
        raise RecordRefused(f"The header of {path.name} is incomplete. Get the file again.")
    n_frames = _parse_integer(path.name, fixed[236:244], "data records", 1, 2**40)
    frame_s = _parse_number(fixed[244:252])
    if not 0 < frame_s <= _MAX_FRAME_S:
        raise RecordRefused(f"{path.name} gives its data records no duration. Save it again as continuous EDF+.")
    header = _parse_signals(path.name, fixed, rest, n_signals, n_frames, frame_s)
    if size < header_bytes + n_frames * header.frame_bytes:
        raise RecordRefused(
            f"{path.name} is shorter than its header states ({n_frames:,} data records). Get the complete file."
        )
    return header


def _check_kind(name: str, fixed: bytes) -> None:
    if not fixed:
        raise RecordRefused(f"{name} is empty. Get the file again.")
    if len(fixed) < _FIXED_HEADER_BYTES or fixed[:8] not in (b"0       ", b"\xffBIOSEMI"):
        kind = identify_foreign_file(fixed) or "something else"
        raise RecordRefused(f"{name} is not an EDF file but {kind}. Choose a file in EDF, EDF+ or BDF.")


def _parse_signals(name: str, fixed: bytes, rest: bytes, n_signals: int, n_frames: int, frame_s: float) -> _EdfHeader:
    """Return the header with the fields of its signals; each field lists all signals before the next field."""
    labels = _fields(rest, 0, 16, n_signals)
    units = _fields(rest, 96, 8, n_signals)
    counts = [
        _parse_integer(name, field.encode("latin-1"), "samples per data record", 1, _MAX_SAMPLES_PER_FRAME)
        for field in _fields(rest, 216, 8, n_signals)
    ]
    bytes_a_sample = 3 if fixed[:1] == b"\xff" else 2
    signals = [index for index, label in enumerate(labels) if not label.endswith("DF Annotations")]
    if not signals:
        raise RecordRefused(f"{name} contains annotations but no signals. Choose the file with the ECG.")
    return _EdfHeader(
        n_frames=n_frames,
        frame_s=frame_s,
        frame_bytes=sum(counts) * bytes_a_sample,
        channels=tuple(Channel.named(labels[index] or f"signal {index + 1}", units[index]) for index in signals),
        samples_per_frame=tuple(counts[index] for index in signals),
    )


def _fields(rest: bytes, offset: int, width: int, n_signals: int) -> list[str]:
    start = offset * n_signals
    columns = (rest[start + index * width : start + (index + 1) * width] for index in range(n_signals))
    return [column.decode("latin-1").strip(" \0") for column in columns]


def _parse_number(field: bytes) -> float:
    try:
        return float(field.decode("ascii").strip())
    except ValueError:
        return math.nan


def _parse_integer(name: str, field: bytes, what: str, lowest: int, highest: int) -> int:
    number = _parse_number(field)
    if not (lowest <= number <= highest and number == int(number)):
        text = field.decode("latin-1").strip()
        raise RecordRefused(f"The header of {name} claims {text!r} {what}, which is impossible. Get the file again.")
    return int(number)
