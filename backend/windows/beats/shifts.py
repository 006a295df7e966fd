"""Windows of beats shifted by a few steps, as another detector might place them."""

from collections.abc import Iterable, Sequence

import numpy as np

from backend.records.record import Record
from backend.windows.base import Windows
from backend.windows.beats.beat_windows import BeatWindow, cut_lead_columns
from backend.windows.signal.filtering import WORKING_RATE

__all__ = ["SHIFTS", "shift_beats"]

SHIFTS = (-5, -2, 2, 5)
"""Steps of 1/360 s: the difference between detectors on a wide beat, and the shifts of training."""


def shift_beats(
    record: Record,
    lead: str,
    windows: Windows,
    window: BeatWindow,
    numbers: Sequence[int],
    shifts: Iterable[int] = SHIFTS,
) -> tuple[dict[int, np.ndarray], ...]:
    """Return the windows of some beats shifted by some steps; the measurements stay unchanged.

    Parameters
    ----------
    record : Record
    lead : str
        The lead on which the beats were detected.
    windows : Windows
        From `cut_beats`.
    window : BeatWindow
        The window of the model.
    numbers : sequence of int
        Indices of the windows.
    shifts : iterable of int
        Steps; step t of a window with shift s is step t + s of the original one.

    Returns
    -------
    tuple of mapping of shift to float32 array, shape = (T, D)
        One for each of ``numbers``, without the shifts that extend beyond the record.
    """
    centres = np.round(windows.anchor[list(numbers)] * (WORKING_RATE / record.sampling_rate)).astype(np.int64)
    last = round(len(record.signals) * WORKING_RATE / record.sampling_rate) - window.steps
    shifted = [
        (row, shift, first + shift)
        for row, first in enumerate(centres - window.steps_before)
        for shift in shifts
        if 0 <= first + shift <= last
    ]
    firsts = np.array([first for _, _, first in shifted], dtype=np.int64)
    leads = cut_lead_columns(record, lead, firsts, window)
    windows_by_shift: tuple[dict[int, np.ndarray], ...] = tuple({} for _ in numbers)
    for (row, shift, _), lead_values in zip(shifted, leads, strict=True):
        values = windows.values[numbers[row]].copy()
        values[:, : window.n_leads] = lead_values
        windows_by_shift[row][shift] = values
    return windows_by_shift
