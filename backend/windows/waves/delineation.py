"""The marks of P, QRS and T of every beat of a lead."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage, signal

from backend.records.channels.leads import ecg_leads
from backend.records.record import Record
from backend.windows.beats.detection import Beats
from backend.windows.rows import concatenate_rows, select_rows
from backend.windows.signal.filtering import WORKING_RATE, fill_gaps
from backend.windows.waves.aligned import AlignedBeats
from backend.windows.waves.blocks import Block, split_beats
from backend.windows.waves.confidence import find_uncertain_marks
from backend.windows.waves.marks import MARKS, Waves
from backend.windows.waves.p_presence import assess_p_waves, find_ectopic_beats
from backend.windows.waves.p_probability import MIN_PROBABILITY, estimate_p_probability
from backend.windows.waves.p_t_waves import Wave, find_p_waves, find_t_waves, measure_curvature
from backend.windows.waves.qrs_deflections import find_q_r_s
from backend.windows.waves.qrs_edges import QrsEdges, bridge_qrs, find_qrs_edges

__all__ = ["find_qrs", "find_waves"]

SPAN_S = (-0.5, 0.8)
"""From the onset of the earliest P to the end of the latest T, relative to the R peak."""

BASELINE_HZ = 0.5
"""Lower frequencies are baseline wander."""

R_COLUMN = round(-SPAN_S[0] * WORKING_RATE)
"""The column of the R peak."""

REACH_S = 1.3
"""The part of the lead around the first and last beat of a block: the span, and the reach of smoothing beyond it."""

BLOCK_BEATS = 2000
"""Beats that are processed at a time."""

PIECE_S = 3600.0
PIECE_MARGIN_S = 60.0
SPLINE_STEPS = 60
"""The part of the lead that is filtered at a time, with margins long enough for the high-pass filter and the spline
interpolation to forget how they began."""

P_AFTER_T_S = 0.02
"""P peaks no sooner than this after the preceding T."""

MAX_RR_S = 1.6


def find_waves(record: Record, beats: Beats) -> Waves:
    """Return the onset, peak and end of P, QRS and T of each beat; a wave that is absent is not marked.

    The lead is resampled to `WORKING_RATE`, and each wave is located by the slopes and curvature of the lead at a scale
    that suits it, as Martinez et al. (2004) do with a wavelet: a quadratic spline wavelet at scale 2^k is the
    derivative of the signal after a smoothing of about 2.3 * 2^k ms at 250 Hz.

    Parameters
    ----------
    record : Record
    beats : Beats
        The beats of one of its leads.

    Returns
    -------
    Waves
        In whole samples of the record; where marked, always p_onset < p_peak < p_end <= qrs_onset < r_peak < qrs_end
        <= t_onset < t_peak < t_end and qrs_onset <= q_peak < r_wave < s_peak <= qrs_end, and no P or T lies in another
        beat's QRS. A mark beyond the record's ends or in a gap is absent.

    Raises
    ------
    RecordRefused
        If the record has no lead of that name.

    Notes
    -----
    Departures from the paper; the README beside this module gives the measurements behind them:

    - The smoothing is a Gaussian of any width rather than of a power of two samples, so that it is the same at every
      sampling rate.
    - QRS is one run of slopes without a pause of 28 ms, instead of one of several listed morphologies. A slope as slow
      as that of ST (4 mV/s) does not belong to it.
    - QRS is replaced by a straight line before P and T are located, so that it does not leak into their coarser scales.
    - The peak of P or T is the extremum near its strongest curvature (second derivative) rather than a zero crossing
      between two maxima: a wave on a slope has curvature and may have no crossing. T is limited to a range that depends
      on the RR interval; beyond it lie U and the next P.
    - All ECG leads of the record together show where T is (sum of their squared curvature, each relative to its lead's
      noise), and of two candidates the one nearer to the typical position of T is preferred. Peak, onset and end are
      then those of this lead.
    - P is located in the mean of a beat and its six neighbours, half and half, without ectopic beats.
    - The presence of P is judged from its shape and from neighbouring beats (`estimate_p_probability`) rather than from
      a threshold on one beat.
    - T begins no sooner than QRS ends, and exactly there if its flank never slows down before.

    A mark is uncertain (`Waves.is_uncertain`) if it lies far from its neighbours' position in the beat, a P if it
    is not probable, a P or T if it is low or has a competing curvature, a T if QT is implausible at this rate,
    an edge of QRS if the lead is noisy.

    References
    ----------
    J. P. Martinez, R. Almeida, S. Olmos, A. P. Rocha, P. Laguna, "A wavelet-based ECG delineator: evaluation on
    standard databases", IEEE Trans. Biomed. Eng. 51(4):570-581, 2004, sections III and IV.
    P. Laguna et al., "A database for evaluation of algorithms for measurement of QT and other waveform intervals in
    the ECG", Computing in Cardiology 24:673-676, 1997.
    """
    r_peaks = beats.r_peaks.astype(np.float64)
    if not len(r_peaks):
        return _enforce_order(r_peaks, {mark: np.zeros(0) for mark in MARKS}, {}, np.zeros(0))

    curvature: np.ndarray = np.zeros(1, dtype=np.float32)
    for name in ecg_leads(record):
        if name != beats.lead:
            other = _read_lead(record, replace(beats, lead=name))
            curvature = curvature + measure_curvature(other.without_qrs(), WORKING_RATE)
    lead = _read_lead(record, beats)
    bridged = lead.without_qrs()
    curvature = measure_curvature(bridged, WORKING_RATE) + curvature

    rr_s = _typical_rr(lead.r_steps)
    parts = [
        select_rows(_delineate_block(lead, bridged, curvature, rr_s, block), block.own)
        for block in _blocks(lead.r_steps, len(bridged))
    ]
    found: _BlockWaves = concatenate_rows(parts)
    uncertain = find_uncertain_marks(
        lead.qrs, found.p, found.t, found.p_probability, found.is_ectopic, rr_s, R_COLUMN, WORKING_RATE
    )
    columns = {
        "p_onset": found.p.onset,
        "p_peak": found.p.peak,
        "p_end": found.p.end,
        "qrs_onset": lead.qrs.onset,
        "q_peak": found.q,
        "r_wave": found.r,
        "s_peak": found.s,
        "qrs_end": lead.qrs.end,
        "t_onset": found.t.onset,
        "t_peak": found.t.peak,
        "t_end": found.t.end,
    }
    return _enforce_order(r_peaks, lead.to_samples(columns, record.sampling_rate), uncertain, found.p_probability)


def find_qrs(record: Record, beats: Beats) -> tuple[np.ndarray, np.ndarray]:
    """Return the onset and end of QRS of each beat, as `find_waves` does but in a quarter of its time.

    Returns
    -------
    (float64 array, float64 array), shape = (n_beats,)
        In samples of the record, NaN where absent.

    Raises
    ------
    RecordRefused
        If the record has no lead of that name.
    """
    if not len(beats.r_peaks):
        return np.zeros(0), np.zeros(0)
    lead = _read_lead(record, beats)
    marks = lead.to_samples({"qrs_onset": lead.qrs.onset, "qrs_end": lead.qrs.end}, record.sampling_rate)
    return _qrs_around_r(beats.r_peaks.astype(np.float64), marks)


@dataclass(frozen=True, eq=False)
class _Lead:
    """One lead with the edges of its QRS complexes.

    Attributes
    ----------
    samples : float32 array
        As recorded.
    steady : float64 array
        At `WORKING_RATE`, without baseline wander.
    r_steps : int64 array, shape = (n_beats,)
        R peaks at `WORKING_RATE`.
    qrs : QrsEdges
    """

    samples: np.ndarray
    steady: np.ndarray
    r_steps: np.ndarray
    qrs: QrsEdges

    def without_qrs(self) -> np.ndarray:
        """Return the lead at `WORKING_RATE` with a straight line in place of each QRS."""
        return bridge_qrs(self.steady, self.r_steps, self.qrs.onset - R_COLUMN, self.qrs.end - R_COLUMN)

    def to_samples(self, columns: dict[str, np.ndarray], sampling_rate: float) -> dict[str, np.ndarray]:
        """Return marks in samples of the record, NaN for those beyond its ends or in its gaps."""
        marks = {}
        for mark, column in columns.items():
            samples = np.round((column + (self.r_steps - R_COLUMN)) * (sampling_rate / WORKING_RATE))
            is_within = (samples >= 0) & (samples <= len(self.samples) - 1)
            is_gap = np.isnan(self.samples[np.where(is_within, samples, 0).astype(np.int64)])
            marks[mark] = np.where(is_within & ~is_gap, samples, np.nan)
        return marks


def _read_lead(record: Record, beats: Beats) -> _Lead:
    """Return the lead of the beats with the edges of QRS."""
    samples = record.signals[:, record.channel_index(beats.lead)]
    steady = _steady_signal(samples, record.sampling_rate)
    r_steps = np.round(beats.r_peaks * (WORKING_RATE / record.sampling_rate)).astype(np.int64)
    r_steps = np.clip(r_steps, 0, len(steady) - 1)
    parts = [
        select_rows(find_qrs_edges(steady[block.steps], _align(r_steps, block), WORKING_RATE), block.own)
        for block in _blocks(r_steps, len(steady))
    ]
    return _Lead(samples, steady, r_steps, concatenate_rows(parts))


def _steady_signal(samples: np.ndarray, sampling_rate: float) -> np.ndarray:
    """Return a lead at `WORKING_RATE` without baseline wander, filtered an hour at a time."""
    samples = fill_gaps(samples)
    n_steps = int((len(samples) - 1) * WORKING_RATE / sampling_rate) + 1
    hour, margin = round(PIECE_S * WORKING_RATE), round(PIECE_MARGIN_S * WORKING_RATE)
    high_pass = signal.butter(2, BASELINE_HZ, "highpass", fs=WORKING_RATE, output="sos")
    steady = np.empty(n_steps)
    for start in range(0, n_steps, hour):
        first, last = max(start - margin, 0), min(start + hour + margin, n_steps)
        piece = _resample(samples, sampling_rate, first, last)
        piece = signal.sosfiltfilt(high_pass, piece, padlen=min(len(piece) - 1, int(3 * WORKING_RATE)))
        steady[start : start + hour] = piece[start - first : start - first + hour]
    return steady


def _resample(samples: np.ndarray, sampling_rate: float, first: int, last: int) -> np.ndarray:
    """Return the steps of `WORKING_RATE` from ``first`` to ``last - 1``."""
    if sampling_rate == WORKING_RATE:
        return samples[first:last]
    positions = np.arange(first, last) * (sampling_rate / WORKING_RATE)
    margin = SPLINE_STEPS * max(1, math.ceil(sampling_rate / WORKING_RATE))
    start = max(int(positions[0]) - margin, 0)
    around = samples[start : int(positions[-1]) + margin]
    if sampling_rate > WORKING_RATE:
        around = ndimage.gaussian_filter1d(around, 0.5 * sampling_rate / WORKING_RATE)
    return ndimage.map_coordinates(around, (positions - start)[np.newaxis], order=3, mode="nearest")


def _blocks(r_steps: np.ndarray, n_steps: int) -> Iterator[Block]:
    return split_beats(r_steps, n_steps, round(REACH_S * WORKING_RATE), BLOCK_BEATS)


def _align(r_steps: np.ndarray, block: Block) -> AlignedBeats:
    """Return the beats of a block, in steps of the block."""
    n_steps = block.steps.stop - block.steps.start
    return AlignedBeats.around(r_steps[block.beats] - block.steps.start, n_steps, WORKING_RATE, SPAN_S)


def _typical_rr(r_steps: np.ndarray) -> np.ndarray:
    """Return the median RR interval around each beat (s), at most `MAX_RR_S`; 1 s for a single beat."""
    if len(r_steps) < 2:
        return np.ones(len(r_steps))
    rr_s = np.diff(r_steps) / WORKING_RATE
    return np.minimum(ndimage.median_filter(np.append(rr_s, rr_s[-1]), 5, mode="nearest"), MAX_RR_S)


@dataclass(frozen=True, eq=False)
class _BlockWaves:
    """P, T, Q, R and S of the beats of a block, in columns, and the probability of P."""

    p: Wave
    t: Wave
    p_probability: np.ndarray
    is_ectopic: np.ndarray
    q: np.ndarray
    r: np.ndarray
    s: np.ndarray


def _delineate_block(
    lead: _Lead, bridged: np.ndarray, curvature: np.ndarray, rr_s: np.ndarray, block: Block
) -> _BlockWaves:
    """Return the waves of a block's beats; those in its margins may lack the influence of beats beyond them."""
    steady, bridged, curvature = lead.steady[block.steps], bridged[block.steps], curvature[block.steps]
    aligned, qrs = _align(lead.r_steps, block), select_rows(lead.qrs, block.beats)
    rr_steps = np.diff(aligned.r_steps).astype(np.float64)

    next_qrs = np.append(qrs.onset[1:] + rr_steps, np.inf)
    t = find_t_waves(bridged, curvature, aligned, WORKING_RATE, qrs.end, next_qrs, rr_s[block.beats])

    is_ectopic = find_ectopic_beats(steady, aligned, WORKING_RATE, qrs.onset, qrs.end)
    evidence = assess_p_waves(bridged, aligned, WORKING_RATE, qrs.onset, is_ectopic)
    end_of_t = np.where(np.isnan(t.end), t.peak, t.end)[:-1] - rr_steps
    previous_t = np.nan_to_num(np.append(-np.inf, end_of_t), nan=-np.inf)
    earliest = previous_t + P_AFTER_T_S * WORKING_RATE
    p = find_p_waves(bridged, aligned, WORKING_RATE, earliest, qrs.onset, ~is_ectopic)
    probability = estimate_p_probability(bridged, aligned, WORKING_RATE, qrs.onset, earliest, is_ectopic, evidence, p)
    p = p.where(probability >= MIN_PROBABILITY)

    q, r, s = find_q_r_s(steady, aligned, WORKING_RATE, qrs.onset, qrs.end)
    return _BlockWaves(p, t, probability, is_ectopic, q, r, s)


def _qrs_around_r(r_peaks: np.ndarray, marks: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the onset and end of QRS where they lie on either side of the R peak."""
    onset = np.where(marks["qrs_onset"] < r_peaks, marks["qrs_onset"], np.nan)
    end = np.where(marks["qrs_end"] > r_peaks, marks["qrs_end"], np.nan)
    return onset, end


def _enforce_order(
    r_peaks: np.ndarray, marks: dict[str, np.ndarray], uncertain: dict[str, np.ndarray], p_probability: np.ndarray
) -> Waves:
    """Return the marks without those that are out of order or in another beat's QRS."""
    qrs_onset, qrs_end = _qrs_around_r(r_peaks, marks)
    first = np.where(np.isnan(qrs_onset), r_peaks, qrs_onset)
    last = np.where(np.isnan(qrs_end), r_peaks, qrs_end)
    previous_last, next_first = np.append(-np.inf, last[:-1]), np.append(first[1:], np.inf)

    def keep(mark: str, is_ordered: np.ndarray) -> np.ndarray:
        return np.where(is_ordered, marks[mark], np.nan)

    p_peak = keep("p_peak", (marks["p_peak"] < first) & (marks["p_peak"] > previous_last))
    p_onset = keep("p_onset", (marks["p_onset"] < p_peak) & (marks["p_onset"] > previous_last))
    p_end = keep("p_end", (marks["p_end"] > p_peak) & (marks["p_end"] <= first))
    t_peak = keep("t_peak", (marks["t_peak"] > last) & (marks["t_peak"] < next_first))
    t_onset = keep("t_onset", (marks["t_onset"] < t_peak) & (marks["t_onset"] >= last))
    t_end = np.fmin(marks["t_end"], np.append(p_onset[1:], np.nan))
    has_t_end = ~np.isnan(marks["t_end"]) & (t_end > t_peak) & (t_end < next_first)
    t_end = np.where(has_t_end, t_end, np.nan)

    q, r, s = (
        keep(mark, (marks[mark] >= qrs_onset) & (marks[mark] <= qrs_end)) for mark in ("q_peak", "r_wave", "s_peak")
    )
    is_qs = np.isnan(marks["r_wave"])
    q, s = np.where(is_qs | (q < r), q, np.nan), np.where(s > r, s, np.nan)
    p_probability = np.where(np.isnan(p_peak), np.nan, p_probability)
    return Waves(
        r_peaks, p_onset, p_peak, p_end, qrs_onset, q, r, s, qrs_end, t_onset, t_peak, t_end, uncertain, p_probability
    )
