"""Real noise mixed with a record as PhysioNet's ``nst`` does it (Moody, Muldrow & Mark 1984).

After five minutes, two minutes with noise alternate with two minutes without. The gain of the noise follows from the
signal-to-noise ratio: the signal's power is an eighth of the square of the height of QRS, as if QRS were a sine; the
noise's power is the square of its root mean square within a second. Both are trimmed means of the first 300 values, as
measured by ``sigamp``. Each lead of the record has its own channel of the noise.
"""

from collections.abc import Sequence

import numpy as np

from backend.records.record import Record
from backend.windows.beats.reference import reference_beats

__all__ = ["KINDS", "START_S", "mixed", "noise_rms", "qrs_height"]

KINDS = {"em": "electrode motion", "ma": "muscle", "bw": "baseline wander"}
"""The records of the MIT-BIH Noise Stress Test Database that are noise alone."""

START_S = 300.0
STRETCH_S = 120.0

_N_MEASURED = 300
_TRIMMED = 20
_QRS_REACH_S = 0.05
_NOT_NORMAL = frozenset("VEFrQ?!")


def qrs_height(samples: np.ndarray, r_peaks: np.ndarray, symbols: Sequence[str], sampling_rate: float) -> float:
    """The trimmed mean of the peak-to-peak height within 50 ms of the first 300 beats that are not ventricular."""
    reach = round(_QRS_REACH_S * sampling_rate)
    is_normal = np.array([symbol not in _NOT_NORMAL for symbol in symbols])
    is_inside = (r_peaks >= reach) & (r_peaks < len(samples) - reach)
    beats = r_peaks[is_normal & is_inside][:_N_MEASURED]
    return _trimmed_mean(np.ptp(samples[beats[:, np.newaxis] + np.arange(-reach, reach + 1)], axis=1))


def noise_rms(noise: np.ndarray, sampling_rate: float) -> float:
    """The trimmed mean of the standard deviation within each of the first 300 seconds."""
    second = round(sampling_rate)
    n_seconds = min(len(noise) // second, _N_MEASURED)
    return _trimmed_mean(noise[: n_seconds * second].reshape(n_seconds, second).std(axis=1))


def mixed(record: Record, noise: Record, snr_db: float) -> np.ndarray:
    """The signals of a record with noise of the same rate, float32, shape = (n_samples, n_leads).

    At each change, the signal goes on from where it was, without a step.
    """
    assert noise.sampling_rate == record.sampling_rate
    reference = reference_beats(record)
    assert reference is not None
    return np.column_stack(
        [
            _mixed_lead(
                np.nan_to_num(record.signals[:, lead]).astype(np.float64),
                noise.signals[:, lead % noise.signals.shape[1]].astype(np.float64),
                reference.samples,
                reference.symbols,
                record.sampling_rate,
                snr_db,
            )
            for lead in range(record.signals.shape[1])
        ]
    )


def _mixed_lead(
    samples: np.ndarray,
    noise: np.ndarray,
    r_peaks: np.ndarray,
    symbols: Sequence[str],
    sampling_rate: float,
    snr_db: float,
) -> np.ndarray:
    height, rms = qrs_height(samples, r_peaks, symbols, sampling_rate), noise_rms(noise, sampling_rate)
    gain = height / np.sqrt(8) / rms * 10 ** (-snr_db / 20)
    seconds = np.arange(len(samples)) / sampling_rate - START_S
    gains = gain * ((seconds >= 0) & (seconds // STRETCH_S % 2 == 0))
    changes = np.flatnonzero(np.diff(gains)) + 1
    offsets = np.zeros(len(samples))
    for change in changes:
        offsets[change:] -= (gains[change] - gains[change - 1]) * noise[change - 1]
    return (samples + gains * noise[: len(samples)] + offsets).astype(np.float32)


def _trimmed_mean(values: np.ndarray) -> float:
    """The mean without the highest and lowest twentieth."""
    n_trimmed = len(values) // _TRIMMED
    return float(np.sort(values)[n_trimmed : len(values) - n_trimmed].mean())
