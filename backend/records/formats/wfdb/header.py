"""WFDB headers, checked against the files that they name before any of them is opened.

``wfdb`` opens whatever a header names, remote URLs included, allocates what a header claims, and reads only headers in
its own spelling. The text is therefore checked here first, the numbers against the actual sizes of the files, and
``wfdb`` gets a plain copy of the header in a folder of its own, next to links to the signal files (`staged`).
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

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
    "find_beside",
    "read_comments",
    "read_header",
    "read_segment",
    "signal_file",
    "staged",
]

_MAX_HEADER_BYTES = 2**20
_MAX_LINE_LENGTH = 1000
_MAX_SEGMENTS = 5000
_MAX_SIGNALS = 256
_MAX_SAMPLES_PER_FRAME = 1000
_MAX_SKEW_S = 10
_FORMAT = re.compile(r"\d{1,4}(x\d{1,6})?(:\d{1,9})?(\+\d{1,12})?")
_LONGEST_FILE_NAME = 120
_SMALLEST_GAIN, _LARGEST_GAIN = 1e-9, 1e12
_STAGED_NAME = "rec"
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
    gain: float = 200.0


@dataclass(frozen=True)
class Segment:
    """The header of a record without segments, or of one segment.

    ``n_frames`` is None if only the size of the file determines it; ``has_rate`` is False if the header leaves its rate
    to WFDB's default. ``plain_text`` is the header as `wfdb` reads it.
    """

    path: Path
    frame_rate: float
    n_frames: int | None
    signals: tuple[Signal, ...]
    has_rate: bool = True
    plain_text: str = ""

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
    path = find_beside(path.parent, path.name) or path
    record_line, lines = _parted(path.name, _lines(path))
    name = path.name
    is_multi = "/" in record_line.split()[0]
    for line in lines:
        _check_name(name, line.split()[0], is_segment=is_multi)
    plain = _plain(record_line, lines, is_multi)
    with (
        refuse_errors(f"{name} cannot be read as a WFDB header. Get the record again."),
        TemporaryDirectory(prefix="beatlight-") as folder,
    ):
        Path(folder, f"{_STAGED_NAME}.hea").write_text(plain, encoding="ascii")
        header = wfdb.rdheader(str(Path(folder, _STAGED_NAME)))
        return _multi_segment(path, header) if is_multi else _segment(path, header, lines, plain)


def find_beside(folder: Path, name: str) -> Path | None:
    """Return the file of a name in a folder, in any case and Unicode form; None if it is not there."""
    exact = folder / name
    if exact.is_file():
        return exact
    wanted = _folded(name)
    return next((path for path in sorted(folder.glob("*")) if _folded(path.name) == wanted and path.is_file()), None)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def signal_file(segment: Segment, file_name: str) -> Path | None:
    """Return the signal file that a header names; the one that was renamed with the header if that is missing."""
    folder = segment.path.parent
    found = find_beside(folder, file_name)
    if found is None and len({signal.file_name for signal in segment.signals}) == 1:
        found = find_beside(folder, segment.path.stem + Path(file_name).suffix)
    return found


@contextmanager
def staged(segment: Segment) -> Iterator[str]:
    """Yield the path for `wfdb` of a plain copy of a header, next to links to its signal files."""
    with TemporaryDirectory(prefix="beatlight-") as folder:
        Path(folder, f"{_STAGED_NAME}.hea").write_text(segment.plain_text, encoding="ascii")
        for file_name, plain_name in _plain_names([signal.file_name for signal in segment.signals]).items():
            path = signal_file(segment, file_name)
            if path is not None:
                Path(folder, plain_name).symlink_to(path.absolute())
        yield str(Path(folder, _STAGED_NAME))


def _parted(name: str, lines: Sequence[str]) -> tuple[str, list[str]]:
    """Return the line of the record and the lines of its signals or segments.

    Other lines are comments without ``#``. If there are more lines of signals than signals, those of an unknown format
    are comments too.
    """
    words = [line.split() for line in lines]
    first = next((index for index, own in enumerate(words) if len(own) > 1 and own[1].isdecimal()), None)
    if first is None:
        raise RecordRefused(f"{name} cannot be read as a WFDB header. Get the record again.")
    rest = lines[first + 1 :]
    if "/" in words[first][0]:
        return lines[first], list(rest)
    signals = [line for line in rest if len(line.split()) > 1 and _FORMAT.fullmatch(line.split()[1])]
    if len(signals) > int(words[first][1][:9]):
        signals = [line for line in signals if re.split(r"[x:+]", line.split()[1])[0] in DAT_FMTS]
    return lines[first], signals


def _plain(record_line: str, lines: Sequence[str], is_multi: bool) -> str:
    """Return a header in ASCII, without time and date, with plain names of the record and its signal files."""
    name, n_signals, *numbers = record_line.split()
    own_name = _STAGED_NAME + "/" * is_multi + name.partition("/")[2]
    rate = [word.replace(",", ".") for word in numbers[:1]]
    length = [word for word in numbers[1:2] if ":" not in word]
    rows = [" ".join([own_name, n_signals, *rate, *length])]
    if is_multi:
        rows += lines
    else:
        plain_names = _plain_names([line.split()[0] for line in lines])
        for line in lines:
            words = line.split(None, 8)
            words[2:3] = [word.replace(",", ".") for word in words[2:3]]
            rows.append(" ".join([plain_names[words[0]], *words[1:]]))
    return _to_ascii("\n".join(rows) + "\n")


def _plain_names(file_names: Sequence[str]) -> dict[str, str]:
    distinct = dict.fromkeys(file_names)
    return {name: "~" if name == "~" else f"signals{index}.dat" for index, name in enumerate(distinct)}


def _to_ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", errors="ignore").decode("ascii")


def read_comments(path: Path) -> tuple[str, ...]:
    """Return the comments of a header that `read_header` accepts, without their ``#``."""
    lines = (line.strip() for line in _decoded(path.read_bytes()).splitlines())
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
    path = signal_file(segment, first.file_name)
    content_bytes = (path.stat().st_size if path else 0) - first.byte_offset
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
    stripped = [line.strip() for line in _decoded(content).splitlines()]
    lines = [line for line in stripped if line and not line.startswith("#")]
    if not lines:
        raise RecordRefused(f"{path.name} is empty. Get the record again.")
    if max(map(len, lines)) > _MAX_LINE_LENGTH or len(lines) > _MAX_SEGMENTS + 1:
        raise RecordRefused(
            f"{path.name} is not a WFDB header, as its lines are too long or too many. Choose another file."
        )
    return lines


def _decoded(content: bytes) -> str:
    # wfdb drops non-ASCII characters, which would turn microvolts into volts.
    for micro in (b"\xc2\xb5", b"\xce\xbc", b"\xb5"):
        content = content.replace(micro + b"V", b"uV")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _check_name(header_name: str, name: str, is_segment: bool) -> None:
    if is_segment:
        is_plain = _SEGMENT_NAME.fullmatch(name) is not None
    else:
        is_plain = len(name) <= _LONGEST_FILE_NAME and name[0] != "." and not re.search(r"[/\\:\0]|^~.", name)
    if not is_plain:
        raise RecordRefused(
            f"{header_name} names {_short(name)!r}, which is not a plain file name. "
            "Put all files into one folder and correct the header."
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _segment(path: Path, header: wfdb.Record, lines: Sequence[str], plain_text: str) -> Segment:
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
    has_rate = len(plain_text.split("\n", 1)[0].split()) > 2
    return Segment(path, float(header.fs), header.sig_len, signals, has_rate, plain_text)


def _signal(header: wfdb.Record, line: str, index: int) -> Signal:
    # Names and unit from the line itself, because wfdb has the plain ones.
    words = line.split(None, 8)
    own_unit = re.match(r"\S+\s+\S+\s+[^\s/]+/(uV)\b", line)
    return Signal(
        name=(words[8] if len(words) > 8 else header.sig_name[index] or f"signal {index + 1}").strip(),
        unit=own_unit[1] if own_unit else header.units[index],
        samples_per_frame=header.samps_per_frame[index] or 0,
        file_name=words[0],
        format=header.fmt[index],
        byte_offset=header.byte_offset[index] or 0,
        skew=header.skew[index] or 0,
        gain=float(header.adc_gain[index] or 200.0),
    )


def _check_signal(header_name: str, signal: Signal, frame_rate: float) -> None:
    if signal.file_name != "~" and signal.format not in DAT_FMTS:
        raise RecordRefused(
            f"{header_name} uses the unknown signal format {signal.format}. Convert it with WFDB's xform."
        )
    if not 1 <= signal.samples_per_frame <= _MAX_SAMPLES_PER_FRAME:
        raise RecordRefused(f"{header_name} claims {signal.samples_per_frame} samples per frame. Get the record again.")
    if not _SMALLEST_GAIN <= abs(signal.gain) <= _LARGEST_GAIN:
        raise RecordRefused(
            f"{header_name} gives {_short(signal.name)} a gain of {signal.gain:g}, which is impossible. "
            "Correct the header."
        )
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
    header_name, path = segment.path.name, signal_file(segment, file_name)
    if path is None:
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
