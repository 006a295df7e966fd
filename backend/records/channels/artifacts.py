"""Stretches of a lead in which no heartbeat can be seen: gaps, flat lines, clipping."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

__all__ = ["CLIPPED_EDGE_MV", "CLIPPED_S", "FLAT_MV", "FLAT_S", "Artifacts", "find_artifacts"]

FLAT_S = 1.0
"""A flat line lasts at least this long: the isoelectric stretch between two beats of a normal rate does not."""

FLAT_MV = 0.01
"""A flat line moves less than this in `FLAT_S`: two steps of a usual converter, less than an electrode's noise."""

CLIPPED_S = 0.02
"""Clipping holds the signal's own extreme at least this long."""

CLIPPED_EDGE_MV = 0.1
"""Clipping cuts a slope off: `_EDGE_S` before or after it the signal is at least this far from the extreme. The broad
tops of smooth waves in PTB-XL and QTDB, which hold their extreme as long, stay below 0.06 mV; clipping in mitdb and
QTDB is above 0.15 mV."""

_EDGE_S = 0.01
_SURELY_CLIPPED_S = 0.1  # no top of a wave is this long, whatever its edges
_CLIPPED_SAMPLES = 5  # at low sampling rates, where CLIPPED_S is a few samples


@dataclass(frozen=True, eq=False)
class Artifacts:
    """Unusable stretches of one lead.

    Attributes
    ----------
    gaps, flat, clipped : int64 array, shape = (n, 2)
        First sample and the sample after the last of each stretch, ascending; no sample is in two stretches.
    n_samples : int
        Length of the lead.
    """

    gaps: np.ndarray
    flat: np.ndarray
    clipped: np.ndarray
    n_samples: int

    @property
    def by_kind(self) -> tuple[tuple[str, np.ndarray], ...]:
        """The name of each kind, in words, with its stretches."""
        return ("no signal", self.gaps), ("flat", self.flat), ("clipped", self.clipped)

    @property
    def stretches(self) -> np.ndarray:
        """Those of all kinds, one kind after the other; int64, shape = (count, 2)."""
        return np.concatenate([stretches for _, stretches in self.by_kind])

    @property
    def count(self) -> int:
        """How many stretches there are, of all kinds."""
        return len(self.stretches)

    def usable(self) -> np.ndarray:
        """Which samples lie outside all stretches.

        Returns
        -------
        bool array, shape = (n_samples,)
        """
        usable = np.ones(self.n_samples, dtype=bool)
        for start, end in self.stretches:
            usable[start:end] = False
        return usable


def find_artifacts(signal: np.ndarray, sampling_rate: float) -> Artifacts:
    """Find the gaps, flat lines and clipped stretches of one lead.

    A gap is NaN. A flat line is a stretch of `FLAT_S` or more that stays within `FLAT_MV`. A clipped stretch stays at
    the highest or the lowest value of the lead for `CLIPPED_S` and at least five samples, between slopes that it cuts
    off (`CLIPPED_EDGE_MV`) or for 0.1 s; where that is long enough to be a flat line, it counts as one.

    Parameters
    ----------
    signal : array, shape = (n_samples,)
        One lead in mV.
    sampling_rate : float
        Hz.

    Returns
    -------
    Artifacts

    Examples
    --------
    >>> find_artifacts(np.full(720, np.nan), 360).gaps
    array([[  0, 720]])
    """
    is_gap = np.isnan(signal)
    flat = _flat(signal, is_gap, max(2, round(FLAT_S * sampling_rate)))
    is_flat = np.zeros(len(signal), dtype=bool)
    for start, end in flat:
        is_flat[start:end] = True
    return Artifacts(
        gaps=_runs(is_gap),
        flat=flat,
        clipped=_clipped(signal, ~is_flat, sampling_rate),
        n_samples=len(signal),
    )


def _flat(signal: np.ndarray, is_gap: np.ndarray, width: int) -> np.ndarray:
    """Unions of all windows of ``width`` samples in which the signal hardly moves; a window with a gap is none."""
    begins_flat = np.zeros(max(0, len(signal) - width + 1), dtype=bool)
    for first, last in _around_flat_parts(signal, width):
        part, is_missing = signal[first:last], is_gap[first:last]
        # origin makes each position speak of the window that begins there.
        highest = maximum_filter1d(np.where(is_missing, np.inf, part), width, origin=-(width // 2))
        lowest = minimum_filter1d(np.where(is_missing, -np.inf, part), width, origin=-(width // 2))
        begins_flat[first : last - width + 1] |= (highest - lowest < FLAT_MV)[: last - first - width + 1]
    stretches = _runs(begins_flat)
    stretches[:, 1] += width - 1
    return _joined(stretches)


def _around_flat_parts(signal: np.ndarray, width: int) -> list[tuple[int, int]]:
    """Where to look: a flat window holds a whole part of half its width that is flat, and few records have any."""
    half = width // 2
    parts = signal[: len(signal) // half * half].reshape(-1, half)
    is_flat = parts.max(axis=1) - parts.min(axis=1) < FLAT_MV
    around = [(max(0, half * first - width), min(len(signal), half * last + width)) for first, last in _runs(is_flat)]
    return [(first, last) for first, last in around if last - first >= width]


def _joined(stretches: np.ndarray) -> np.ndarray:
    """Ascending stretches with those that overlap or touch made one."""
    if len(stretches) < 2:
        return stretches
    is_apart = stretches[1:, 0] > stretches[:-1, 1]
    starts = stretches[np.concatenate([[True], is_apart]), 0]
    ends = stretches[np.concatenate([is_apart, [True]]), 1]
    return np.stack([starts, ends], axis=1)


def _clipped(signal: np.ndarray, is_candidate: np.ndarray, sampling_rate: float) -> np.ndarray:
    highest, lowest = np.fmax.reduce(signal, initial=-np.inf), np.fmin.reduce(signal, initial=np.inf)
    if not highest > lowest:
        return np.empty((0, 2), dtype=np.int64)
    at_rails = [_runs((signal == rail) & is_candidate) for rail in (lowest, highest)]
    stretches = np.concatenate([_cut_off(signal, stretches, sampling_rate) for stretches in at_rails])
    return stretches[np.argsort(stretches[:, 0])]


def _cut_off(signal: np.ndarray, stretches: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Those of the stretches at one extreme that no wave's own top would give."""
    lengths = stretches[:, 1] - stretches[:, 0]
    edge = max(1, round(_EDGE_S * sampling_rate))
    before = signal[np.maximum(stretches[:, 0] - edge, 0)]
    after = signal[np.minimum(stretches[:, 1] - 1 + edge, len(signal) - 1)]
    drops = np.fmax(np.abs(before - signal[stretches[:, 0]]), np.abs(after - signal[stretches[:, 0]]))
    is_held = lengths >= max(_CLIPPED_SAMPLES, round(CLIPPED_S * sampling_rate))
    is_cut = (drops >= CLIPPED_EDGE_MV) | (lengths >= _SURELY_CLIPPED_S * sampling_rate)
    return stretches[is_held & is_cut]


def _runs(mask: np.ndarray) -> np.ndarray:
    """Start and end (exclusive) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2).astype(np.int64)
