"""Resampling of signals with different sampling rates to the single rate of a record.

Both WFDB and EDF store frames (EDF: data records) of a fixed duration, with a whole number of samples of each signal
per frame. The rate of a record is that of its fastest ECG lead.
"""

from collections.abc import Sequence

import numpy as np

from backend.records.record import Channel

__all__ = ["hold_samples", "lead_samples_per_frame"]


def lead_samples_per_frame(samples_per_frame: Sequence[int], channels: Sequence[Channel]) -> int:
    """Return the samples per frame of the fastest ECG lead, or of the fastest signal if no lead is known."""
    leads = [count for count, channel in zip(samples_per_frame, channels, strict=True) if channel.is_lead]
    return max(leads or samples_per_frame)


def hold_samples(signal: np.ndarray, own_samples_per_frame: int, samples_per_frame: int) -> np.ndarray:
    """Return a slower signal at the rate of the record, each sample held until the next.

    Parameters
    ----------
    signal : array, shape = (n_frames * own_samples_per_frame,)

    Returns
    -------
    array, shape = (n_frames * samples_per_frame,)
    """
    if own_samples_per_frame == samples_per_frame:
        return signal
    source = np.arange(samples_per_frame) * own_samples_per_frame // samples_per_frame
    return signal.reshape(-1, own_samples_per_frame)[:, source].reshape(-1)
