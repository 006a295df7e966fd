"""P, QRS and T of every beat of a lead."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage, signal

from backend.records.channels.leads import ecg_leads
from backend.records.record import Record
from backend.windows.beats.detection import Beats
from backend.windows.signal.filtering import WORKING_RATE, filled
from backend.windows.waves.aligned import Aligned
from backend.windows.waves.blocks import Block, blocks, cut, joined
from backend.windows.waves.confidence import unsure_marks
from backend.windows.waves.marks import MARKS, Waves
from backend.windows.waves.p_presence import PEvidence, ectopic_beats, p_evidence
from backend.windows.waves.qrs_deflections import q_r_s
from backend.windows.waves.slopes import Qrs, Wave, bend_strength, bridged_qrs, p_waves, qrs_complexes, t_waves

__all__ = ["find_qrs", "find_waves"]

SPAN_S = (-0.5, 0.8)
"""From the onset of the earliest P to the end of the latest T, from the R peak."""

BASELINE_HZ = 0.5
"""Slower than this is wander of the electrodes."""

R_COLUMN = round(-SPAN_S[0] * WORKING_RATE)
"""The R peak's, in steps from the first of its beat."""

REACH_S = 1.3
"""How much of the lead around its first and last beat a block holds: the span, and what smoothing reaches beyond."""

BLOCK_BEATS = 2000
"""Beats that are worked through at a time."""

PIECE_S = 3600.0
PIECE_MARGIN_S = 60.0
SPLINE_STEPS = 60
"""How much of the lead is filtered at a time, and what is filtered with it at either end: the filter, and the spline
through the samples, have long forgotten by then how they began."""

AFTER_T_S = 0.02
"""P peaks no sooner after the T before it."""


def find_waves(record: Record, beats: Beats) -> Waves:
    """Mark the onset, peak and end of P, QRS and T of each beat; a wave that is not there is not marked.

    The lead is brought to `WORKING_RATE` and each wave is found by the slopes and bends of the lead at a scale that
    suits it, as Martinez et al. (2004) do with a wavelet: a quadratic spline wavelet at scale 2^k is the derivative of
    the signal after a smoothing of about 2.3 * 2^k ms at 250 Hz. Where it departs from the paper and why; figures are
    standard deviations within a record against the QT Database's first cardiologist, on the better lead of the two:

    - The smoothing is a Gaussian and its width is free, not a power of two samples, so that it means the same at every
      sampling rate.
    - QRS is one run of slopes without a pause of 28 ms, instead of one of several listed shapes. A slope as slow as ST
      (4 mV/s) does not belong to it: the end of QRS goes from 8.0 to 7.7 ms, and in simulated left bundle branch block,
      where the truth is known, from 35 ms too late to 10 ms.
    - QRS is bridged by a straight line before P and T are looked for; otherwise QRS leaks into their coarser scales
      (onset of P 12 against 20 ms, peak of T 12 against 19 ms).
    - The peak of P or T is the extremum at its strongest bend (second derivative), not a zero crossing between two
      maxima: a wave on a slope has a bend and may have no crossing. The bend of T is looked for more coarsely than the
      paper's scale 2^4 (55 against 37 ms; end of T on one lead 22.6 against 26.7 ms at a bend of 30 ms), and no later
      than the usual RR interval allows (end of T on one lead 22.6 against 26.0 ms), or it is U or the next P.
    - Where T is looked for is told by all ECG leads of the record together (root of the sum of their squared bends,
      each against its lead's noise), and of two bumps the one nearer to T's usual place is preferred. Peak, onset and
      end are then those of this lead. On lead 0, standard deviation of all records' marks together: peak of T 51 to
      45 ms if the lead is alone and to 39 ms beside the other, end of T 49 to 46 ms; the records on which it is
      typically more than 60 ms off fall from 14 to 11. On the better lead, end of T 17.2 to 17.6 ms (30 to 32 ms).
    - P is looked for in the mean of a beat with its six neighbours, half and half, ectopic beats left out: onset 13.5
      to 12.1 ms, end 13.3 to 11.7 ms.
    - Whether there is a P at all is asked of the neighbours (`p_evidence`), not of a threshold on one beat's slopes.
      In the MIT-BIH Arrhythmia Database the beats in atrial fibrillation that are given a P fall from 94 to 6 %, PVCs
      from 63 to 8 %, and sinus beats from 99.6 to 98.8 %. Before a broad beat a P may stand nearer to QRS than before
      its neighbours, as in fusion and pre-excitation: P found in the QT Database goes from 98.7 to 99.7 %, PVCs that
      are given one from 7.3 to 8.1 %.
    - T begins no sooner than QRS ends, and there if its flank never slows down before: found 100 against 90 % of the
      onsets of T, standard deviation 26 against 31 ms.

    Parameters
    ----------
    record : Record
    beats : Beats
        Of one of its leads.

    Returns
    -------
    Waves
        In whole samples of the record; where marked, always p_onset < p_peak < p_end <= qrs_onset < r_peak < qrs_end
        <= t_onset < t_peak < t_end and qrs_onset <= q_peak < r_wave < s_peak <= qrs_end, and no P or T lies in another
        beat's QRS. A mark beyond the record's ends or in a gap is absent. Q, R and S are those of `q_r_s`.

    Raises
    ------
    RecordRefused
        If the record has no lead of that name.

    Notes
    -----
    A mark is unsure (`Waves.is_unsure`) where it lies far from its neighbours' place in the beat, P where its
    neighbours hardly agree, P or T where it is low or has a rival bend, T where QT is one that no heart has at this
    rate, an edge of QRS where the lead is noisy (`unsure_marks`). On the 52 records of the QT Database with an odd
    index, both leads. They chose no figure but one: how strong a rival makes T unsure was raised once the share of
    unsure T there was seen.

    | mark | unsure (%) | SD of error, unsure against sure (ms) | more than 60 ms off (%) | on no wave (%) |
    | --- | --- | --- | --- | --- |
    | P onset | 16 | 66, 22 | 27, 2 | 40, 3 |
    | P peak | 14 | 51, 20 | 21, 1 | 41, 4 |
    | P end | 15 | 48, 28 | 19, 5 | 38, 4 |
    | QRS onset | 13 | 26, 15 | 4, 1 | 0, 0 |
    | QRS end | 14 | 39, 24 | 9, 4 | 0, 0 |
    | T onset | 24 | 73, 57 | 45, 25 | 55, 72 |
    | T peak | 20 | 74, 33 | 33, 7 | 15, 2 |
    | T end | 20 | 101, 32 | 44, 8 | 15, 2 |

    "On no wave" are the marks in beats in which the cardiologist marked other waves but not this one (the onset of T
    was left out in most beats, wherever it is). In the MIT-BIH Arrhythmia Database a P that is sure stands before 3 %
    of PVCs, 0.5 % of the beats in atrial fibrillation or flutter and 89 % of sinus beats.

    A flutter wave that keeps its distance from QRS is taken for a P (record 202), and a P that keeps none, as in
    complete block, is not marked. The onset of T is where its flank rises, or the end of QRS if it rises from there;
    the simulator, which takes ST for a part of T, puts it earlier.

    References
    ----------
    J. P. Martinez, R. Almeida, S. Olmos, A. P. Rocha, P. Laguna, "A wavelet-based ECG delineator: evaluation on
    standard databases", IEEE Trans. Biomed. Eng. 51(4):570-581, 2004, sections III and IV.
    P. Laguna et al., "A database for evaluation of algorithms for measurement of QT and other waveform intervals in
    the ECG", Computing in Cardiology 24:673-676, 1997.
    """
    if not len(beats.r_peaks):
        return _ordered(np.zeros(0), {mark: np.zeros(0) for mark in MARKS}, {})
    others = _strength_of_others(record, beats)
    lead = _Lead.read(record, beats)
    columns, unsure = _columns(lead, others)
    found = _in_record(columns, lead, record.sampling_rate)
    return _ordered(beats.r_peaks.astype(np.float64), found, unsure)


def find_qrs(record: Record, beats: Beats) -> tuple[np.ndarray, np.ndarray]:
    """Onset and end of QRS of each beat, the same as those of `find_waves`, in a quarter of its time.

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
    lead = _Lead.read(record, beats)
    found = _in_record({"qrs_onset": lead.qrs.onset, "qrs_end": lead.qrs.end}, lead, record.sampling_rate)
    return _ordered_qrs(beats.r_peaks.astype(np.float64), found)


@dataclass(frozen=True, eq=False)
class _Lead:
    """A lead as it was recorded and at the working rate without its wander, and its beats and their QRS there."""

    samples: np.ndarray
    steady: np.ndarray
    r_steps: np.ndarray
    qrs: Qrs

    @classmethod
    def read(cls, record: Record, beats: Beats) -> "_Lead":
        samples = record.signals[:, record.channel_index(beats.lead)]
        steady = _steady(samples, record.sampling_rate)
        r_steps = np.round(beats.r_peaks * (WORKING_RATE / record.sampling_rate)).astype(np.int64)
        r_steps = np.clip(r_steps, 0, len(steady) - 1)
        found = [
            cut(qrs_complexes(steady[block.steps], _aligned(r_steps, block), WORKING_RATE), block.own)
            for block in _blocks(r_steps, len(steady))
        ]
        return cls(samples, steady, r_steps, joined(found))

    def bridged(self) -> np.ndarray:
        """The lead at the working rate without its QRS."""
        return bridged_qrs(self.steady, self.r_steps, self.qrs.onset - R_COLUMN, self.qrs.end - R_COLUMN)


@dataclass(frozen=True, eq=False)
class _Found:
    """What is found of each beat besides the edges of QRS, in columns."""

    p: Wave
    t: Wave
    evidence: PEvidence
    ectopic: np.ndarray
    q: np.ndarray
    r: np.ndarray
    s: np.ndarray


def _blocks(r_steps: np.ndarray, n_steps: int) -> Iterator[Block]:
    return blocks(r_steps, n_steps, round(REACH_S * WORKING_RATE), BLOCK_BEATS)


def _aligned(r_steps: np.ndarray, block: Block) -> Aligned:
    """The beats of a block, in the steps of a block."""
    n_steps = block.steps.stop - block.steps.start
    return Aligned.around(r_steps[block.beats] - block.steps.start, n_steps, WORKING_RATE, SPAN_S)


def _in_record(columns: dict[str, np.ndarray], lead: _Lead, sampling_rate: float) -> dict[str, np.ndarray]:
    """Marks in samples of the record, without those beyond its ends or in its gaps."""
    step = sampling_rate / WORKING_RATE
    first_steps = lead.r_steps - R_COLUMN
    return {mark: _recorded(np.round((found + first_steps) * step), lead.samples) for mark, found in columns.items()}


def _steady(samples: np.ndarray, sampling_rate: float) -> np.ndarray:
    """The lead at the working rate without its baseline's wander, an hour at a time."""
    known = filled(samples)
    n_steps = int((len(samples) - 1) * WORKING_RATE / sampling_rate) + 1
    hour, margin = round(PIECE_S * WORKING_RATE), round(PIECE_MARGIN_S * WORKING_RATE)
    steady = np.empty(n_steps)
    for start in range(0, n_steps, hour):
        first, last = max(start - margin, 0), min(start + hour + margin, n_steps)
        piece = _without_wander(_at_working_rate(known, sampling_rate, first, last))
        steady[start : start + hour] = piece[start - first : start - first + hour]
    return steady


def _at_working_rate(known: np.ndarray, sampling_rate: float, first: int, last: int) -> np.ndarray:
    """The steps of the working rate from ``first`` to before ``last``."""
    if sampling_rate == WORKING_RATE:
        return known[first:last]
    positions = np.arange(first, last) * (sampling_rate / WORKING_RATE)
    beyond = SPLINE_STEPS * max(1, math.ceil(sampling_rate / WORKING_RATE))
    start = max(int(positions[0]) - beyond, 0)
    around = known[start : int(positions[-1]) + beyond]
    if sampling_rate > WORKING_RATE:
        around = ndimage.gaussian_filter1d(around, 0.5 * sampling_rate / WORKING_RATE)
    return ndimage.map_coordinates(around, (positions - start)[np.newaxis], order=3, mode="nearest")


def _without_wander(known: np.ndarray) -> np.ndarray:
    sections = signal.butter(2, BASELINE_HZ, "highpass", fs=WORKING_RATE, output="sos")
    return signal.sosfiltfilt(sections, known, padlen=min(len(known) - 1, int(3 * WORKING_RATE)))


def _strength_of_others(record: Record, beats: Beats) -> np.ndarray:
    """The sum of the `bend_strength` of the other ECG leads; a single 0 where there is none."""
    others = [name for name in ecg_leads(record) if name != beats.lead]
    strengths = (
        bend_strength(_Lead.read(record, replace(beats, lead=name)).bridged(), WORKING_RATE) for name in others
    )
    return sum(strengths, np.zeros(1, dtype=np.float32))


def _columns(lead: _Lead, others: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Every mark in columns, and where it is unsure; ``others`` is the `bend_strength` of the other leads."""
    bridged = lead.bridged()
    strength = bend_strength(bridged, WORKING_RATE)
    strength += others
    found = joined(
        [cut(_found(lead, bridged, strength, block), block.own) for block in _blocks(lead.r_steps, len(bridged))]
    )
    marks = {
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
    usual_rr_s = _usual_rr(lead.r_steps)
    unsure = unsure_marks(lead.qrs, found.p, found.t, found.evidence, found.ectopic, usual_rr_s, R_COLUMN, WORKING_RATE)
    return marks, unsure


def _found(lead: _Lead, bridged: np.ndarray, strength: np.ndarray, block: Block) -> _Found:
    """The waves of a block's beats; those in its margins may lack what a beat beyond them would tell."""
    steady, bridged, strength = lead.steady[block.steps], bridged[block.steps], strength[block.steps]
    aligned, qrs = _aligned(lead.r_steps, block), cut(lead.qrs, block.beats)
    to_next = np.diff(aligned.r_steps).astype(np.float64)
    next_qrs = np.append(qrs.onset[1:] + to_next, np.inf)
    usual_rr_s = _usual_rr(lead.r_steps)[block.beats]
    t = t_waves(bridged, strength, aligned, WORKING_RATE, qrs.end, next_qrs, usual_rr_s)
    t_over = np.where(np.isnan(t.end), t.peak, t.end)[:-1] - to_next
    previous_t = np.nan_to_num(np.append(-np.inf, t_over), nan=-np.inf)
    ectopic = ectopic_beats(steady, aligned, WORKING_RATE, qrs.onset, qrs.end)
    evidence = p_evidence(bridged, aligned, WORKING_RATE, qrs.onset, ectopic)
    p = p_waves(bridged, aligned, WORKING_RATE, previous_t + AFTER_T_S * WORKING_RATE, qrs.onset, ~ectopic)
    p = p.where(evidence.allows(ectopic))
    return _Found(p, t, evidence, ectopic, *q_r_s(steady, aligned, WORKING_RATE, qrs.onset, qrs.end))


def _usual_rr(r_steps: np.ndarray) -> np.ndarray:
    """The median RR interval around each beat (s); 1 s where there is one beat only."""
    if len(r_steps) < 2:
        return np.ones(len(r_steps))
    rr_s = np.diff(r_steps) / WORKING_RATE
    return np.minimum(ndimage.median_filter(np.append(rr_s, rr_s[-1]), 5, mode="nearest"), 1.6)


def _recorded(marks: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """The marks without those beyond the record's ends or in its gaps."""
    within = (marks >= 0) & (marks <= len(samples) - 1)
    at = np.where(within, marks, 0).astype(np.int64)
    return np.where(within & ~np.isnan(samples[at]), marks, np.nan)


def _ordered_qrs(r: np.ndarray, found: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Onset and end of QRS where they lie on either side of its R peak."""
    qrs_onset = np.where(found["qrs_onset"] < r, found["qrs_onset"], np.nan)
    qrs_end = np.where(found["qrs_end"] > r, found["qrs_end"], np.nan)
    return qrs_onset, qrs_end


def _ordered(r: np.ndarray, found: dict[str, np.ndarray], unsure: dict[str, np.ndarray]) -> Waves:
    """The marks without those that are out of order or in another beat's QRS."""
    qrs_onset, qrs_end = _ordered_qrs(r, found)
    first = np.where(np.isnan(qrs_onset), r, qrs_onset)
    last = np.where(np.isnan(qrs_end), r, qrs_end)
    before = np.append(-np.inf, last[:-1])
    after = np.append(first[1:], np.inf)
    p_peak = np.where((found["p_peak"] < first) & (found["p_peak"] > before), found["p_peak"], np.nan)
    p_onset = np.where((found["p_onset"] < p_peak) & (found["p_onset"] > before), found["p_onset"], np.nan)
    p_end = np.where((found["p_end"] > p_peak) & (found["p_end"] <= first), found["p_end"], np.nan)
    t_peak = np.where((found["t_peak"] > last) & (found["t_peak"] < after), found["t_peak"], np.nan)
    t_onset = np.where((found["t_onset"] < t_peak) & (found["t_onset"] >= last), found["t_onset"], np.nan)
    p_next = np.append(p_onset[1:], np.nan)
    t_over = np.fmin(found["t_end"], p_next)
    t_end = np.where(~np.isnan(found["t_end"]) & (t_over > t_peak) & (t_over < after), t_over, np.nan)
    return Waves(
        r,
        p_onset,
        p_peak,
        p_end,
        qrs_onset,
        *_ordered_deflections(found, qrs_onset, qrs_end),
        qrs_end,
        t_onset,
        t_peak,
        t_end,
        unsure,
    )


def _ordered_deflections(
    found: dict[str, np.ndarray], qrs_onset: np.ndarray, qrs_end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Q, R and S where they lie in this order within a QRS whose two edges are known."""
    q, r, s = (
        np.where((found[mark] >= qrs_onset) & (found[mark] <= qrs_end), found[mark], np.nan)
        for mark in ("q_peak", "r_wave", "s_peak")
    )
    is_qs = np.isnan(found["r_wave"])
    return np.where(is_qs | (q < r), q, np.nan), r, np.where(s > r, s, np.nan)
