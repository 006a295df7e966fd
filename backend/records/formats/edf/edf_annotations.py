"""The annotations of EDF+ and BDF+: texts with their times, and the start of each frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backend.records.record import Annotations

__all__ = ["ANNOTATOR", "FrameTexts", "annotations_of", "parse_frame"]

ANNOTATOR = "edf"
"""Annotator of the annotations of EDF+ in a `Record`; their texts are the notes of ``"`` symbols."""

_LONGEST_NOTE = 1000
_END_OF_LIST, _END_OF_TEXT, _DURATION = b"\0", b"\x14", b"\x15"


@dataclass(frozen=True)
class FrameTexts:
    """What the annotations of one frame hold: its start in s (None if not stated), and texts with their onsets."""

    start_s: float | None
    notes: tuple[tuple[float, str], ...]


def parse_frame(texts: Sequence[bytes]) -> FrameTexts:
    """Return the annotations in a frame, one entry of ``texts`` for each annotation signal.

    The first list of the first signal is the frame's own: its onset is the start of the frame.
    """
    start_s: float | None = None
    notes: list[tuple[float, str]] = []
    for signal, content in enumerate(texts):
        for number, (onset_s, own_notes) in enumerate(_lists(content)):
            if signal == number == 0:
                start_s = onset_s
            notes += [(onset_s, note) for note in own_notes]
    return FrameTexts(start_s, tuple(notes))


def _lists(content: bytes) -> Iterator[tuple[float, list[str]]]:
    """Return each time-stamped list of annotations: its onset in s and its texts."""
    for part in content.split(_END_OF_LIST):
        onset, *texts = part.split(_END_OF_TEXT)
        onset_s = _seconds(onset.split(_DURATION, 1)[0])
        if onset_s is not None:
            decoded = (text[:_LONGEST_NOTE].decode("utf-8", errors="replace").strip() for text in texts)
            yield onset_s, [text for text in decoded if text]


def _seconds(onset: bytes) -> float | None:
    if onset[:1] not in (b"+", b"-"):
        return None
    try:
        seconds = float(onset.replace(b",", b"."))
    except ValueError:
        return None
    return seconds if np.isfinite(seconds) else None


def annotations_of(frames: Sequence[FrameTexts], n_samples: int, sampling_rate: float) -> dict[str, Annotations]:
    """Return the annotations within the record; times count from the start of the first frame."""
    start_s = next((frame.start_s for frame in frames if frame.start_s is not None), 0.0)
    notes = [note for frame in frames for note in frame.notes]
    positions = (np.array([onset_s for onset_s, _ in notes]) - start_s) * sampling_rate
    inside = np.flatnonzero((positions >= 0) & (positions < n_samples - 0.5))
    if not len(inside):
        return {}
    samples = np.rint(positions[inside]).astype(np.int64)
    order = np.argsort(samples, kind="stable")
    kept = tuple(notes[index][1] for index in inside[order])
    return {ANNOTATOR: Annotations(samples=samples[order], symbols=('"',) * len(kept), notes=kept)}
