"""Signals that are not clean ECGs: corrupted recordings, and recordings of noise alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from scipy import signal

from backend.records.record import Channel, Record

__all__ = ["ARTIFICIAL", "CORRUPTIONS", "add_noise", "corrupt", "make_artificial"]

_MADE_S = 30.0
_MADE_LEADS = (("MLII",), ("MLII", "V1"), ("MLII", "V5"), ("II", "V1", "V5"), ("ECG1", "ECG2"), ("V5",))
_MADE_RATES = (128.0, 250.0, 360.0, 500.0)
_MOTION_HZ = (1.0, 8.0)
_MOTION_DB = (-12.0, -6.0)
_BEAT_S = 1.0

_Waveform = Callable[[int, float, np.random.Generator], np.ndarray]


def _white(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(n)


def _pink(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Return noise whose power is inverse to the frequency."""
    hertz = np.fft.rfftfreq(n, 1.0 / rate)
    hertz[0] = hertz[1]
    spectrum = rng.standard_normal(len(hertz)) + 1j * rng.standard_normal(len(hertz))
    return np.fft.irfft(spectrum / np.sqrt(hertz), n)


def _brown(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    return np.cumsum(rng.standard_normal(n))


def _motion(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Return noise between 1 and 8 Hz, where a moving electrode disturbs an ECG."""
    sections = signal.butter(3, _MOTION_HZ, "bandpass", fs=rate, output="sos")
    edge = round(2 * rate)
    return signal.sosfiltfilt(sections, rng.standard_normal(n + 2 * edge))[edge : edge + n]


def _spikes(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Return spikes of one to five samples at the intervals of a heartbeat, over little or no noise."""
    interval_s, width, jitter = rng.uniform(0.4, 1.2), int(rng.integers(1, 6)), float(rng.choice([0.0, 0.02, 0.1]))
    intervals = interval_s * (1.0 + jitter * rng.standard_normal(int(2 * n / rate / interval_s) + 2))
    starts = (np.cumsum(np.abs(intervals)) * rate).astype(int)
    made = rng.choice([0.0, 0.005, 0.02]) * rng.standard_normal(n)
    for start in starts[starts < n]:
        made[start : start + width] += 1.0
    return made * rng.choice([-1.0, 1.0])


def _phase(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    return 2 * np.pi * (rng.uniform(0.8, 2.5) * np.arange(n) / rate + rng.random())


def _sine(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    return np.sin(_phase(n, rate, rng))


def _square(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(signal.square(_phase(n, rate, rng), duty=rng.uniform(0.1, 0.5)))


def _sawtooth(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(signal.sawtooth(_phase(n, rate, rng), rng.random()))


ARTIFICIAL: Mapping[str, _Waveform] = {
    "white noise": _white,
    "pink noise": _pink,
    "brown noise": _brown,
    "motion noise": _motion,
    "spike train": _spikes,
    "sine wave": _sine,
    "square wave": _square,
    "sawtooth wave": _sawtooth,
}
"""Signals without an ECG: ``ARTIFICIAL[kind](n_samples, sampling_rate, rng)``, of any amplitude."""


def make_artificial(kind: str, rng: np.random.Generator) -> Record:
    """Return a recording of 30 s of one to three leads that hold one of ARTIFICIAL instead of an ECG.

    In one recording of three, the leads hold the same signal with a little white noise, otherwise each its own.

    Parameters
    ----------
    kind : str
    rng : numpy.random.Generator
    """
    rate, leads = float(rng.choice(_MADE_RATES)), _MADE_LEADS[rng.integers(len(_MADE_LEADS))]
    n = round(_MADE_S * rate)
    columns = np.stack([_scaled(ARTIFICIAL[kind](n, rate, rng)) for _ in leads], axis=1)
    if rng.random() < 1 / 3:
        columns = columns[:, :1] + 0.05 * rng.standard_normal(columns.shape)
    signals = columns * rng.uniform(0.2, 1.5, len(leads))
    return Record(
        name=kind,
        signals=signals.astype(np.float32),
        sampling_rate=rate,
        channels=tuple(Channel.named(name, "mV") for name in leads),
        source="simulated",
    )


def _scaled(made: np.ndarray) -> np.ndarray:
    return (made - made.mean()) / made.std()


def add_noise(record: Record, noise: np.ndarray, snr_db: float) -> Record:
    """Return a record with noise added to every channel at a signal-to-noise ratio.

    The power of the signal is an eighth of the squared peak-to-peak amplitude of a beat (the median over seconds), as
    in PhysioNet's ``nst``; that of the noise is its variance.

    Parameters
    ----------
    record : Record
        In mV, of at least one second.
    noise : array, shape = (n_samples, n_channels)
    snr_db : float

    References
    ----------
    Moody, Muldrow & Mark 1984, "A noise stress test for arrhythmia detectors".
    """
    signals = np.nan_to_num(record.signals)
    length = round(_BEAT_S * record.sampling_rate)
    seconds = signals[: len(signals) // length * length].reshape(-1, length, signals.shape[1])
    power = np.median(np.ptp(seconds, axis=1), axis=0) ** 2 / 8
    gain = np.sqrt(power / (10 ** (snr_db / 10) * noise.var(axis=0)))
    return replace(record, signals=(signals + gain * noise).astype(np.float32))


def _invert(record: Record, rng: np.random.Generator) -> Record:
    return replace(record, signals=-record.signals)


def _reverse(record: Record, rng: np.random.Generator) -> Record:
    return replace(record, signals=np.ascontiguousarray(record.signals[::-1]))


def _add_motion(record: Record, rng: np.random.Generator) -> Record:
    n, n_channels = record.signals.shape
    noise = np.stack([_motion(n, record.sampling_rate, rng) for _ in range(n_channels)], axis=1)
    return add_noise(record, noise, rng.uniform(*_MOTION_DB))


CORRUPTIONS: Mapping[str, Callable[[Record, np.random.Generator], Record]] = {
    "inverted": _invert,
    "reversed": _reverse,
    "ECG in motion noise": _add_motion,
}
"""Corruptions of a recording: all leads inverted, time reversed, or buried in motion noise at -12 to -6 dB."""


def corrupt(record: Record, kind: str, rng: np.random.Generator) -> Record:
    """Return a record with one of CORRUPTIONS, without annotations.

    Parameters
    ----------
    record : Record
        Of ECG leads in mV, of at least 10 s.
    kind : str
    rng : numpy.random.Generator
    """
    return replace(CORRUPTIONS[kind](record, rng), annotations={})
