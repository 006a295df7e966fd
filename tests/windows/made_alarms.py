"""Bedside records made in memory: two ECG leads, arterial pressure, pulse and breathing of one heart."""

import numpy as np

from backend.records.alarms import Alarm, annotate_alarms
from backend.records.record import Channel, Record, compute_digest

RATE = 250.0
CHANNELS = (
    Channel.named("II", "mV"),
    Channel.named("V", "mV"),
    Channel.named("ABP", "mmHg"),
    Channel.named("PLETH", "NU"),
    Channel.named("RESP", "NU"),
)


def beat_times(duration_s: float, rate_per_min: float = 75.0, stops_s: float = np.inf) -> np.ndarray:
    times_s = np.arange(0.4, duration_s, 60.0 / rate_per_min)
    return times_s[times_s < stops_s]


def bedside_signals(beats_s: np.ndarray, duration_s: float = 60.0, rate: float = RATE) -> np.ndarray:
    """Shape = (n_samples, 5); a QRS at each beat, a pulse of 40 mmHg 0.2 s after it."""
    rng = np.random.default_rng(3)
    time_s = np.arange(round(duration_s * rate)) / rate
    since = time_s[:, np.newaxis] - beats_s
    qrs = np.exp(-0.5 * (since / 0.012) ** 2).sum(axis=1) - 0.25 * np.exp(-0.5 * ((since - 0.03) / 0.012) ** 2).sum(
        axis=1
    )
    upstroke = np.maximum(since - 0.2, 0.0) / 0.1
    pulse = (upstroke**2 * np.exp(2 - 2 * upstroke)).sum(axis=1)
    breath = np.sin(2 * np.pi * 0.25 * time_s)
    leads = np.stack([1.2 * qrs, -0.7 * qrs], axis=1) + rng.normal(0, 0.01, (len(time_s), 2))
    others = np.stack([75 + 40 * pulse, 0.3 * pulse, breath], axis=1)
    return np.concatenate([leads, others], axis=1).astype(np.float32)


def bedside_record(
    signals: np.ndarray, kind: str = "asystole", channels: tuple[Channel, ...] = CHANNELS, rate: float = RATE
) -> Record:
    """A record whose alarm sounds at its last sample, said to be false."""
    marks = {"alarm": annotate_alarms([Alarm(kind, len(signals) - 1, False)])}
    return Record("bedside", signals, rate, channels, marks, compute_digest(signals, rate, channels, marks))
