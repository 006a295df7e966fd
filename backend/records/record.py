"""A record: signals in physical units with what is known about them, or a refusal."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Annotations", "Channel", "Record", "RecordRefused", "digest_of"]


class RecordRefused(ValueError):
    """The input cannot be used; the message says what is wrong and what to do, in one or two sentences."""


@dataclass(frozen=True)
class Channel:
    """The name and the physical unit of one signal, for instance ``MLII`` in ``mV``."""

    name: str
    unit: str


@dataclass(frozen=True, eq=False)
class Annotations:
    """What one annotator wrote about a record.

    Attributes
    ----------
    samples : int64 array, shape = (n,)
        Samples of the record, ascending.
    symbols : tuple of str, length n
        WFDB annotation symbols (``N``, ``V``, ``+``, ...).
    notes : tuple of str, length n
        The auxiliary text of each annotation, for instance ``(AFIB``; empty where there is none.
    """

    samples: np.ndarray
    symbols: tuple[str, ...]
    notes: tuple[str, ...]

    def where(self, kept: np.ndarray) -> "Annotations":
        """The annotations that the mask ``kept`` selects."""
        indices = np.flatnonzero(kept)
        return Annotations(
            samples=self.samples[indices],
            symbols=tuple(self.symbols[index] for index in indices),
            notes=tuple(self.notes[index] for index in indices),
        )


@dataclass(frozen=True, eq=False)
class Record:
    """Signals read from one record.

    Attributes
    ----------
    name : str
        The record's own name, never a path.
    signals : float32 array, shape = (n_samples, n_channels)
        In the physical unit of each channel (an ECG lead always in mV); NaN where nothing was recorded.
    sampling_rate : float
        Hz.
    channels : tuple of Channel
    annotations : mapping of str to Annotations
        By annotator (``atr``, ``qca``, ...); empty when there are none.
    digest : str
        SHA-256 of all the above but the name; a result computed from the record is filed under it.
    source : str
        Where it came from, in words for the reader: ``simulated``, ``MIT-BIH Arrhythmia Database 1.0.0``,
        ``upload``, ``file``.
    """

    name: str
    signals: np.ndarray
    sampling_rate: float
    channels: tuple[Channel, ...]
    annotations: Mapping[str, Annotations] = field(default_factory=dict)
    digest: str = ""
    source: str = "file"

    @property
    def duration_s(self) -> float:
        """Length of the record in seconds."""
        return len(self.signals) / self.sampling_rate

    def channel_index(self, name: str) -> int:
        """Position of the channel of this name, whatever its case.

        Raises
        ------
        RecordRefused
            If the record has no such channel; the message names those it has.
        """
        names = [channel.name for channel in self.channels]
        folded = [own.casefold() for own in names]
        if name.casefold() not in folded:
            raise RecordRefused(f"{self.name} has no channel {name!r}; choose one of {', '.join(names)}.")
        return folded.index(name.casefold())


def digest_of(
    signals: np.ndarray,
    sampling_rate: float,
    channels: tuple[Channel, ...],
    annotations: Mapping[str, Annotations],
) -> str:
    """SHA-256 over everything that a result computed from the record can depend on, as hexadecimal text."""
    sha = hashlib.sha256(np.ascontiguousarray(signals, dtype=np.float32).data)
    sha.update(repr((signals.shape, float(sampling_rate))).encode())
    sha.update(repr([(channel.name, channel.unit) for channel in channels]).encode())
    for annotator in sorted(annotations):
        marks = annotations[annotator]
        sha.update(repr((annotator, marks.symbols, marks.notes)).encode())
        sha.update(np.ascontiguousarray(marks.samples, dtype=np.int64).data)
    return sha.hexdigest()
