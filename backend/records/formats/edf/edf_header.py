"""The header of an EDF, EDF+ or BDF file: what is needed of it, and nothing of the patient.

Dates, the patient and the recording are not read, so that no spelling of them can be wrong.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from backend.records.formats.sniffing import identify_foreign_file
from backend.records.record import RecordRefused

__all__ = ["EdfHeader", "EdfSignal", "read_edf_header"]

_FIXED_BYTES = 256
_SIGNAL_BYTES = 256
_MAX_SIGNALS = 512
_MAX_SAMPLES_PER_FRAME = 10_000_000
_MAX_FRAME_S = 86_400
_HIGHEST_LIMIT, _SMALLEST_GAIN = 1e12, 1e-12
_ANNOTATION_LABELS = {"edf annotations", "bdf annotations", "edf annotation", "bdf annotation"}


@dataclass(frozen=True)
class EdfSignal:
    """One signal: its label and unit, where its samples lie in a frame, and their scale.

    ``gain`` is NaN if the header gives no range of values; a sample is ``gain * (digital + offset)`` in ``unit``.
    """

    label: str
    unit: str
    first_byte: int
    n_samples: int
    gain: float
    offset: float

    @property
    def is_annotations(self) -> bool:
        """Whether it holds the annotations and times of EDF+ instead of samples."""
        return self.label.casefold().replace("_", " ") in _ANNOTATION_LABELS


@dataclass(frozen=True)
class EdfHeader:
    """What the header and the size of the file say; a frame is a data record.

    ``n_stated`` is the header's number of frames, None if it does not know (-1); ``n_frames`` are whole in the file.
    """

    n_frames: int
    n_stated: int | None
    frame_s: float
    header_bytes: int
    frame_bytes: int
    sample_bytes: int
    is_interrupted: bool
    signals: tuple[EdfSignal, ...]


def read_edf_header(path: Path) -> EdfHeader:
    """Return the header of a file, with the number of frames that the file really holds.

    Raises
    ------
    RecordRefused
        If the file is not EDF, or the header does not say how the samples lie.
    """
    with path.open("rb") as file:
        fixed = file.read(_FIXED_BYTES)
        _check_kind(path.name, fixed)
        n_signals = _parse_integer(path.name, _text(fixed[252:256]), "signals", 1, _MAX_SIGNALS)
        rest = file.read(n_signals * _SIGNAL_BYTES)
    if len(rest) < n_signals * _SIGNAL_BYTES:
        raise RecordRefused(f"The header of {path.name} is incomplete. Get the file again.")
    frame_s = _parse_number(_text(fixed[244:252]))
    if not 0 < frame_s <= _MAX_FRAME_S:
        raise RecordRefused(f"{path.name} gives its data records no duration. Save it again as continuous EDF+.")
    sample_bytes = 3 if fixed[:1] == b"\xff" else 2
    signals = _signals(path.name, rest, n_signals, sample_bytes)
    frame_bytes = sum(signal.n_samples for signal in signals) * sample_bytes
    if not frame_bytes:
        raise RecordRefused(f"{path.name} has no samples. Choose another file.")
    header_bytes = _FIXED_BYTES + len(rest)
    in_file = (path.stat().st_size - header_bytes) // frame_bytes
    n_stated = _parse_count(path.name, _text(fixed[236:244]))
    if in_file < 1:
        raise RecordRefused(f"{path.name} is cut before the end of its first data record. Get the complete file.")
    return EdfHeader(
        n_frames=in_file if n_stated is None else min(in_file, n_stated),
        n_stated=n_stated,
        frame_s=frame_s,
        header_bytes=header_bytes,
        frame_bytes=frame_bytes,
        sample_bytes=sample_bytes,
        is_interrupted=_text(fixed[192:236])[:5].upper() in ("EDF+D", "BDF+D"),
        signals=signals,
    )


def _check_kind(name: str, fixed: bytes) -> None:
    if not fixed:
        raise RecordRefused(f"{name} is empty. Get the file again.")
    is_edf = fixed[:8].strip(b" \0") in (b"0", b"\xffBIOSEMI")
    if len(fixed) < _FIXED_BYTES or not is_edf:
        kind = identify_foreign_file(fixed) or "something else"
        raise RecordRefused(f"{name} is not an EDF file but {kind}. Choose a file in EDF, EDF+ or BDF.")


def _signals(name: str, rest: bytes, n_signals: int, sample_bytes: int) -> tuple[EdfSignal, ...]:
    """Return the signals; each field of the header lists all signals before the next field."""
    labels, units = _fields(rest, 0, 16, n_signals), _fields(rest, 96, 8, n_signals)
    limits = [map(_parse_number, _fields(rest, offset, 8, n_signals)) for offset in (104, 112, 120, 128)]
    signals = []
    first_byte = 0
    for label, unit, count, *own_limits in zip(labels, units, _fields(rest, 216, 8, n_signals), *limits, strict=True):
        n_samples = _parse_integer(name, count, "samples per data record", 0, _MAX_SAMPLES_PER_FRAME)
        gain, offset = _scale(*own_limits)
        signals.append(EdfSignal(label, unit, first_byte, n_samples, gain, offset))
        first_byte += n_samples * sample_bytes
    return tuple(signals)


def _scale(physical_min: float, physical_max: float, digital_min: float, digital_max: float) -> tuple[float, float]:
    """Return gain and offset; NaN without a range. A physical minimum above the maximum inverts the signal."""
    limits = (physical_min, physical_max, digital_min, digital_max)
    if digital_max == digital_min or not all(abs(limit) < _HIGHEST_LIMIT for limit in limits):
        return math.nan, 0.0
    gain = (physical_max - physical_min) / (digital_max - digital_min)
    if not abs(gain) > _SMALLEST_GAIN:
        return math.nan, 0.0
    return gain, physical_max / gain - digital_max


def _fields(rest: bytes, offset: int, width: int, n_signals: int) -> list[str]:
    start = offset * n_signals
    return [_text(rest[start + index * width : start + (index + 1) * width]) for index in range(n_signals)]


def _text(field: bytes) -> str:
    """Return a field as text: UTF-8 where it is valid, else Latin-1."""
    try:
        text = field.decode("utf-8")
    except UnicodeDecodeError:
        text = field.decode("latin-1")
    return text.replace("\0", " ").strip()


def _parse_number(text: str) -> float:
    """Return a number, with a decimal comma too; NaN if it is none."""
    try:
        return math.nan if "_" in text else float(text.replace(",", "."))
    except ValueError:
        return math.nan


def _parse_integer(name: str, text: str, what: str, lowest: int, highest: int) -> int:
    number = _parse_number(text)
    if not (lowest <= number <= highest and number == int(number)):
        raise RecordRefused(
            f"The header of {name} claims {text[:12]!r} {what}, which is impossible. Get the file again."
        )
    return int(number)


def _parse_count(name: str, text: str) -> int | None:
    """Return the number of data records; None for -1, which a recorder leaves that was not stopped in order."""
    if _parse_number(text) == -1 or not text:
        return None
    return _parse_integer(name, text, "data records", 1, 2**40)
