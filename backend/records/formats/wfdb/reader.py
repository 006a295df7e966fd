"""WFDB records: with or without segments, in every signal format of wfdb, with their annotations."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import wfdb

from backend.records.alarms import parse_challenge_header
from backend.records.channels.lead_decision import with_unique_names
from backend.records.channels.units import millivolts_per
from backend.records.formats.frames import hold_samples, lead_samples_per_frame
from backend.records.formats.sniffing import refuse_errors
from backend.records.formats.wfdb.annotations import find_annotators, read_annotations
from backend.records.formats.wfdb.header import (
    MultiSegment,
    Segment,
    Signal,
    check_signal_files,
    count_frames,
    find_beside,
    read_comments,
    read_header,
    read_segment,
    signal_file,
    staged,
)
from backend.records.record import Annotations, Channel, Record, RecordRefused
from backend.records.understanding import Stated, Understanding
from backend.records.validation import check_sampling_rate, check_size, validate_record

__all__ = ["WFDB_ENDINGS", "read_wfdb"]

WFDB_ENDINGS = (".hea", ".dat", ".mat")

_MOST_REPEATS = 4
_VALUES_AT_ONCE = 2**21  # limits wfdb's intermediate copies to about 60 MB
_WIDE_FORMATS = {"8", "24", "32", "524"}  # their samples lose digits in float32 before the baseline is subtracted


@dataclass(frozen=True)
class _Piece:
    """A segment, its position in the record, and the channel of each of its signals (``columns``)."""

    segment: Segment
    first_frame: int
    n_frames: int
    input_bytes: int
    columns: tuple[int | None, ...]


def read_wfdb(path: Path, stated: Stated | None = None) -> Record:
    """Return a WFDB record with all annotation files next to its header, and the alarm in its comments.

    Signals slower than the ECG hold each sample until the next; faster ones are omitted, as a `Record` has a single
    sampling rate.

    Parameters
    ----------
    path : Path
        The record without ending as in wfdb, or any of its ``.hea``, ``.dat`` and ``.mat`` files.
    stated : Stated, optional

    Returns
    -------
    Record
        ECG leads in mV; other signals, and those of unknown unit, unchanged.

    Raises
    ------
    RecordRefused
        If a file is missing, truncated, of another format or too large, or the record has no ECG.

    Examples
    --------
    >>> record = read_wfdb(Path("sample_records/simulated/normal"))  # doctest: +SKIP
    """
    path = path if path.suffix.lower() in WFDB_ENDINGS else path.with_name(path.name + ".hea")
    header_path = path.with_suffix(".hea").absolute()
    header_path = find_beside(header_path.parent, header_path.name) or header_path
    header = read_header(header_path)
    pieces, signals = _read_segments(header) if isinstance(header, MultiSegment) else _read_single_segment(header)
    return _assemble(header_path, header.frame_rate, pieces, signals, stated)


def _read_single_segment(segment: Segment) -> tuple[list[_Piece], list[Signal]]:
    if segment.is_layout:
        raise RecordRefused(
            f"{segment.path.name} only describes the segments of a longer record. Choose the header of that record."
        )
    input_bytes = check_signal_files(segment)
    piece = _Piece(segment, 0, count_frames(segment), input_bytes, tuple(range(len(segment.signals))))
    return [piece], list(segment.signals)


def _read_segments(master: MultiSegment) -> tuple[list[_Piece], list[Signal]]:
    """Return the segments of a record with their positions; the first may be a layout that only lists the signals."""
    first_frames = np.cumsum((0, *master.segment_frames)).tolist()
    pieces: list[_Piece] = []
    signals: list[Signal] | None = None
    names = dict.fromkeys(name for name in master.segment_names if name != "~")
    segments = {name: read_segment(master.path.with_name(f"{name}.hea")) for name in names}
    _check_repeats(master)
    for name, first_frame, n_frames in zip(master.segment_names, first_frames, master.segment_frames, strict=False):
        if name == "~":
            continue
        segment = segments[name]
        _check_same_rate(master, segment)
        signals = signals or list(segment.signals)
        if not segment.is_layout:
            pieces.append(_piece(master, segment, first_frame, n_frames, signals))
    if signals is None or not pieces:
        raise RecordRefused(f"{master.path.name} has no segment with signals. Choose another record.")
    return pieces, _with_units(signals, pieces)


def _check_repeats(master: MultiSegment) -> None:
    """Refuse a header that makes a long record of a short one by naming a segment many times."""
    own_frames = dict(zip(master.segment_names, master.segment_frames, strict=False))
    own_frames.pop("~", None)
    named_frames = sum(n for name, n in zip(master.segment_names, master.segment_frames, strict=False) if name != "~")
    if named_frames > _MOST_REPEATS * sum(own_frames.values()):
        raise RecordRefused(f"{master.path.name} names the same segments many times. Get the record again.")


def _check_same_rate(master: MultiSegment, segment: Segment) -> None:
    if segment.frame_rate != master.frame_rate:
        raise RecordRefused(
            f"The sampling rates of {segment.path.name} and {master.path.name} differ. Correct the headers."
        )


def _piece(
    master: MultiSegment, segment: Segment, first_frame: int, n_frames: int, signals: Sequence[Signal]
) -> _Piece:
    if segment.n_frames != n_frames:
        raise RecordRefused(
            f"The length of {segment.path.name} differs from that in {master.path.name}. Get the record again."
        )
    names = [signal.name for signal in signals]
    own_names = [signal.name for signal in segment.signals]
    if master.segment_frames[0] and own_names != names:
        raise RecordRefused(
            f"{segment.path.name} has other signals than the first segment of {master.path.name}. Open it separately."
        )
    columns = tuple(names.index(name) if name in names else None for name in own_names)
    for signal, column in zip(segment.signals, columns, strict=True):
        if column is not None and signal.samples_per_frame != signals[column].samples_per_frame:
            raise RecordRefused(
                f"{segment.path.name} has another sampling rate of {signal.name} than earlier segments. "
                "Correct the headers."
            )
    return _Piece(segment, first_frame, n_frames, check_signal_files(segment), columns)


def _with_units(signals: Sequence[Signal], pieces: Sequence[_Piece]) -> list[Signal]:
    """Return the signals with the units in the segments, not in the layout, which has no samples."""
    units: dict[int, str] = {}
    for piece in pieces:
        for signal, column in zip(piece.segment.signals, piece.columns, strict=True):
            unit = _output_unit(signal)
            if column is not None and units.setdefault(column, unit) != unit:
                raise RecordRefused(
                    f"{piece.segment.path.name} has another unit of {signal.name} than earlier segments. "
                    "Correct the headers."
                )
    return [replace(signal, unit=units.get(column, signal.unit)) for column, signal in enumerate(signals)]


def _output_unit(signal: Signal) -> str:
    """Return the unit of a signal in the record: mV for every potential."""
    return "mV" if millivolts_per(signal.unit) else signal.unit


def _assemble(
    header_path: Path, frame_rate: float, pieces: Sequence[_Piece], signals: Sequence[Signal], stated: Stated | None
) -> Record:
    name = header_path.stem
    stated = stated or Stated()
    channels = _channels(signals, stated)
    samples_per_frame = lead_samples_per_frame([signal.samples_per_frame for signal in signals], channels)
    own_rate = frame_rate * samples_per_frame
    sampling_rate = stated.sampling_rate or own_rate
    check_sampling_rate(name, sampling_rate)
    kept = [index for index, signal in enumerate(signals) if signal.samples_per_frame <= samples_per_frame]
    n_samples = max(piece.first_frame + piece.n_frames for piece in pieces) * samples_per_frame
    input_bytes = {piece.segment.path: piece.input_bytes for piece in pieces}
    check_size(name, n_samples, len(kept), sum(input_bytes.values()))
    values = np.full((n_samples, len(kept)), np.nan, dtype=np.float32)
    factors = [_factor(signals[index], channels[index], stated) for index in kept]
    for piece in pieces:
        _read_piece(
            values,
            piece,
            samples_per_frame,
            [kept.index(column) if column in kept else None for column in piece.columns],
            factors,
        )
    annotations = parse_challenge_header(name, read_comments(header_path), n_samples, sampling_rate)
    annotations |= _annotations(header_path, pieces, n_samples, sampling_rate, sampling_rate / samples_per_frame)
    understanding = _understand(
        header_path,
        pieces,
        stated,
        [
            (signals[index].name, f"faster than the ECG, {frame_rate * signals[index].samples_per_frame:g} Hz")
            for index in range(len(signals))
            if index not in kept
        ],
    )
    kept_channels = [channels[index] for index in kept]
    return validate_record(
        name, values, sampling_rate, kept_channels, annotations, stated=stated, understanding=understanding
    )


def _channels(signals: Sequence[Signal], stated: Stated) -> list[Channel]:
    """Return the channels of signals, with the leads that are stated, else those that are named."""
    named = [Channel.named(signal.name, _output_unit(signal)) for signal in signals]
    if stated.leads is None:
        return named
    wanted = {lead.strip().casefold() for lead in stated.leads}
    leads = [channel.name.casefold() in wanted for channel in with_unique_names(named)]
    is_converted = [is_lead and millivolts_per(stated.unit or "") for is_lead in leads]
    return [
        replace(channel, is_lead=is_lead, unit="mV" if converted else channel.unit)
        for channel, is_lead, converted in zip(named, leads, is_converted, strict=True)
    ]


def _factor(signal: Signal, channel: Channel, stated: Stated) -> float:
    """Return the factor to the unit of the channel; a stated unit is that of the leads."""
    unit = stated.unit if stated.unit and channel.is_lead and channel.unit == "mV" else signal.unit
    return millivolts_per(unit) or 1.0


def _understand(
    header_path: Path, pieces: Sequence[_Piece], stated: Stated, ignored: Sequence[tuple[str, str]]
) -> Understanding:
    notices = []
    rate_from = "header"
    if not all(piece.segment.has_rate for piece in pieces):
        rate_from = "WFDB's default"
        notices.append("The header states no sampling rate; WFDB's default of 250 Hz was used.")
    for piece in pieces:
        for file_name in dict.fromkeys(signal.file_name for signal in piece.segment.signals):
            path = signal_file(piece.segment, file_name)
            if path is not None and path.name.casefold() != unicodedata.normalize("NFC", file_name).casefold():
                notices.append(f"The header names {file_name}, which is missing; {path.name} was read instead.")
    return Understanding(
        format="WFDB",
        rate_from=rate_from if stated.sampling_rate is None else "stated",
        unit_from="header" if stated.unit is None else "stated",
        ignored=tuple(ignored),
        notices=tuple(dict.fromkeys(notices)),
    )


def _read_piece(
    values: np.ndarray,
    piece: _Piece,
    samples_per_frame: int,
    columns: Sequence[int | None],
    factors: Sequence[float],
) -> None:
    """Read a piece into its rows of ``values``, a block of frames at a time, each column times its factor."""
    segment = piece.segment
    frame_samples = sum(signal.samples_per_frame for signal in segment.signals)
    frames_at_once = piece.n_frames if segment.must_be_read_whole else max(1, _VALUES_AT_ONCE // frame_samples)
    with staged(segment) as readable:
        for start in range(0, piece.n_frames, frames_at_once):
            stop = min(start + frames_at_once, piece.n_frames)
            first = (piece.first_frame + start) * samples_per_frame
            read = _read(segment, readable, start, stop)
            for signal, column, own in zip(segment.signals, columns, read, strict=True):
                if column is not None:
                    at_rate = hold_samples(own, signal.samples_per_frame, samples_per_frame)
                    place = slice(first, first + len(at_rate))
                    np.multiply(at_rate, factors[column], out=values[place, column], casting="same_kind")


def _read(segment: Segment, readable: str, start: int, stop: int) -> list[np.ndarray]:
    """Return the physical values of each signal from one frame to another, with all samples of each frame."""
    extent = {} if segment.must_be_read_whole else {"sampfrom": start, "sampto": stop}
    resolution = 64 if any(signal.format in _WIDE_FORMATS for signal in segment.signals) else 32
    refusal = f"The signals of {segment.path.name} do not match the header. Get the record again."
    with refuse_errors(refusal), np.errstate(all="ignore"):
        record = wfdb.rdrecord(readable, smooth_frames=False, return_res=resolution, **extent)
    lengths = [len(signal) for signal in record.e_p_signal]
    if lengths != [(stop - start) * signal.samples_per_frame for signal in segment.signals]:
        raise RecordRefused(refusal)
    return record.e_p_signal


def _annotations(
    header_path: Path, pieces: Sequence[_Piece], n_samples: int, sampling_rate: float, frame_rate: float
) -> dict[str, Annotations]:
    signal_files = {signal.file_name.casefold() for piece in pieces for signal in piece.segment.signals}
    annotators = [
        annotator
        for annotator in find_annotators(header_path)
        if f"{header_path.stem}.{annotator}".casefold() not in signal_files
    ]
    with refuse_errors(f"The annotations of {header_path.name} cannot be read. Leave them out."):
        read = {
            annotator.casefold(): read_annotations(header_path, annotator, n_samples, sampling_rate, frame_rate)
            for annotator in annotators
        }
    return {annotator: annotations for annotator, annotations in read.items() if annotations is not None}
