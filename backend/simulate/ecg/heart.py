"""Simulation of an ECG record with known waves from a plan of its rhythms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from backend.simulate.ecg.noise import Gap, Noise, fibrillatory_waves, recorder_noise, with_gaps
from backend.simulate.ecg.rhythm import PlannedBeat, Stretch, plan_beats
from backend.simulate.ecg.shapes import ATRIAL, LEADS, VENTRICULAR, Bump, Shape, adapt_to_rate, vary_shape
from backend.simulate.ecg.truth import (
    TRUE_MARKS,
    TrueWaves,
    extent_ms,
    r_offset_ms,
    wave_peak_ms,
    wave_values,
)
from backend.simulate.ecg.variability import simulate_modulation

__all__ = ["SimulatedRecord", "simulate"]


@dataclass(frozen=True, eq=False)
class SimulatedRecord:
    """A simulated record and its ground truth.

    Attributes
    ----------
    signals : float32 array, shape = (n_samples, 2)
        mV, as recorded: with noise, NaN in gaps.
    clean : float32 array, shape = (n_samples, 2)
        mV, without noise and gaps.
    sampling_rate : float
        Hz.
    leads : tuple of str
        ``("MLII", "V1")``.
    r_peaks : int64 array, shape = (n_beats,)
    labels : tuple of str, length n_beats
        WFDB symbols: ``N L R A V /``.
    waves : TrueWaves
        The waves of the same beats. Beats hidden by a gap in both leads are excluded everywhere.
    lone_p : int64 array, shape = (n, 3)
        Onset, peak and end of P waves without a beat (atria dissociated from a pacemaker).
    spikes : int64 array, shape = (n,)
        Samples of the pacemaker spikes.
    rhythm_samples : int64 array, shape = (n,)
        Samples at which the rhythm changes.
    rhythm_notes : tuple of str, length n
        The new rhythms in WFDB notation: ``(N``, ``(AFIB``, ...
    breathing : float64 array, shape = (n_samples,)
        Respiration with unit deviation.
    """

    signals: np.ndarray
    clean: np.ndarray
    sampling_rate: float
    leads: tuple[str, ...]
    r_peaks: np.ndarray
    labels: tuple[str, ...]
    waves: TrueWaves
    lone_p: np.ndarray
    spikes: np.ndarray
    rhythm_samples: np.ndarray
    rhythm_notes: tuple[str, ...]
    breathing: np.ndarray


@dataclass(frozen=True)
class _Person:
    """One simulated person: individual shapes, P to R time (s), respiratory rate."""

    atrial: Mapping[str, Shape]
    ventricular: Mapping[str, Shape]
    pr_s: float
    breaths_per_min: float


@dataclass(frozen=True)
class _Beat:
    """A beat with its shape, P wave included, and the time of its phase zero (s)."""

    time_s: float
    shape: Shape
    plan: PlannedBeat


def simulate(
    stretches: tuple[Stretch, ...],
    seed: int,
    *,
    sampling_rate: float = 360.0,
    noise: Noise | None = None,
    gaps: tuple[Gap, ...] = (),
    paced_shape: str = "paced",
) -> SimulatedRecord:
    """Return a record with the rhythms of the stretches, of a person drawn from the seed.

    Parameters
    ----------
    stretches : tuple of Stretch
        Consecutive rhythms; their durations add up to that of the record.
    seed : int
        The same seed and arguments give an identical record.
    sampling_rate : float
        Hz.
    noise : Noise, optional
        By default that of a good Holter recording.
    gaps : tuple of Gap
    paced_shape : str
        Shape of paced beats: ``paced`` or ``paced apex``.

    Returns
    -------
    SimulatedRecord

    Raises
    ------
    ValueError
        If a stretch or a gap has an unknown kind.

    References
    ----------
    McSharry et al. 2003; see `backend.simulate.ecg.shapes` for departures from the paper.

    Examples
    --------
    >>> record = simulate((Stretch(10, extra={4.0: "V"}),), seed=1)
    >>> record.labels.count("V")
    1
    """
    rng = np.random.default_rng(seed)
    person = _person(rng)
    duration_s = sum(stretch.duration_s for stretch in stretches)
    swing = simulate_modulation(duration_s, person.breaths_per_min, rng)
    beats = _shaped(plan_beats(stretches, swing, paced_shape, rng), person, rng)
    lone = _lone_p_waves(stretches, person, rng)

    n_samples = round(duration_s * sampling_rate)
    times_s = np.arange(n_samples) / sampling_rate
    breathing = swing.breathing_at(times_s)
    clean = _drawn(beats, n_samples, sampling_rate) + _drawn(lone, n_samples, sampling_rate)
    clean *= 1 + 0.04 * np.clip(np.stack([breathing, -0.6 * breathing], axis=1), -2.5, 2.5)
    clean += fibrillatory_waves(_fibrillating(stretches, times_s), sampling_rate, rng)
    clean += _spikes(beats, n_samples, sampling_rate, rng)

    noise = noise or Noise()
    disturbed = clean + np.stack(
        [recorder_noise(noise, breathing * side, sampling_rate, rng) for side in (1.0, -0.5)], axis=1
    )
    hiding = tuple(gap for gap in gaps if gap.kind in ("missing", "flat") and len(gap.leads) == len(LEADS))
    beats = [beat for beat in beats if not any(_hides(gap, beat) for gap in hiding)]
    waves = _true_waves(beats, sampling_rate)
    rhythm_samples, rhythm_notes = _rhythm_changes(beats, waves.r_peak, sampling_rate)
    return SimulatedRecord(
        signals=with_gaps(disturbed, gaps, sampling_rate).astype(np.float32),
        clean=clean.astype(np.float32),
        sampling_rate=sampling_rate,
        leads=LEADS,
        r_peaks=waves.r_peak.astype(np.int64),
        labels=tuple(beat.plan.symbol for beat in beats),
        waves=waves,
        lone_p=_lone_p_marks(lone, sampling_rate, n_samples),
        spikes=_spike_samples(beats, sampling_rate),
        rhythm_samples=rhythm_samples,
        rhythm_notes=rhythm_notes,
        breathing=breathing,
    )


def _person(rng: np.random.Generator) -> _Person:
    return _Person(
        atrial={name: vary_shape(shape, rng) for name, shape in ATRIAL.items()},
        ventricular={name: vary_shape(shape, rng) for name, shape in VENTRICULAR.items()},
        pr_s=rng.uniform(0.145, 0.170),
        breaths_per_min=rng.uniform(13, 17),
    )


def _shaped(planned: list[PlannedBeat], person: _Person, rng: np.random.Generator) -> list[_Beat]:
    """Return the beats with their waves; repolarisation adapts to the last intervals with a memory of some beats.

    QT adapts to a change of rate within one to two minutes and only partly at once, so the interval that scales T is
    0.8 of a running mean and 0.2 of the last interval (after Pueyo et al., IEEE Trans Biomed Eng 2004;51:1511-1520).
    """
    beats = []
    mean_rr_s = float(np.median(np.diff([plan.time_s for plan in planned])))
    last_s = planned[0].time_s - mean_rr_s
    for plan in planned:
        rr_s = plan.time_s - last_s
        mean_rr_s += 0.05 * (rr_s - mean_rr_s)
        ventricular = adapt_to_rate(person.ventricular[plan.ventricular], 0.8 * mean_rr_s + 0.2 * rr_s)
        beats.append(_Beat(plan.time_s, _with_p_wave(ventricular, plan, person, rng), plan))
        last_s = plan.time_s
    return beats


def _with_p_wave(ventricular: Shape, plan: PlannedBeat, person: _Person, rng: np.random.Generator) -> Shape:
    """Return the whole beat, with a small random variation."""
    bumps = ventricular.bumps
    if plan.atrial:
        p_ms = -1000 * person.pr_s * plan.pq_factor + _qrs_lead_ms(ventricular)
        bumps = (
            tuple(replace(bump, centre_ms=bump.centre_ms + p_ms) for bump in person.atrial[plan.atrial].bumps) + bumps
        )
    spread = 0.03 if plan.symbol == "V" else 0.015
    return replace(ventricular, bumps=tuple(_jittered(bump, spread, rng) for bump in bumps))


def _qrs_lead_ms(ventricular: Shape) -> float:
    """Return how much earlier than in a normal beat QRS begins (ms, at most 0), so that P keeps its distance."""
    return min(0.0, extent_ms(ventricular, "QRS")[0] + 40.0)


def _jittered(bump: Bump, spread: float, rng: np.random.Generator) -> Bump:
    gain = rng.normal(1, spread)
    return replace(bump, mlii_mv=bump.mlii_mv * gain, v1_mv=bump.v1_mv * gain)


def _lone_p_waves(stretches: tuple[Stretch, ...], person: _Person, rng: np.random.Generator) -> list[_Beat]:
    """Return the P waves of atria dissociated from a pacemaker, somewhat faster than it."""
    lone = []
    start_s = 0.0
    for stretch in stretches:
        end_s = start_s + stretch.duration_s
        if stretch.rhythm == "paced":
            interval_s = 60 / stretch.rate_per_min * rng.uniform(0.78, 0.88)
            time_s = start_s + interval_s
            while time_s < end_s - 0.5:
                plan = PlannedBeat(time_s, "", "", "sinus", 1.0, "")
                lone.append(_Beat(time_s, person.atrial["sinus"], plan))
                time_s += interval_s * rng.normal(1, 0.015)
        start_s = end_s
    return lone


def _drawn(beats: list[_Beat], n_samples: int, sampling_rate: float) -> np.ndarray:
    """Return the sum of all beats (mV), shape = (n_samples, 2)."""
    signals = np.zeros((n_samples, len(LEADS)))
    for beat in beats:
        first = max(0, int((beat.time_s - 0.6) * sampling_rate))
        last = min(n_samples, int((beat.time_s + 0.8) * sampling_rate))
        times_ms = (np.arange(first, last) / sampling_rate - beat.time_s) * 1000
        signals[first:last] += wave_values(beat.shape.bumps, times_ms)
    return signals


def _fibrillating(stretches: tuple[Stretch, ...], times_s: np.ndarray) -> np.ndarray:
    """Return 1 where the atria fibrillate and 0 elsewhere, with ramps of half a second."""
    active = np.zeros(len(times_s))
    start_s = 0.0
    for stretch in stretches:
        end_s = start_s + stretch.duration_s
        if stretch.rhythm in ("fibrillation", "paced on demand"):
            rise = (times_s - start_s) / 0.5 + (start_s == 0)
            fall = (end_s - times_s) / 0.5 + (end_s >= times_s[-1])
            active += np.clip(np.minimum(rise, fall), 0, 1)
        start_s = end_s
    return np.clip(active, 0, 1)


def _spike_samples(beats: list[_Beat], sampling_rate: float) -> np.ndarray:
    moments = [beat.time_s + beat.shape.spike_ms / 1000 for beat in beats if beat.shape.spike_ms is not None]
    return np.round(np.array(moments) * sampling_rate).astype(np.int64)


def _spikes(beats: list[_Beat], n_samples: int, sampling_rate: float, rng: np.random.Generator) -> np.ndarray:
    """Return spikes of 2 ms after the anti-alias filter of a recorder: one or two high samples and a small one.

    Their height varies from beat to beat, as the recorder samples them at random times.
    """
    spikes = np.zeros((n_samples, len(LEADS)))
    width = max(1, round(0.002 * sampling_rate))
    paced = [beat for beat in beats if beat.shape.spike_ms is not None]
    for beat, sample in zip(paced, _spike_samples(beats, sampling_rate), strict=True):
        height_mv = beat.shape.spike_mv * rng.uniform(0.8, 1.2) * np.array([1.0, -0.6])
        spikes[sample : sample + width] += height_mv
        spikes[sample + width] += 0.3 * height_mv
    return spikes


def _true_waves(beats: list[_Beat], sampling_rate: float) -> TrueWaves:
    rows = [_marks_ms(beat.shape) for beat in beats]
    starts_s = np.array([beat.time_s for beat in beats])
    marks = {
        mark: np.round((starts_s + np.array([row[mark] for row in rows]) / 1000) * sampling_rate) for mark in TRUE_MARKS
    }
    return TrueWaves(**marks)


def _marks_ms(shape: Shape) -> dict[str, float]:
    """Return the marks of one beat (ms from phase zero), NaN without a P wave."""
    qrs_onset, qrs_end = extent_ms(shape, "QRS")
    t_onset, t_end = extent_ms(shape, "T")
    p_onset, p_peak, p_end = _p_marks_ms(shape)
    return {
        "r_peak": r_offset_ms(shape),
        "p_onset": p_onset,
        "p_peak": p_peak,
        "p_end": np.minimum(p_end, qrs_onset),
        "qrs_onset": qrs_onset,
        "qrs_end": qrs_end,
        "t_onset": max(t_onset, qrs_end),
        "t_peak": wave_peak_ms(shape, "T"),
        "t_end": t_end,
    }


def _hides(gap: Gap, beat: _Beat) -> bool:
    """Return whether any part of QRS lies in the gap, so that the beat cannot be labelled."""
    onset_ms, end_ms = extent_ms(beat.shape, "QRS")
    starts_before_end = beat.time_s + onset_ms / 1000 < gap.start_s + gap.duration_s
    return starts_before_end and beat.time_s + end_ms / 1000 > gap.start_s


def _p_marks_ms(shape: Shape) -> tuple[float, float, float]:
    """Return onset, peak and end of P (ms from phase zero), NaN without a P wave."""
    if not any(bump.wave == "P" for bump in shape.bumps):
        return np.nan, np.nan, np.nan
    onset, end = extent_ms(shape, "P")
    return onset, wave_peak_ms(shape, "P"), end


def _lone_p_marks(lone: list[_Beat], sampling_rate: float, n_samples: int) -> np.ndarray:
    rows = [beat.time_s + np.array(_p_marks_ms(beat.shape)) / 1000 for beat in lone]
    samples = np.round(np.array(rows).reshape(-1, 3) * sampling_rate).astype(np.int64)
    return samples[(samples >= 0).all(axis=1) & (samples < n_samples).all(axis=1)]


def _rhythm_changes(
    beats: list[_Beat], r_peaks: np.ndarray, sampling_rate: float
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the rhythm changes, annotated 0.1 s before the first R peak of the new rhythm."""
    notes = [beat.plan.note for beat in beats]
    changes = [i for i, note in enumerate(notes) if i == 0 or note != notes[i - 1]]
    samples = np.array([r_peaks[i] - round(0.1 * sampling_rate) for i in changes], dtype=np.int64)
    return samples, tuple(notes[i] for i in changes)
