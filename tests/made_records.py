"""Records made in memory: of any signals, and of a simulated heart at any sampling rate."""

from collections.abc import Mapping

import numpy as np

from backend.records.record import Annotations, Channel, Record, compute_digest
from backend.simulate.ecg.heart import SimulatedRecord, simulate
from backend.simulate.ecg.noise import Noise
from backend.simulate.ecg.rhythm import Stretch

STILL = Noise(breathing_mv=0.0, wander_mv=0.0, muscle_mv=0.0, mains_mv=0.0)
HEART = (Stretch(40, rate_per_min=72, irregularity=0.04, extra={12.0: "V", 20.0: "A"}),)


def made_record(
    signals: np.ndarray,
    leads: tuple[str, ...] = ("MLII", "V1"),
    sampling_rate: float = 360.0,
    annotations: Mapping[str, Annotations] | None = None,
    name: str = "made",
) -> Record:
    """A record of ``signals`` (n_samples, n_leads) in mV."""
    signals = np.asarray(signals, dtype=np.float32)
    channels = tuple(Channel.named(lead, "mV") for lead in leads)
    digest = compute_digest(signals, sampling_rate, channels, annotations or {})
    return Record(name, signals, float(sampling_rate), channels, annotations or {}, digest)


def beat_marks(samples, symbols) -> Annotations:
    return Annotations(np.asarray(samples, dtype=np.int64), tuple(symbols), ("",) * len(symbols))


def simulated_record(
    stretches: tuple[Stretch, ...] = HEART, sampling_rate: float = 360.0, seed: int = 11, noise: Noise | None = STILL
) -> tuple[Record, SimulatedRecord]:
    """The same heart at any sampling rate, as a record and with what is true of it."""
    truth = simulate(stretches, seed, sampling_rate=sampling_rate, noise=noise)
    annotations = {"atr": beat_marks(truth.r_peaks, truth.labels)}
    return made_record(truth.signals, truth.leads, sampling_rate, annotations, "heart"), truth
