"""The quality of one lead, second by second: how much of it is noise that may be mistaken for QRS."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage

from backend.windows.beats.hamilton import Peaks, slope_signal

__all__ = ["DISTURBED_SHARE", "Reference", "SignalQuality", "assess_quality", "similarity"]

QUALITY_S = 11
"""The quality of a second is judged from it and the five on either side."""

DISTURBED_SHARE = 0.2
"""A second is noisy if more than this proportion of those around it is disturbed: three of eleven."""

QUIET_SHARE = 0.1
MIN_QUIET = 20
"""Beats in quiet seconds that are enough to know the QRS of a record."""

MIN_SIMILARITY = 0.75
"""Below this correlation with every usual QRS, a beat disturbs its second."""

QUIET_SIMILARITY = 0.85
MAX_OTHER_HEIGHT = 0.3
"""Above this proportion of the usual QRS, a peak between beats disturbs its second."""

HEIGHT_BEATS = 61
APART_S = 0.1
PIECE_S = 1800.0
"""The usual QRS complexes are those of about this time; a record is divided into equal pieces."""

TEMPLATE_REACH_S = 0.07
MAX_TEMPLATES = 4
MIN_TEMPLATE_BEATS = 5
MIN_TEMPLATE_SHARE = 0.01
JOIN_CORRELATION = 0.85
COVERED_CORRELATION = 0.8
_LEADERS = 80
_SHIFT_STEPS = 3


@dataclass(frozen=True, eq=False)
class Reference:
    """The usual QRS complexes of one piece of a lead, from its quiet beats.

    Attributes
    ----------
    templates : float64 array, shape = (n_templates, n_steps)
        Slopes around the peak of the moving average (mV/s), the most frequent first; none if there are too few beats.
    height, sharpness : float
        Medians of the peaks.
    """

    templates: np.ndarray
    height: float
    sharpness: float


@dataclass(frozen=True, eq=False)
class SignalQuality:
    """The quality of one lead.

    Attributes
    ----------
    disturbed : float64 array, shape = (n_seconds,)
        Proportion of disturbed seconds around each second.
    is_quiet : bool array, shape = (n_beats,)
        Whether a beat lies in a quiet second and has a usual QRS.
    slope : float32 array, shape = (n_steps,)
        mV/s, at `rate`.
    rate : float
        Hz.
    pieces_s : float64 array, shape = (n_pieces + 1,)
        Where the pieces begin, and where the last one ends.
    references : tuple of Reference
        One for each piece.
    """

    disturbed: np.ndarray
    is_quiet: np.ndarray
    slope: np.ndarray
    rate: float
    pieces_s: np.ndarray
    references: tuple[Reference, ...]

    def noisy_stretches(self) -> np.ndarray:
        """Return the first second of each noisy stretch and the one after its last, cut between pieces; (n, 2)."""
        is_noisy = self.disturbed > DISTURBED_SHARE
        edges = np.flatnonzero(np.diff(np.concatenate([[False], is_noisy, [False]]).astype(np.int8)))
        parts = []
        for start, end in edges.reshape(-1, 2).tolist():
            inner = self.pieces_s[(self.pieces_s > start) & (self.pieces_s < end)]
            cuts = np.concatenate([[start], inner, [end]])
            parts += list(pairwise(cuts))
        return np.array(parts, dtype=np.float64).reshape(-1, 2)

    def reference_at(self, time_s: float) -> Reference:
        """Return the reference of the piece that holds a time (s)."""
        piece = int(np.searchsorted(self.pieces_s, time_s, side="right")) - 1
        return self.references[min(max(piece, 0), len(self.references) - 1)]


def assess_quality(samples: np.ndarray, sampling_rate: float, peaks: Peaks, qrs: np.ndarray) -> SignalQuality:
    """Return the quality of a lead from the peaks and beats that were found in it.

    A second is disturbed by a beat that is similar to no usual QRS and by a high peak between beats.
    Usual are the QRS complexes, of up to four shapes, of the quiet seconds of the same half hour; the search begins
    with the seconds without high peaks between the beats.

    Parameters
    ----------
    samples : array, shape = (n,)
        mV, without NaN.
    sampling_rate : float
        Hz.
    peaks : Peaks
    qrs : int64 array, shape = (n_beats,)
        The peaks that are beats.
    """
    slope, rate = slope_signal(samples, sampling_rate)
    times_s, heights, sharpness = peaks.times_s[qrs], peaks.heights[qrs], peaks.sharpness[qrs]
    n_seconds = int(len(samples) / sampling_rate) + 1
    seconds = np.minimum(times_s.astype(np.int64), n_seconds - 1)
    is_high = np.zeros(n_seconds, dtype=bool)
    is_high[_seconds_of_high_peaks(peaks, qrs, n_seconds)] = True

    duration_s = len(samples) / sampling_rate
    pieces_s = np.linspace(0.0, duration_s, max(1, round(duration_s / PIECE_S)) + 1)
    shapes = _shapes_around(slope, np.round(times_s * rate).astype(np.int64), rate)
    bounds = np.searchsorted(times_s, pieces_s[1:-1])
    rows_of_pieces = np.split(np.arange(len(qrs)), bounds)

    similar = np.ones(len(qrs))
    references: list[Reference] = []
    for _ in range(2):
        disturbed = _share_around(is_high, seconds, similar)
        is_quiet = (disturbed[seconds] < QUIET_SHARE) & (similar > QUIET_SIMILARITY)
        references = [_reference(shapes, heights, sharpness, is_quiet, rows) for rows in rows_of_pieces]
        similar = np.concatenate(
            [_best_similarity(shapes[rows], one) for rows, one in zip(rows_of_pieces, references, strict=True)]
        )
    disturbed = _share_around(is_high, seconds, similar)
    is_quiet = (disturbed[seconds] <= DISTURBED_SHARE) & (similar >= MIN_SIMILARITY)
    return SignalQuality(disturbed, is_quiet, slope, rate, pieces_s, tuple(references))


def similarity(shapes: np.ndarray, templates: np.ndarray) -> np.ndarray:
    """Return the correlation of each shape with each template, shape = (n_shapes, n_templates)."""
    return _unit(shapes) @ _unit(templates).T


def _seconds_of_high_peaks(peaks: Peaks, qrs: np.ndarray, n_seconds: int) -> np.ndarray:
    """Return the seconds with a peak between beats that is nearly as high as QRS and the highest within 0.2 s."""
    if not len(qrs):
        return np.zeros(0, dtype=np.int64)
    beats_s = peaks.times_s[qrs]
    after = np.searchsorted(beats_s, peaks.times_s)
    before_s = peaks.times_s - beats_s[np.maximum(after - 1, 0)]
    distance_s = np.minimum(np.abs(before_s), np.abs(beats_s[np.minimum(after, len(beats_s) - 1)] - peaks.times_s))
    usual = ndimage.median_filter(peaks.heights[qrs], HEIGHT_BEATS, mode="nearest")
    is_other = (distance_s > APART_S) & peaks.may_be_qrs()
    is_high = is_other & (peaks.heights > MAX_OTHER_HEIGHT * np.interp(peaks.times_s, beats_s, usual))
    return np.minimum(peaks.times_s[is_high].astype(np.int64), n_seconds - 1)


def _share_around(is_high: np.ndarray, seconds: np.ndarray, similar: np.ndarray) -> np.ndarray:
    """Return the proportion of disturbed seconds around each second."""
    is_disturbed = is_high.astype(np.float64)
    is_disturbed[seconds[similar < MIN_SIMILARITY]] = 1.0
    return ndimage.uniform_filter1d(is_disturbed, QUALITY_S, mode="nearest")


def _shapes_around(slope: np.ndarray, steps: np.ndarray, rate: float) -> np.ndarray:
    """Return the slopes around each step, with some more on either side; shape = (n_beats, n_columns)."""
    reach = round(TEMPLATE_REACH_S * rate) + _SHIFT_STEPS
    around = steps[:, np.newaxis] + np.arange(-reach, reach + 1)
    return slope[np.clip(around, 0, len(slope) - 1)]


def _reference(
    shapes: np.ndarray, heights: np.ndarray, sharpness: np.ndarray, is_quiet: np.ndarray, rows: np.ndarray
) -> Reference:
    """Return the reference of one piece, from its quiet beats, or from all of them if few are quiet."""
    quiet = rows[is_quiet[rows]]
    chosen = quiet if len(quiet) >= MIN_QUIET else rows
    if len(chosen) < MIN_QUIET:
        return Reference(np.zeros((0, shapes.shape[1] - 2 * _SHIFT_STEPS)), 1.0, 1.0)
    templates = _templates(shapes[chosen, _SHIFT_STEPS:-_SHIFT_STEPS].astype(np.float64))
    return Reference(templates, float(np.median(heights[chosen])), float(np.median(sharpness[chosen])))


def _templates(shapes: np.ndarray) -> np.ndarray:
    """Return the medians of the largest groups of similar shapes, at most four."""
    unit = _unit(shapes)
    minimum = max(MIN_TEMPLATE_BEATS, MIN_TEMPLATE_SHARE * len(shapes))
    left = np.arange(len(shapes))
    found: list[np.ndarray] = []
    while len(found) < MAX_TEMPLATES and len(left) >= minimum:
        leaders = left[np.linspace(0, len(left) - 1, min(_LEADERS, len(left))).astype(np.int64)]
        is_member = unit[leaders] @ unit[left].T > JOIN_CORRELATION
        members = is_member[is_member.sum(axis=1).argmax()]
        if members.sum() < minimum:
            break
        template = np.median(shapes[left[members]], axis=0)
        found.append(template)
        is_covered = similarity(shapes[left], template[np.newaxis])[:, 0] > COVERED_CORRELATION
        left = left[~(is_covered | members)]
    return np.array(found).reshape(-1, shapes.shape[1])


def _best_similarity(shapes: np.ndarray, reference: Reference) -> np.ndarray:
    """Return the highest correlation of each beat with a template, at the best of a few shifts; 1 without templates."""
    if not len(reference.templates) or not len(shapes):
        return np.ones(len(shapes))
    width = reference.templates.shape[1]
    shifted = [
        similarity(shapes[:, first : first + width], reference.templates) for first in range(2 * _SHIFT_STEPS + 1)
    ]
    return np.max(shifted, axis=(0, 2))


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
