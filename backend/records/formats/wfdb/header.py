"""WFDB headers, checked against the files that they name before any of them is opened.

``wfdb`` opens whatever a header names, remote URLs included, and allocates what a header claims. The text is therefore
checked here first, and the numbers against the actual sizes of the files.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import wfdb
from wfdb.io._signal import BYTES_PER_SAMPLE, COMPRESSED_FMTS, DAT_FMTS

from backend.records.formats.sniffing import FIRST_BYTES, identify_foreign_file, refuse_errors
from backend.records.record import RecordRefused

__all__ = [
    "MultiSegment",
    "Segment",
    "Signal",
    "check_signal_files",
    "count_frames",
    "read_comments",
    "read_header",
    "read_segment",
]

_MAX_HEADER_BYTES = 2**20
_MAX_LINE_LENGTH = 1000
_MAX_SEGMENTS = 5000
_MAX_SIGNALS = 256
_MAX_SAMPLES_PER_FRAME = 1000
_MAX_SKEW_S = 10
_FILE_NAME = re.compile(r"~|~?[-\w]+(\.\w+)?", re.ASCII)
_SEGMENT_NAME = re.compile(r"~|[-\w]+~?", re.ASCII)
# For files that must be read whole: each sample in format 8 depends on all before it, and wfdb reads files of unknown
# length to the end.
_MAX_WHOLE_FILE_BYTES = 16 * 2**20


@dataclass(frozen=True)
class Signal:
    """One signal line of a header.

    ``samples_per_frame`` times the sampling rate of the header is the sampling rate of the signal.
    """

    name: str
    unit: str
    samples_per_frame: int
    file_name: str
    format: str
    byte_offset: int
    skew: int


@dataclass(frozen=True)
class Segment:
    """The header of a record without segments, or of one segment.

    ``n_frames`` is None if only the size of the file determines it.
    """

    path: Path
    frame_rate: float
    n_frames: int | None
    signals: tuple[Signal, ...]

    @property
    def is_layout(self) -> bool:
        """Whether it only lists the signals of the other segments."""
        return all(signal.file_name == "~" for signal in self.signals)

    @property
    def must_be_read_whole(self) -> bool:
        """Whether parts of it cannot be read separately."""
        return self.n_frames is None or any(signal.format == "8" for signal in self.signals)


@dataclass(frozen=True)
class MultiSegment:
    """The master header of a record: the names of its segments (``~`` for a gap) and their frames."""

    path: Path
    frame_rate: float
    n_frames: int
    n_signals: int
    segment_names: tuple[str, ...]
    segment_frames: tuple[int, ...]


def read_header(path: Path) -> Segment | MultiSegment:
    """Return the content of a ``.hea`` file, checked for consistency.

    Raises
    ------
    RecordRefused
        If it is missing, not a header, or names anything but plain files next to it.
    """
    lines = _lines(path)
    name = path.name
    is_multi = "/" in lines[0].split()[0]
    for line in lines[1:]:
        _check_name(name, line.split()[0], _SEGMENT_NAME if is_multi else _FILE_NAME)
    with refuse_errors(f"{name} cannot be read as a WFDB header. Get the record again."):
        header = wfdb.rdheader(str(path.with_suffix("")))
        return _multi_segment(path, header) if is_multi else _segment(path, header, lines[1:])


def read_comments(path: Path) -> tuple[str, ...]:
    """Return the comments of a header that `read_header` accepts, without their ``#``."""
    lines = (line.strip() for line in _ascii(path.read_bytes()).splitlines())
    return tuple(line.lstrip("#").strip() for line in lines if line.startswith("#"))


def read_segment(path: Path) -> Segment:
    """Return the header of a segment, which must not have segments of its own.

    Raises
    ------
    RecordRefused
        As in `read_header`, and for a master header.
    """
    header = read_header(path)
    if isinstance(header, MultiSegment):
        raise RecordRefused(
            f"{path.name} is a segment with segments of its own. Choose a record with one level of segments."
        )
    return header


def check_signal_files(segment: Segment) -> int:
    """Return the size of all signal files, each checked to exist and to have the length in the header.

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    RecordRefused
        If a file is missing, too short, not a signal file, or cannot be read within bounded memory.
    """
    by_file: dict[str, list[Signal]] = {}
    for signal in segment.signals:
        by_file.setdefault(signal.file_name, []).append(signal)
    sizes = [_check_file(segment, file_name, signals) for file_name, signals in by_file.items()]
    _check_contiguous(segment)
    if segment.must_be_read_whole and sum(sizes) > _MAX_WHOLE_FILE_BYTES:
        raise RecordRefused(
            f"{segment.path.name} does not state the number of samples, or uses format 8, and its signals are over "
            f"{_MAX_WHOLE_FILE_BYTES // 2**20} MiB. Convert it to format 16 with WFDB's xform."
        )
    return sum(sizes)


def count_frames(segment: Segment) -> int:
    """Return the frames of a segment from its header, else from the size of its first signal file, as wfdb does.

    Raises
    ------
    RecordRefused
        If the header of a compressed file does not state it.
    """
    if segment.n_frames is not None:
        return segment.n_frames
    first = segment.signals[0]
    if first.format in COMPRESSED_FMTS:
        raise RecordRefused(f"{segment.path.name} does not state the number of samples. Add it to its first line.")
    frame_samples = sum(signal.samples_per_frame for signal in segment.signals if signal.file_name == first.file_name)
    content_bytes = (segment.path.parent / first.file_name).stat().st_size - first.byte_offset
    return max(0, int(content_bytes / (BYTES_PER_SAMPLE[first.format] * frame_samples)))


def _lines(path: Path) -> list[str]:
    """Return the lines of a header without comments, decoded as in wfdb."""
    if not path.is_file():
        raise RecordRefused(
            f"The header {path.name} is missing. Put it next to the signal file, or upload both together."
        )
    if path.stat().st_size > _MAX_HEADER_BYTES:
        raise RecordRefused(f"{path.name} is too large for a header. Choose the .hea file of a WFDB record.")
    content = path.read_bytes()
    kind = identify_foreign_file(content[:FIRST_BYTES]) or ("not a text file" if b"\0" in content else None)
    if kind:
        raise RecordRefused(f"{path.name} is {kind}, not a WFDB header. Choose the .hea file of a WFDB record.")
    stripped = [line.strip() for line in _ascii(content).splitlines()]
    lines = [line for line in stripped if line and not line.startswith("#")]
    if not lines:
        raise RecordRefused(f"{path.name} is empty. Get the record again.")
    if max(map(len, lines)) > _MAX_LINE_LENGTH or len(lines) > _MAX_SEGMENTS + 1:
        raise RecordRefused(
            f"{path.name} is not a WFDB header, as its lines are too long or too many. Choose another file."
        )
    return lines


def _ascii(content: bytes) -> str:
    # wfdb drops non-ASCII characters, which would turn microvolts into volts.
    for micro in (b"\xc2\xb5", b"\xce\xbc", b"\xb5"):
        content = content.replace(micro + b"V", b"uV")
    return content.decode("ascii", errors="ignore")


def _check_name(header_name: str, name: str, allowed: re.Pattern[str]) -> None:
    if not allowed.fullmatch(name):
        raise RecordRefused(
            f"{header_name} names {_short(name)!r}, which is not a plain file name. "
            "Put all files into one folder and correct the header."
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _segment(path: Path, header: wfdb.Record, lines: Sequence[str]) -> Segment:
    name = path.name
    if not 1 <= header.n_sig <= _MAX_SIGNALS:
        raise RecordRefused(f"{name} claims {header.n_sig} signals. Choose a record with 1 to {_MAX_SIGNALS}.")
    if header.n_sig != len(lines):
        raise RecordRefused(f"{name} claims {header.n_sig} signals but describes {len(lines)}. Get the record again.")
    if header.sig_len == 0 and not all(file_name == "~" for file_name in header.file_name):
        raise RecordRefused(f"{name} states that the record has no samples. Get the record again.")
    if not header.fs > 0:
        raise RecordRefused(f"{name} has a sampling rate of {header.fs} Hz. Correct it in the header's first line.")
    signals = tuple(_signal(header, lines[index], index) for index in range(header.n_sig))
    for signal in signals:
        _check_signal(name, signal, header.fs)
    return Segment(path, float(header.fs), header.sig_len, signals)


def _signal(header: wfdb.Record, line: str, index: int) -> Signal:
    # The unit from the line itself, because wfdb loses the micro sign.
    own_unit = re.match(r"\S+\s+\S+\s+[^\s/]+/(uV)\b", line)
    return Signal(
        name=(header.sig_name[index] or f"signal {index + 1}").strip(),
        unit=own_unit[1] if own_unit else header.units[index],
        samples_per_frame=header.samps_per_frame[index] or 0,
        file_name=header.file_name[index],
        format=header.fmt[index],
        byte_offset=header.byte_offset[index] or 0,
        skew=header.skew[index] or 0,
    )


def _check_signal(header_name: str, signal: Signal, frame_rate: float) -> None:
    if signal.file_name != "~" and signal.format not in DAT_FMTS:
        raise RecordRefused(
            f"{header_name} uses the unknown signal format {signal.format}. Convert it with WFDB's xform."
        )
    if not 1 <= signal.samples_per_frame <= _MAX_SAMPLES_PER_FRAME:
        raise RecordRefused(f"{header_name} claims {signal.samples_per_frame} samples per frame. Get the record again.")
    if signal.skew > _MAX_SKEW_S * frame_rate:
        raise RecordRefused(f"{header_name} claims a skew of {signal.skew} samples. Correct the header.")


def _multi_segment(path: Path, header: wfdb.MultiRecord) -> MultiSegment:
    name = path.name
    if header.n_seg != len(header.seg_name) or not header.seg_name:
        raise RecordRefused(
            f"{name} claims {header.n_seg} segments but names {len(header.seg_name)}. Get the record again."
        )
    if header.sig_len is None or header.sig_len != sum(header.seg_len) or not header.fs > 0:
        raise RecordRefused(f"The segments in {name} do not add up to its length. Get the record again.")
    return MultiSegment(
        path,
        float(header.fs),
        header.sig_len,
        header.n_sig,
        tuple(header.seg_name),
        tuple(header.seg_len),
    )


def _check_contiguous(segment: Segment) -> None:
    """Check that the signals of one file are adjacent, in one format and from one offset, as wfdb assumes."""
    files: list[tuple[str, str, int]] = []
    for signal in segment.signals:
        file = (signal.file_name, signal.format, signal.byte_offset)
        if not files or file != files[-1]:
            files.append(file)
    names = [file[0] for file in files]
    if len(set(names)) < len(names):
        raise RecordRefused(
            f"{segment.path.name} describes the signals of one file in different ways or out of order. "
            f"Correct the header."
        )


def _check_file(segment: Segment, file_name: str, signals: Sequence[Signal]) -> int:
    header_name, path = segment.path.name, segment.path.parent / file_name
    if not path.is_file():
        raise RecordRefused(
            f"The signal file {file_name} of {header_name} is missing. "
            "Put it next to the header, or upload both together."
        )
    size = path.stat().st_size
    with path.open("rb") as file:
        first_bytes = file.read(FIRST_BYTES)
    kind = identify_foreign_file(first_bytes)
    if first_bytes.startswith(b"MATLAB 5.0"):
        kind = "a MATLAB 5 file (WFDB reads version 4 only)"
    if kind:
        raise RecordRefused(f"{file_name} is {kind}, not the signals of {header_name}. Get the signal file again.")
    if size == 0:
        raise RecordRefused(f"{file_name} is empty. Get the signal file again.")
    if segment.n_frames is not None:
        _check_length(segment, path, signals, size)
    return size


def _check_length(segment: Segment, path: Path, signals: Sequence[Signal], size: int) -> None:
    assert segment.n_frames is not None
    format_, offset = signals[0].format, signals[0].byte_offset
    n_samples = segment.n_frames * sum(signal.samples_per_frame for signal in signals)
    if format_ in COMPRESSED_FMTS:
        frames_needed = segment.n_frames * signals[0].samples_per_frame + offset
        is_short = _flac_frames(path, len(signals)) < frames_needed
    else:
        is_short = size < offset + _bytes_needed(format_, n_samples)
    if is_short:
        raise RecordRefused(
            f"{path.name} is shorter than {segment.path.name} states ({segment.n_frames:,} samples of each signal). "
            "Get the complete signal file."
        )


def _bytes_needed(format_: str, n_samples: int) -> int:
    if format_ == "212":
        return -(-3 * n_samples // 2)
    if format_ in ("310", "311"):
        return -(-4 * n_samples // 3)
    return n_samples * math.ceil(BYTES_PER_SAMPLE[format_])


def _flac_frames(path: Path, n_signals: int) -> int:
    """Return the number of samples of each signal that a FLAC file states."""
    refusal = f"{path.name} cannot be read as a FLAC file. Get the signal file again."
    with refuse_errors(refusal):
        import soundfile  # type: ignore[import-untyped]
    with refuse_errors(refusal), soundfile.SoundFile(path) as sound:
        if sound.format != "FLAC" or sound.channels != n_signals:
            raise RecordRefused(refusal)
        return sound.frames
