"""EDF files written field by field, so that each can be as odd as devices write it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

__all__ = ["Edf", "Own", "time_list"]


@dataclass
class Own:
    """One signal: its label, unit and samples in that unit; ``texts`` instead of samples for annotations."""

    label: str
    samples: np.ndarray | None = None
    unit: str = "mV"
    limits: tuple[str, str, str, str] = ("-5", "5", "-32768", "32767")
    texts: Sequence[bytes] = ()
    text_bytes: int = 60


@dataclass
class Edf:
    """A file of data records of ``frame_s`` seconds; every text goes into its field as it is."""

    signals: Sequence[Own]
    n_frames: int
    fields: dict[str, bytes] = field(default_factory=dict)
    n_stated: str | None = None
    is_bdf: bool = False

    def write(self, path: Path) -> Path:
        path.write_bytes(self.header() + b"".join(self.frame(number) for number in range(self.n_frames)))
        return path

    def count(self, own: Own) -> int:
        n_bytes = 3 if self.is_bdf else 2
        return own.text_bytes // n_bytes if own.samples is None else len(own.samples) // self.n_frames

    def header(self) -> bytes:
        fixed = {
            "version": b"\xffBIOSEMI" if self.is_bdf else b"0",
            "patient": b"X X X X",
            "recording": b"Startdate X X X X",
            "date": b"05.03.24",
            "time": b"13.58.58",
            "header_bytes": str(256 * (len(self.signals) + 1)).encode(),
            "reserved": b"",
            "n_frames": (str(self.n_frames) if self.n_stated is None else self.n_stated).encode(),
            "frame_s": b"1",
            "n_signals": str(len(self.signals)).encode(),
        } | self.fields
        widths = (8, 80, 80, 8, 8, 8, 44, 8, 8, 4)
        parts = [content.ljust(width)[:width] for content, width in zip(fixed.values(), widths, strict=True)]
        for width, contents in (
            (16, [own.label for own in self.signals]),
            (80, [""] * len(self.signals)),
            (8, [own.unit for own in self.signals]),
            *((8, [own.limits[index] for own in self.signals]) for index in range(4)),
            (80, [""] * len(self.signals)),
            (8, [str(self.count(own)) for own in self.signals]),
            (32, [""] * len(self.signals)),
        ):
            parts += [content.encode("latin-1").ljust(width)[:width] for content in contents]
        return b"".join(parts)

    def frame(self, number: int) -> bytes:
        return b"".join(self.part(own, number) for own in self.signals)

    def part(self, own: Own, number: int) -> bytes:
        if own.samples is None:
            text = own.texts[number] if number < len(own.texts) else b""
            return text.ljust(own.text_bytes, b"\0")[: self.count(own) * (3 if self.is_bdf else 2)]
        count = self.count(own)
        samples = own.samples[number * count : (number + 1) * count]
        try:
            low, high, digital_low, digital_high = (float(limit.replace(",", ".")) for limit in own.limits)
            scale = (digital_high - digital_low) / (high - low)
        except (ValueError, ZeroDivisionError):
            low, digital_low, scale = 0.0, 0.0, 0.0
        digital = np.rint((samples - low) * scale + digital_low).astype("<i4")
        if self.is_bdf:
            return digital.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        return digital.astype("<i2").tobytes()


def time_list(onset_s: float, *notes: str, at: float | None = None) -> bytes:
    """The annotations of a frame that starts at ``onset_s``, with notes at ``at``."""
    own = f"+{onset_s:g}\x14\x14\0".encode()
    return own + b"".join(f"+{at if at is not None else onset_s:g}\x14{note}\x14\0".encode() for note in notes)
