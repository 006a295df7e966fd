"""WFDB headers, checked against the files that they name before any of those is opened.

``wfdb`` opens whatever a header names, remote addresses included, and allocates what a header claims. So the text is
checked here first, and the numbers against the real sizes of the files.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import wfdb
from wfdb.io._signal import BYTES_PER_SAMPLE, COMPRESSED_FMTS, DAT_FMTS

from backend.records.formats.sniffing import FIRST_BYTES, foreign_kind, refusing_whatever_fails
from backend.records.record import RecordRefused

__all__ = [
    "MultiSegment",
    "Segment",
    "Signal",
    "check_signal_files",
    "n_frames_of",
    "read_comments",
    "read_header",
    "read_segment",
]

_LARGEST_HEADER_BYTES = 2**20
_LONGEST_LINE = 1000
_MOST_SEGMENTS = 5000
_MOST_SIGNALS = 256
_MOST_SAMPLES_A_FRAME = 1000
_LONGEST_SKEW_S = 10
_FILE_NAME = re.compile(r"~|~?[-\w]+(\.\w+)?", re.ASCII)
_SEGMENT_NAME = re.compile(r"~|[-\w]+~?", re.ASCII)
# Whole files only: of format 8 each sample needs all before it, and without a length wfdb reads to the end.
_LARGEST_UNCUT_BYTES = 16 * 2**20


@dataclass(frozen=True)
class Signal:
    """One signal line of a header.

    ``samples_a_frame`` times the header's sampling rate is the signal's own sampling rate.
    """

    name: str
    unit: str
    samples_a_frame: int
    file_name: str
    format: str
    byte_offset: int
    skew: int


@dataclass(frozen=True)
class Segment:
    """The header of a record in one piece.

    ``n_frames`` is None where the header leaves it to the size of the file.
    """

    path: Path
    frame_rate: float
    n_frames: int | None
    signals: tuple[Signal, ...]

    @property
    def is_layout(self) -> bool:
        """Whether it only says which signals the other segments may hold."""
        return all(signal.file_name == "~" for signal in self.signals)

    @property
    def must_be_read_whole(self) -> bool:
        """Whether a part of it cannot be read by itself."""
        return self.n_frames is None or any(signal.format == "8" for signal in self.signals)


@dataclass(frozen=True)
class MultiSegment:
    """The master header of a record in several pieces: names of the segments (``~`` for a gap) and their frames."""

    path: Path
    frame_rate: float
    n_frames: int
    n_signals: int
    segment_names: tuple[str, ...]
    segment_frames: tuple[int, ...]


def read_header(path: Path) -> Segment | MultiSegment:
    """Read a ``.hea`` file and check that it means what a header can mean.

    Raises
    ------
    RecordRefused
        If it is missing, no header, or names anything but plain files beside it.
    """
    lines = _lines(path)
    name = path.name
    is_multi = "/" in lines[0].split()[0]
    for line in lines[1:]:
        _check_name(name, line.split()[0], _SEGMENT_NAME if is_multi else _FILE_NAME)
    with refusing_whatever_fails(f"{name} is not a WFDB header that can be read; get the record again."):
        header = wfdb.rdheader(str(path.with_suffix("")))
        return _multi_segment(path, header) if is_multi else _segment(path, header, lines[1:])


def read_comments(path: Path) -> tuple[str, ...]:
    """The comments of a header that `read_header` has admitted, without their ``#``."""
    lines = (line.strip() for line in _ascii(path.read_bytes()).splitlines())
    return tuple(line.lstrip("#").strip() for line in lines if line.startswith("#"))


def read_segment(path: Path) -> Segment:
    """Read the header of a segment, which must not have segments of its own.

    Raises
    ------
    RecordRefused
        As `read_header`, and for a master header.
    """
    header = read_header(path)
    if isinstance(header, MultiSegment):
        raise RecordRefused(f"{path.name} is a segment with segments of its own; only one level of them can be read.")
    return header


def check_signal_files(segment: Segment) -> int:
    """Check that every signal file lies beside its header and is as long as the header says.

    Returns
    -------
    int
        The bytes of all signal files together.

    Raises
    ------
    RecordRefused
        If one is missing, too short, something else, or cannot be read within bounded memory.
    """
    by_file: dict[str, list[Signal]] = {}
    for signal in segment.signals:
        by_file.setdefault(signal.file_name, []).append(signal)
    sizes = [_checked_size(segment, file_name, signals) for file_name, signals in by_file.items()]
    _check_contiguous(segment)
    if segment.must_be_read_whole and sum(sizes) > _LARGEST_UNCUT_BYTES:
        raise RecordRefused(
            f"{segment.path.name} does not say how many samples there are, or uses format 8, and its signals are over "
            f"{_LARGEST_UNCUT_BYTES // 2**20} MiB; convert it to format 16 with WFDB's xform."
        )
    return sum(sizes)


def n_frames_of(segment: Segment) -> int:
    """Frames in a segment: as its header says, else as many as its first signal file holds (as wfdb counts them).

    Raises
    ------
    RecordRefused
        If the header does not say it of a compressed file.
    """
    if segment.n_frames is not None:
        return segment.n_frames
    first = segment.signals[0]
    if first.format in COMPRESSED_FMTS:
        raise RecordRefused(f"{segment.path.name} does not say how many samples there are; state it in its first line.")
    a_frame = sum(signal.samples_a_frame for signal in segment.signals if signal.file_name == first.file_name)
    content_bytes = (segment.path.parent / first.file_name).stat().st_size - first.byte_offset
    return max(0, int(content_bytes / (BYTES_PER_SAMPLE[first.format] * a_frame)))


def _lines(path: Path) -> list[str]:
    """The header's lines without comments, decoded as wfdb does it."""
    if not path.is_file():
        raise RecordRefused(f"There is no header {path.name}; put it beside the signal file, or upload both together.")
    if path.stat().st_size > _LARGEST_HEADER_BYTES:
        raise RecordRefused(f"{path.name} is too large for a header; choose the .hea file of a WFDB record.")
    content = path.read_bytes()
    kind = foreign_kind(content[:FIRST_BYTES]) or ("not a text file" if b"\0" in content else None)
    if kind:
        raise RecordRefused(f"{path.name} is {kind}, not a WFDB header; choose the .hea file of a WFDB record.")
    stripped = [line.strip() for line in _ascii(content).splitlines()]
    lines = [line for line in stripped if line and not line.startswith("#")]
    if not lines:
        raise RecordRefused(f"{path.name} is empty; get the record again.")
    if max(map(len, lines)) > _LONGEST_LINE or len(lines) > _MOST_SEGMENTS + 1:
        raise RecordRefused(f"{path.name} is no WFDB header, its lines are too long or too many; choose another file.")
    return lines


def _ascii(content: bytes) -> str:
    # wfdb drops what is not ASCII, which would leave microvolts as volts.
    for micro in (b"\xc2\xb5", b"\xce\xbc", b"\xb5"):
        content = content.replace(micro + b"V", b"uV")
    return content.decode("ascii", errors="ignore")


def _check_name(header_name: str, name: str, allowed: re.Pattern[str]) -> None:
    if not allowed.fullmatch(name):
        raise RecordRefused(
            f"{header_name} names {_short(name)!r}, which is a path, an address or no file name; a header "
            f"may only name files beside it. Put the files together and correct the header."
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _segment(path: Path, header: wfdb.Record, lines: Sequence[str]) -> Segment:
    name = path.name
    if not 1 <= header.n_sig <= _MOST_SIGNALS:
        raise RecordRefused(f"{name} claims {header.n_sig} signals; Beatlight reads 1 to {_MOST_SIGNALS}.")
    if header.n_sig != len(lines):
        raise RecordRefused(f"{name} claims {header.n_sig} signals but describes {len(lines)}; get the record again.")
    if header.sig_len == 0 and not all(file_name == "~" for file_name in header.file_name):
        raise RecordRefused(f"{name} says that the record has no samples; get the record again.")
    if not header.fs > 0:
        raise RecordRefused(f"{name} has a sampling rate of {header.fs} Hz; correct it in the header's first line.")
    signals = tuple(_signal(header, lines[index], index) for index in range(header.n_sig))
    for signal in signals:
        _check_signal(name, signal, header.fs)
    return Segment(path, float(header.fs), header.sig_len, signals)


def _signal(header: wfdb.Record, line: str, index: int) -> Signal:
    # The unit from our own decoding of the line, because wfdb's has lost the micro sign.
    own_unit = re.match(r"\S+\s+\S+\s+[^\s/]+/(uV)\b", line)
    return Signal(
        name=(header.sig_name[index] or f"signal {index + 1}").strip(),
        unit=own_unit[1] if own_unit else header.units[index],
        samples_a_frame=header.samps_per_frame[index] or 0,
        file_name=header.file_name[index],
        format=header.fmt[index],
        byte_offset=header.byte_offset[index] or 0,
        skew=header.skew[index] or 0,
    )


def _check_signal(header_name: str, signal: Signal, frame_rate: float) -> None:
    if signal.file_name != "~" and signal.format not in DAT_FMTS:
        raise RecordRefused(
            f"{header_name} uses signal format {signal.format}, which is unknown; convert it with WFDB's xform."
        )
    if not 1 <= signal.samples_a_frame <= _MOST_SAMPLES_A_FRAME:
        raise RecordRefused(f"{header_name} claims {signal.samples_a_frame} samples a frame; get the record again.")
    if signal.skew > _LONGEST_SKEW_S * frame_rate:
        raise RecordRefused(f"{header_name} claims a skew of {signal.skew} samples; correct the header.")


def _multi_segment(path: Path, header: wfdb.MultiRecord) -> MultiSegment:
    name = path.name
    if header.n_seg != len(header.seg_name) or not header.seg_name:
        raise RecordRefused(
            f"{name} claims {header.n_seg} segments but names {len(header.seg_name)}; get the record again."
        )
    if header.sig_len is None or header.sig_len != sum(header.seg_len) or not header.fs > 0:
        raise RecordRefused(f"The segments in {name} do not add up to the length it claims; get the record again.")
    return MultiSegment(
        path,
        float(header.fs),
        header.sig_len,
        header.n_sig,
        tuple(header.seg_name),
        tuple(header.seg_len),
    )


def _check_contiguous(segment: Segment) -> None:
    """Signals of one file stand together, in one format, from one offset; wfdb takes this for granted."""
    files: list[tuple[str, str, int]] = []
    for signal in segment.signals:
        file = (signal.file_name, signal.format, signal.byte_offset)
        if not files or file != files[-1]:
            files.append(file)
    names = [file[0] for file in files]
    if len(set(names)) < len(names):
        raise RecordRefused(
            f"{segment.path.name} describes the signals of one file in different ways or out of order; "
            f"correct the header."
        )


def _checked_size(segment: Segment, file_name: str, signals: Sequence[Signal]) -> int:
    header_name, path = segment.path.name, segment.path.parent / file_name
    if not path.is_file():
        raise RecordRefused(
            f"{header_name} needs the signal file {file_name}, which is not beside it; "
            f"put it there, or upload both together."
        )
    size = path.stat().st_size
    with path.open("rb") as file:
        first_bytes = file.read(FIRST_BYTES)
    kind = foreign_kind(first_bytes)
    if first_bytes.startswith(b"MATLAB 5.0"):
        kind = "a MATLAB 5 file, of which WFDB reads only version 4"
    if kind:
        raise RecordRefused(f"{file_name} is {kind}, not the signals of {header_name}; get the signal file again.")
    if size == 0:
        raise RecordRefused(f"{file_name} is empty; get the signal file again.")
    if segment.n_frames is not None:
        _check_length(segment, path, signals, size)
    return size


def _check_length(segment: Segment, path: Path, signals: Sequence[Signal], size: int) -> None:
    assert segment.n_frames is not None
    format_, offset = signals[0].format, signals[0].byte_offset
    n_samples = segment.n_frames * sum(signal.samples_a_frame for signal in signals)
    if format_ in COMPRESSED_FMTS:
        frames_needed = segment.n_frames * signals[0].samples_a_frame + offset
        is_short = _flac_frames(path, len(signals)) < frames_needed
    else:
        is_short = size < offset + _bytes_needed(format_, n_samples)
    if is_short:
        raise RecordRefused(
            f"{path.name} is shorter than {segment.path.name} says ({segment.n_frames:,} samples of each signal); "
            f"get the signal file again, it was probably cut off."
        )


def _bytes_needed(format_: str, n_samples: int) -> int:
    if format_ == "212":
        return -(-3 * n_samples // 2)
    if format_ in ("310", "311"):
        return -(-4 * n_samples // 3)
    return n_samples * math.ceil(BYTES_PER_SAMPLE[format_])


def _flac_frames(path: Path, n_signals: int) -> int:
    """How many samples of each signal a FLAC file says that it holds."""
    refusal = f"{path.name} is no FLAC file that can be read; get the signal file again."
    with refusing_whatever_fails(refusal):
        import soundfile  # type: ignore[import-untyped]
    with refusing_whatever_fails(refusal), soundfile.SoundFile(path) as sound:
        if sound.format != "FLAC" or sound.channels != n_signals:
            raise RecordRefused(refusal)
        return sound.frames
