"""WFDB records: in one piece or in segments, every signal format that wfdb reads, with their annotations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import wfdb

from backend.records.alarms import parse_challenge_header
from backend.records.channels.units import millivolts_per
from backend.records.formats.frames import held, samples_a_frame_of_leads
from backend.records.formats.sniffing import refusing_whatever_fails
from backend.records.formats.wfdb.annotations import annotators_beside, read_annotations
from backend.records.formats.wfdb.header import (
    MultiSegment,
    Segment,
    Signal,
    check_signal_files,
    n_frames_of,
    read_comments,
    read_header,
    read_segment,
)
from backend.records.record import Annotations, Channel, Record, RecordRefused
from backend.records.validation import admitted, check_sampling_rate, check_size

__all__ = ["WFDB_ENDINGS", "read_wfdb"]

WFDB_ENDINGS = (".hea", ".dat", ".mat")

_VALUES_AT_ONCE = 2**21  # keeps wfdb's intermediate copies under some 60 MB
_WIDE_FORMATS = {"8", "24", "32", "524"}  # their samples lose digits in float32 before the baseline is taken off


@dataclass(frozen=True)
class _Piece:
    """A segment and where it lies in the record; ``columns`` says in which channel each of its signals goes."""

    segment: Segment
    first_frame: int
    n_frames: int
    input_bytes: int
    columns: tuple[int | None, ...]


def read_wfdb(path: Path) -> Record:
    """Read a WFDB record with all annotation files that lie beside its header, and the alarm its comments tell of.

    A signal that is sampled more slowly than the ECG (several samples a frame) holds each sample until its next; one
    that is sampled faster than the ECG is left out, as `Record` has one sampling rate.

    Parameters
    ----------
    path : Path
        The record as wfdb takes it, or any of its ``.hea``, ``.dat`` and ``.mat`` files.

    Returns
    -------
    Record
        ECG leads in mV; other signals, and those whose unit is unknown, as they are.

    Raises
    ------
    RecordRefused
        If any of its files is missing, cut off, something else or too large, or if the record is no ECG.

    Examples
    --------
    >>> record = read_wfdb(Path("sample_records/simulated/normal"))  # doctest: +SKIP
    """
    path = path if path.suffix.lower() in WFDB_ENDINGS else path.with_name(path.name + ".hea")
    header_path = path.with_suffix(".hea").absolute()
    if "::" in str(header_path):
        raise RecordRefused("A path with two colons in a row cannot be read; rename the file or its folder.")
    header = read_header(header_path)
    pieces, signals = _several_pieces(header) if isinstance(header, MultiSegment) else _one_piece(header)
    return _assembled(header_path, header.frame_rate, pieces, signals)


def _one_piece(segment: Segment) -> tuple[list[_Piece], list[Signal]]:
    if segment.is_layout:
        raise RecordRefused(
            f"{segment.path.name} only describes the segments of a longer record; choose that record's own header."
        )
    input_bytes = check_signal_files(segment)
    piece = _Piece(segment, 0, n_frames_of(segment), input_bytes, tuple(range(len(segment.signals))))
    return [piece], list(segment.signals)


def _several_pieces(master: MultiSegment) -> tuple[list[_Piece], list[Signal]]:
    """The segments of a record, each with its place; the first may be a layout that only names all signals."""
    first_frames = np.cumsum((0, *master.segment_frames)).tolist()
    pieces: list[_Piece] = []
    signals: list[Signal] | None = None
    for name, first_frame, n_frames in zip(master.segment_names, first_frames, master.segment_frames, strict=False):
        if name == "~":
            continue
        segment = read_segment(master.path.with_name(f"{name}.hea"))
        _check_same_rate(master, segment)
        signals = signals or list(segment.signals)
        if not segment.is_layout:
            pieces.append(_piece(master, segment, first_frame, n_frames, signals))
    if signals is None or not pieces:
        raise RecordRefused(f"{master.path.name} names no segment with signals in it; choose another record.")
    return pieces, _with_units(signals, pieces)


def _check_same_rate(master: MultiSegment, segment: Segment) -> None:
    if segment.frame_rate != master.frame_rate:
        raise RecordRefused(
            f"{segment.path.name} has another sampling rate than {master.path.name}; correct the headers."
        )


def _piece(
    master: MultiSegment, segment: Segment, first_frame: int, n_frames: int, signals: Sequence[Signal]
) -> _Piece:
    if segment.n_frames != n_frames:
        raise RecordRefused(
            f"{segment.path.name} has another length than {master.path.name} says; get the record again."
        )
    names = [signal.name for signal in signals]
    own_names = [signal.name for signal in segment.signals]
    if master.segment_frames[0] and own_names != names:
        raise RecordRefused(
            f"{segment.path.name} has other signals than the first segment of {master.path.name}; read it by itself."
        )
    columns = tuple(names.index(name) if name in names else None for name in own_names)
    for signal, column in zip(segment.signals, columns, strict=True):
        if column is not None and signal.samples_a_frame != signals[column].samples_a_frame:
            raise RecordRefused(f"{segment.path.name} samples {signal.name} at another rate; correct the headers.")
    return _Piece(segment, first_frame, n_frames, check_signal_files(segment), columns)


def _with_units(signals: Sequence[Signal], pieces: Sequence[_Piece]) -> list[Signal]:
    """The signals with the units that the segments give them, not those of a layout, which holds no samples."""
    units: dict[int, str] = {}
    for piece in pieces:
        for signal, column in zip(piece.segment.signals, piece.columns, strict=True):
            unit = _unit_read(signal)
            if column is not None and units.setdefault(column, unit) != unit:
                raise RecordRefused(
                    f"{piece.segment.path.name} gives {signal.name} another unit than the segments before it; "
                    f"correct the headers."
                )
    return [replace(signal, unit=units.get(column, signal.unit)) for column, signal in enumerate(signals)]


def _unit_read(signal: Signal) -> str:
    """The unit in which a signal is handed on: every potential in mV."""
    return "mV" if millivolts_per(signal.unit) else signal.unit


def _assembled(header_path: Path, frame_rate: float, pieces: Sequence[_Piece], signals: Sequence[Signal]) -> Record:
    name = header_path.stem
    channels = [Channel(signal.name, _unit_read(signal)) for signal in signals]
    samples_a_frame = samples_a_frame_of_leads([signal.samples_a_frame for signal in signals], channels)
    sampling_rate = frame_rate * samples_a_frame
    check_sampling_rate(name, sampling_rate)
    kept = [index for index, signal in enumerate(signals) if signal.samples_a_frame <= samples_a_frame]
    n_samples = max(piece.first_frame + piece.n_frames for piece in pieces) * samples_a_frame
    check_size(name, n_samples, len(kept), sum(piece.input_bytes for piece in pieces))
    values = np.full((n_samples, len(kept)), np.nan, dtype=np.float32)
    for piece in pieces:
        _fill(
            values, piece, samples_a_frame, [kept.index(column) if column in kept else None for column in piece.columns]
        )
    annotations = parse_challenge_header(name, read_comments(header_path), n_samples, sampling_rate)
    annotations |= _annotations(header_path, n_samples, sampling_rate, frame_rate)
    return admitted(name, values, sampling_rate, [channels[index] for index in kept], annotations)


def _fill(values: np.ndarray, piece: _Piece, samples_a_frame: int, columns: Sequence[int | None]) -> None:
    """Read a piece into its place in ``values``, some frames at a time."""
    segment = piece.segment
    a_frame = sum(signal.samples_a_frame for signal in segment.signals)
    frames_at_once = piece.n_frames if segment.must_be_read_whole else max(1, _VALUES_AT_ONCE // a_frame)
    for start in range(0, piece.n_frames, frames_at_once):
        stop = min(start + frames_at_once, piece.n_frames)
        first = (piece.first_frame + start) * samples_a_frame
        for signal, column, read in zip(segment.signals, columns, _read(segment, start, stop), strict=True):
            if column is None:
                continue
            at_rate = held(read, signal.samples_a_frame, samples_a_frame)
            factor = millivolts_per(signal.unit) or 1.0
            np.multiply(at_rate, factor, out=values[first : first + len(at_rate), column], casting="same_kind")


def _read(segment: Segment, start: int, stop: int) -> list[np.ndarray]:
    """Physical values of each signal from one frame to another, with all samples of each frame."""
    extent = {} if segment.must_be_read_whole else {"sampfrom": start, "sampto": stop}
    resolution = 64 if any(signal.format in _WIDE_FORMATS for signal in segment.signals) else 32
    refusal = f"The signals of {segment.path.name} cannot be read as its header describes them; get the record again."
    with refusing_whatever_fails(refusal), np.errstate(all="ignore"):
        record = wfdb.rdrecord(str(segment.path.with_suffix("")), smooth_frames=False, return_res=resolution, **extent)
    lengths = [len(signal) for signal in record.e_p_signal]
    if lengths != [(stop - start) * signal.samples_a_frame for signal in segment.signals]:
        raise RecordRefused(refusal)
    return record.e_p_signal


def _annotations(header_path: Path, n_samples: int, sampling_rate: float, frame_rate: float) -> dict[str, Annotations]:
    with refusing_whatever_fails(f"The annotations of {header_path.name} cannot be read; leave them out."):
        read = {
            annotator: read_annotations(header_path, annotator, n_samples, sampling_rate, frame_rate)
            for annotator in annotators_beside(header_path)
        }
    return {annotator: annotations for annotator, annotations in read.items() if annotations is not None}
