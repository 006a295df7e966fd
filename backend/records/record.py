"""A record: signals in physical units with their annotations; and the refusal of unusable input."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from backend.records.channels.lead_names import is_lead_by_name
from backend.records.understanding import Candidate, Understanding

__all__ = ["Annotations", "Channel", "LeadsInDoubt", "Record", "RecordRefused", "compute_digest"]


class RecordRefused(ValueError):
    """The input cannot be used; the message says what is wrong and what to do, in two short sentences."""


class LeadsInDoubt(RecordRefused):
    """Which channel is an ECG cannot be determined from the file; a person can choose among the candidates."""

    def __init__(self, name: str, candidates: tuple[Candidate, ...]) -> None:
        self.candidates = candidates
        listed = ", ".join(candidate.name for candidate in candidates)
        super().__init__(
            f"{name} does not say which of its channels is an ECG ({listed}). Name it with --lead-channel."
        )


@dataclass(frozen=True)
class Channel:
    """The name and the physical unit of one signal, for instance ``MLII`` in ``mV``, and whether it is an ECG lead.

    The reader of a file decides what is a lead; `named` decides by the name.
    """

    name: str
    unit: str
    is_lead: bool

    @classmethod
    def named(cls, name: str, unit: str) -> "Channel":
        """Return the channel of a name and unit; it is a lead if both are those of one."""
        return cls(name, unit, is_lead_by_name(name, unit))


@dataclass(frozen=True, eq=False)
class Annotations:
    """The annotations of one annotator.

    Attributes
    ----------
    samples : int64 array, shape = (n,)
        Samples of the record, ascending.
    symbols : tuple of str, length n
        WFDB annotation symbols (``N``, ``V``, ``+``, ...).
    notes : tuple of str, length n
        The auxiliary text of each annotation, for instance ``(AFIB``; empty if there is none.
    """

    samples: np.ndarray
    symbols: tuple[str, ...]
    notes: tuple[str, ...]

    def where(self, kept: np.ndarray) -> "Annotations":
        """Return the annotations that the mask ``kept`` selects."""
        indices = np.flatnonzero(kept)
        return Annotations(
            samples=self.samples[indices],
            symbols=tuple(self.symbols[index] for index in indices),
            notes=tuple(self.notes[index] for index in indices),
        )


@dataclass(frozen=True, eq=False)
class Record:
    """The signals and annotations of one record.

    Attributes
    ----------
    name : str
        The name of the record, never a path.
    signals : float32 array, shape = (n_samples, n_channels)
        In the physical unit of each channel (an ECG lead always in mV); NaN where nothing was recorded.
    sampling_rate : float
        Hz.
    channels : tuple of Channel
    annotations : mapping of str to Annotations
        By annotator (``atr``, ``qca``, ...); may be empty.
    digest : str
        SHA-256 of all of the above except the name; the key of cached results.
    source : str
        Origin for a reader: ``simulated``, ``MIT-BIH Arrhythmia Database 1.0.0``, ``upload``, ``file``.
    understanding : Understanding
        What was understood of the file, for a reader; not in the digest.
    """

    name: str
    signals: np.ndarray
    sampling_rate: float
    channels: tuple[Channel, ...]
    annotations: Mapping[str, Annotations] = field(default_factory=dict)
    digest: str = ""
    source: str = "file"
    understanding: Understanding = field(default_factory=Understanding)

    @property
    def duration_s(self) -> float:
        """Length of the record in seconds."""
        return len(self.signals) / self.sampling_rate

    def channel_index(self, name: str) -> int:
        """Return the index of the channel of a name in any case.

        Raises
        ------
        RecordRefused
            If the record has no such channel; the message lists its channels.
        """
        names = [channel.name for channel in self.channels]
        folded = [own.casefold() for own in names]
        if name.casefold() not in folded:
            raise RecordRefused(f"{self.name} has no channel {name!r}. Choose one of {', '.join(names)}.")
        return folded.index(name.casefold())


def compute_digest(
    signals: np.ndarray,
    sampling_rate: float,
    channels: tuple[Channel, ...],
    annotations: Mapping[str, Annotations],
) -> str:
    """Return the SHA-256 of everything that results of a record can depend on, as hexadecimal text."""
    sha = hashlib.sha256(np.ascontiguousarray(signals, dtype=np.float32).data)
    sha.update(repr((signals.shape, float(sampling_rate))).encode())
    sha.update(repr([(channel.name, channel.unit) for channel in channels]).encode())
    if any(channel != Channel.named(channel.name, channel.unit) for channel in channels):
        sha.update(repr([channel.is_lead for channel in channels]).encode())
    for annotator in sorted(annotations):
        marks = annotations[annotator]
        sha.update(repr((annotator, marks.symbols, marks.notes)).encode())
        sha.update(np.ascontiguousarray(marks.samples, dtype=np.int64).data)
    return sha.hexdigest()
