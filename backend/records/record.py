"""A record: signals in physical units with their annotations; and the refusal of unusable input."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Annotations", "Channel", "Record", "RecordRefused", "compute_digest"]


class RecordRefused(ValueError):
    """The input cannot be used; the message says what is wrong and what to do, in two short sentences."""


@dataclass(frozen=True)
class Channel:
    """The name and the physical unit of one signal, for instance ``MLII`` in ``mV``."""

    name: str
    unit: str


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
    for annotator in sorted(annotations):
        marks = annotations[annotator]
        sha.update(repr((annotator, marks.symbols, marks.notes)).encode())
        sha.update(np.ascontiguousarray(marks.samples, dtype=np.int64).data)
    return sha.hexdigest()
