"""Beats cut a little earlier or later, as another detector might place them."""

from collections.abc import Iterable, Sequence

import numpy as np

from backend.records.record import Record
from backend.windows.base import Windows
from backend.windows.beats.beat_windows import BeatWindow, lead_columns_at
from backend.windows.signal.filtering import WORKING_RATE

__all__ = ["SHIFTS", "shifted_beats"]

SHIFTS = (-5, -2, 2, 5)
"""In steps of 1/360 s: as far as detectors differ on a wide beat, and as training shifts beats."""


def shifted_beats(
    record: Record,
    lead: str,
    windows: Windows,
    window: BeatWindow,
    numbers: Sequence[int],
    shifts: Iterable[int] = SHIFTS,
) -> tuple[dict[int, np.ndarray], ...]:
    """The windows of some beats, cut some steps later; measurements of the beat stay as they are.

    Parameters
    ----------
    record : Record
    lead : str
        The one that the beats were found on.
    windows : Windows
        As ``cut_beats`` gives them.
    window : BeatWindow
        How they were cut.
    numbers : sequence of int
        Which of the windows.
    shifts : iterable of int
        Steps of the window; step t of a window that is cut s steps later is step t + s of the usual one.

    Returns
    -------
    tuple of mapping of shift to float32 array, shape = (T, D)
        One for each of ``numbers``, without the shifts that would reach beyond the record.
    """
    centres = np.round(windows.anchor[list(numbers)] * (WORKING_RATE / record.sampling_rate)).astype(np.int64)
    last = round(len(record.signals) * WORKING_RATE / record.sampling_rate) - window.steps
    wanted = [
        (row, shift, first + shift)
        for row, first in enumerate(centres - window.steps_before)
        for shift in shifts
        if 0 <= first + shift <= last
    ]
    firsts = np.array([first for _, _, first in wanted], dtype=np.int64)
    leads = lead_columns_at(record, lead, firsts, window)
    found: tuple[dict[int, np.ndarray], ...] = tuple({} for _ in numbers)
    for (row, shift, _), of_leads in zip(wanted, leads, strict=True):
        values = windows.values[numbers[row]].copy()
        values[:, : window.n_leads] = of_leads
        found[row][shift] = values
    return found
