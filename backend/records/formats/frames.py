"""Signals that were sampled at different rates, brought to the one rate of a record.

Both WFDB and EDF store frames (EDF: data records) of a fixed duration, with a whole number of samples of each signal
in a frame. A record runs at the rate of its ECG leads: the fastest of them, where they differ.
"""

from collections.abc import Sequence

import numpy as np

from backend.records.channels.leads import is_ecg_lead
from backend.records.record import Channel

__all__ = ["held", "samples_a_frame_of_leads"]


def samples_a_frame_of_leads(samples_a_frame: Sequence[int], channels: Sequence[Channel]) -> int:
    """Say how many samples of the ECG leads make a frame; of any signal where no lead is known."""
    of_leads = [count for count, channel in zip(samples_a_frame, channels, strict=True) if is_ecg_lead(channel)]
    return max(of_leads or samples_a_frame)


def held(signal: np.ndarray, own_samples_a_frame: int, samples_a_frame: int) -> np.ndarray:
    """Bring a slower signal to the record's rate by holding each sample until its next; nothing is invented.

    Parameters
    ----------
    signal : array, shape = (n_frames * own_samples_a_frame,)

    Returns
    -------
    array, shape = (n_frames * samples_a_frame,)
    """
    if own_samples_a_frame == samples_a_frame:
        return signal
    source = np.arange(samples_a_frame) * own_samples_a_frame // samples_a_frame
    return signal.reshape(-1, own_samples_a_frame)[:, source].reshape(-1)
