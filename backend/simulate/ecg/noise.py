"""Noise and artifacts of a recording: baseline wander, muscle and mains noise, movement, gaps."""

from dataclasses import dataclass

import numpy as np

from backend.simulate.ecg.variability import shaped_noise

__all__ = [
    "RAIL_MV",
    "Gap",
    "LeadsOff",
    "Noise",
    "Shaking",
    "fibrillatory_waves",
    "recorder_noise",
    "with_gaps",
    "with_leads_off",
    "with_shaking",
]

RAIL_MV = 5.0
"""The range of the amplifier of a monitor."""


@dataclass(frozen=True)
class Noise:
    """The noise level of a recording, as standard deviations in mV unless stated otherwise.

    Attributes
    ----------
    breathing_mv : float
        Respiratory baseline wander.
    wander_mv : float
        Electrode drift, below 0.3 Hz.
    muscle_mv : float
        Muscle noise from 20 Hz to half the sampling rate, of varying intensity.
    mains_mv : float
        Amplitude of mains noise.
    mains_hz : float
    """

    breathing_mv: float = 0.04
    wander_mv: float = 0.04
    muscle_mv: float = 0.010
    mains_mv: float = 0.004
    mains_hz: float = 60.0


@dataclass(frozen=True)
class Gap:
    """A segment without a usable signal.

    Attributes
    ----------
    start_s, duration_s : float
    kind : str
        ``missing``: nothing recorded (NaN); ``flat``: constant; ``clipped``: limited to +-0.4 mV.
    leads : tuple of int
        Indices of the affected leads.
    """

    start_s: float
    duration_s: float
    kind: str
    leads: tuple[int, ...] = (0, 1)


@dataclass(frozen=True)
class LeadsOff:
    """A disconnected electrode: for ``tearing_s`` the leads jump between the rails, then they are flat."""

    start_s: float
    tearing_s: float = 1.2
    leads: tuple[int, ...] = (0, 1)


@dataclass(frozen=True)
class Shaking:
    """Movement of the patient and of one electrode.

    Attributes
    ----------
    start_s, duration_s : float
    rate_hz : float
        Approximate frequency of the movement.
    height_mv : float
        Height of its waves in the lead.
    lead : int
        Index of the affected lead.
    """

    start_s: float
    duration_s: float
    rate_hz: float
    height_mv: float
    lead: int


CLIP_MV = 0.4


def recorder_noise(noise: Noise, breathing: np.ndarray, sampling_rate: float, rng: np.random.Generator) -> np.ndarray:
    """Return the sum of all noise of one lead (mV).

    Parameters
    ----------
    noise : Noise
    breathing : float array, shape = (n_samples,)
        Respiration with unit deviation.
    sampling_rate : float
        Hz.
    rng : numpy Generator

    Returns
    -------
    float64 array, shape = (n_samples,)
    """
    n_samples = len(breathing)
    times_s = np.arange(n_samples) / sampling_rate
    wander = shaped_noise(_slow, n_samples, sampling_rate, rng)
    muscle = shaped_noise(_muscular, n_samples, sampling_rate, rng)
    tension = 1 + 0.4 * shaped_noise(_slow, n_samples, sampling_rate, rng)
    mains = np.sin(2 * np.pi * noise.mains_hz * times_s + rng.uniform(0, 2 * np.pi))
    return (
        noise.breathing_mv * breathing
        + noise.wander_mv * wander
        + noise.muscle_mv * np.clip(tension, 0.2, 3) * muscle
        + noise.mains_mv * mains
    )


def fibrillatory_waves(active: np.ndarray, sampling_rate: float, rng: np.random.Generator) -> np.ndarray:
    """Return the fibrillatory waves of the atria in MLII and V1 (mV).

    Five to seven waves per second of varying rate and height, saw-toothed by a second harmonic, about 0.05 mV in MLII
    and twice that in V1, which lies next to the right atrium. After Stridh & Soernmo, IEEE Trans Biomed Eng
    2001;48:105-111 (section II-C).

    Parameters
    ----------
    active : float array, shape = (n_samples,)
        1 where the atria fibrillate, 0 elsewhere.
    sampling_rate : float
        Hz.
    rng : numpy Generator

    Returns
    -------
    float64 array, shape = (n_samples, 2)
    """
    n_samples = len(active)
    rate_hz = rng.uniform(5.6, 6.6) + 0.35 * shaped_noise(_drifting, n_samples, sampling_rate, rng)
    phase = 2 * np.pi * np.cumsum(rate_hz) / sampling_rate
    height = np.clip(1 + 0.35 * shaped_noise(_drifting, n_samples, sampling_rate, rng), 0.2, 2)
    waves = height * (np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.15 * np.sin(3 * phase))
    return np.outer(active * waves, np.array([0.030, 0.060]) * rng.uniform(0.8, 1.2))


def with_gaps(signals: np.ndarray, gaps: tuple[Gap, ...], sampling_rate: float) -> np.ndarray:
    """Return a copy of the signals (mV, shape = (n_samples, n_leads)) with gaps.

    Raises
    ------
    ValueError
        If the kind of a gap is unknown.
    """
    spoiled = signals.copy()
    for gap in gaps:
        stretch = slice(round(gap.start_s * sampling_rate), round((gap.start_s + gap.duration_s) * sampling_rate))
        for lead in gap.leads:
            spoiled[stretch, lead] = _spoiled(spoiled[stretch, lead], gap.kind)
    return spoiled


def _spoiled(signal: np.ndarray, kind: str) -> np.ndarray:
    if kind == "missing":
        return np.full_like(signal, np.nan)
    if kind == "flat":
        return np.zeros_like(signal)
    if kind == "clipped":
        return np.clip(signal, -CLIP_MV, CLIP_MV)
    raise ValueError(f"Unknown gap {kind!r}. Choose missing, flat or clipped.")


def with_leads_off(signals: np.ndarray, off: LeadsOff, sampling_rate: float, rng: np.random.Generator) -> np.ndarray:
    """Return a copy of the signals (mV, shape = (n_samples, n_leads)) with a disconnected electrode.

    Each lead first jumps a few times, up to the rails of the amplifier, and returns within about 0.05 s.
    """
    spoiled = signals.copy()
    first, last = (round(time_s * sampling_rate) for time_s in (off.start_s, off.start_s + off.tearing_s))
    spoiled[last:, list(off.leads)] = 0.0
    times_s = np.arange(last - first) / sampling_rate
    for lead in off.leads:
        for jump_s, height_mv in zip(np.sort(rng.uniform(0, off.tearing_s, 6)), rng.normal(0, 6, 6), strict=True):
            since_s = times_s - jump_s
            spoiled[first:last, lead] += height_mv * (since_s >= 0) * np.exp(-np.maximum(since_s, 0) / 0.05)
    return np.clip(spoiled, -RAIL_MV, RAIL_MV)


def with_shaking(signals: np.ndarray, shaking: Shaking, sampling_rate: float, rng: np.random.Generator) -> np.ndarray:
    """Return a copy of the signals (mV, shape = (n_samples, n_leads)) with a movement artifact in one lead.

    Its waves are broad and pointed, of varying rate and height, with ramps of half a second.
    """
    spoiled = signals.copy()
    first, last = (round(time_s * sampling_rate) for time_s in (shaking.start_s, shaking.start_s + shaking.duration_s))
    n_samples = last - first
    rate_hz = shaking.rate_hz * (1 + 0.06 * shaped_noise(_drifting, n_samples, sampling_rate, rng))
    phase = 2 * np.pi * np.cumsum(rate_hz) / sampling_rate
    height = np.clip(1 + 0.25 * shaped_noise(_drifting, n_samples, sampling_rate, rng), 0.3, 1.8)
    times_s = np.arange(n_samples) / sampling_rate
    envelope = np.clip(np.minimum(times_s, shaking.duration_s - times_s) / 0.5, 0, 1)
    waves = np.sin(phase) + 0.35 * np.sin(2 * phase + 0.6)
    spoiled[first:last, shaking.lead] += shaking.height_mv / 2 * envelope * height * waves
    return spoiled


def _slow(frequencies: np.ndarray) -> np.ndarray:
    return np.exp(-((frequencies / 0.15) ** 2))


def _drifting(frequencies: np.ndarray) -> np.ndarray:
    return np.exp(-((frequencies / 0.5) ** 2))


def _muscular(frequencies: np.ndarray) -> np.ndarray:
    return (frequencies >= 20) * np.exp(-frequencies / 100)
