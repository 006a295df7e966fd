"""Unusable segments of a lead: gaps, flat lines, clipping, and what a detector cannot read."""

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

__all__ = ["CLIPPED_EDGE_MV", "CLIPPED_S", "FLAT_MV", "FLAT_S", "Artifacts", "find_artifacts"]

FLAT_S = 1.0
"""Minimum duration of a flat line, longer than the isoelectric line between two beats at a normal rate."""

FLAT_MV = 0.01
"""Maximum range of a flat line within `FLAT_S`: two steps of a typical converter, less than electrode noise."""

CLIPPED_S = 0.02
"""Minimum duration of clipping at the extreme of the signal."""

CLIPPED_EDGE_MV = 0.1
"""Clipping truncates a slope: `_EDGE_S` before or after it, the signal is at least this far from the extreme. Broad
peaks of smooth waves stay closer to theirs (below 0.06 mV in PTB-XL and QTDB; clipping in mitdb and QTDB is above 0.15
mV)."""

_EDGE_S = 0.01
_CERTAINLY_CLIPPED_S = 0.1  # no peak of a wave is this long, whatever its edges
_MIN_CLIPPED_SAMPLES = 5  # at low sampling rates, where CLIPPED_S is a few samples


@dataclass(frozen=True, eq=False)
class Artifacts:
    """The unusable segments of one lead.

    Attributes
    ----------
    gaps, flat, clipped : int64 array, shape = (n, 2)
        First sample of each segment and the one after its last, ascending; segments do not overlap.
    n_samples : int
        Length of the lead.
    unreadable : int64 array, shape = (n, 2)
        Segments in which noise or fibrillation hides the beats, as the detector found; they may overlap the others.
    """

    gaps: np.ndarray
    flat: np.ndarray
    clipped: np.ndarray
    n_samples: int
    unreadable: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))

    @property
    def by_kind(self) -> tuple[tuple[str, np.ndarray], ...]:
        """The name of each kind with its segments."""
        return (
            ("no signal", self.gaps),
            ("flat", self.flat),
            ("clipped", self.clipped),
            ("unreadable", self.unreadable),
        )

    @property
    def stretches(self) -> np.ndarray:
        """The segments of all kinds, one kind after the other; int64, shape = (count, 2)."""
        return np.concatenate([stretches for _, stretches in self.by_kind])

    @property
    def count(self) -> int:
        """Number of segments of all kinds."""
        return len(self.stretches)

    def usable(self) -> np.ndarray:
        """Return which samples lie outside all segments.

        Returns
        -------
        bool array, shape = (n_samples,)
        """
        usable = np.ones(self.n_samples, dtype=bool)
        for start, end in self.stretches:
            usable[start:end] = False
        return usable


def find_artifacts(signal: np.ndarray, sampling_rate: float) -> Artifacts:
    """Return the gaps, flat lines and clipped segments of one lead.

    A gap is NaN. A flat line stays within `FLAT_MV` for `FLAT_S` or longer. A clipped segment stays at the maximum or
    minimum of the lead for `CLIPPED_S` and at least five samples, between slopes that it truncates (`CLIPPED_EDGE_MV`)
    or for 0.1 s; if it is long enough for a flat line, it counts as one.

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
    """Return the unions of all windows of ``width`` samples within `FLAT_MV`; a window with a gap does not count."""
    begins_flat = np.zeros(max(0, len(signal) - width + 1), dtype=bool)
    for first, last in _candidate_ranges(signal, width):
        part, is_missing = signal[first:last], is_gap[first:last]
        # With this origin, each position refers to the window that begins there.
        highest = maximum_filter1d(np.where(is_missing, np.inf, part), width, origin=-(width // 2))
        lowest = minimum_filter1d(np.where(is_missing, -np.inf, part), width, origin=-(width // 2))
        begins_flat[first : last - width + 1] |= (highest - lowest < FLAT_MV)[: last - first - width + 1]
    stretches = _runs(begins_flat)
    stretches[:, 1] += width - 1
    return _merge(stretches)


def _candidate_ranges(signal: np.ndarray, width: int) -> list[tuple[int, int]]:
    """Return the ranges around flat blocks of half the width; every flat window contains one, and few records do."""
    half = width // 2
    parts = signal[: len(signal) // half * half].reshape(-1, half)
    is_flat = parts.max(axis=1) - parts.min(axis=1) < FLAT_MV
    around = [(max(0, half * first - width), min(len(signal), half * last + width)) for first, last in _runs(is_flat)]
    return [(first, last) for first, last in around if last - first >= width]


def _merge(stretches: np.ndarray) -> np.ndarray:
    """Return ascending segments, merged where they overlap or touch."""
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
    stretches = np.concatenate([_select_clipped(signal, stretches, sampling_rate) for stretches in at_rails])
    return stretches[np.argsort(stretches[:, 0])]


def _select_clipped(signal: np.ndarray, stretches: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return the segments at one extreme that cannot be the peak of a wave."""
    lengths = stretches[:, 1] - stretches[:, 0]
    edge = max(1, round(_EDGE_S * sampling_rate))
    before = signal[np.maximum(stretches[:, 0] - edge, 0)]
    after = signal[np.minimum(stretches[:, 1] - 1 + edge, len(signal) - 1)]
    drops = np.fmax(np.abs(before - signal[stretches[:, 0]]), np.abs(after - signal[stretches[:, 0]]))
    is_held = lengths >= max(_MIN_CLIPPED_SAMPLES, round(CLIPPED_S * sampling_rate))
    is_cut = (drops >= CLIPPED_EDGE_MV) | (lengths >= _CERTAINLY_CLIPPED_S * sampling_rate)
    return stretches[is_held & is_cut]


def _runs(mask: np.ndarray) -> np.ndarray:
    """Return the start and (exclusive) end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2).astype(np.int64)
