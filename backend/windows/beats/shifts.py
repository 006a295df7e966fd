"""Windows of beats shifted by a few steps, as another detector might place them."""

from collections.abc import Iterable, Sequence

import numpy as np

from backend.records.record import Record
from backend.windows.base import Windows
from backend.windows.beats.beat_windows import MAX_AMPLITUDE, BeatWindow, cut_segments, filter_lead, select_leads
from backend.windows.beats.compression import compress, expand
from backend.windows.signal.filtering import WORKING_RATE

__all__ = ["choose_shifts", "shift_beats"]

_SHIFTS_S = (-5 / 360, -2 / 360, 2 / 360, 5 / 360)
"""The difference between detectors on a wide beat, and the shifts of training, in seconds."""


def choose_shifts(window: BeatWindow) -> tuple[int, ...]:
    """Return the shifts in whole steps of a window, so that shifted windows can be aligned: about 6 and 14 ms."""
    return tuple(round(shift_s * window.sampling_rate) for shift_s in _SHIFTS_S)


def shift_beats(
    record: Record,
    lead: str,
    windows: Windows,
    window: BeatWindow,
    numbers: Sequence[int],
    shifts: Iterable[int] | None = None,
) -> tuple[dict[int, np.ndarray], ...]:
    """Return the windows of some beats shifted by some steps; the usual beat and the measurements stay unchanged.

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
    shifts : iterable of int or None
        Steps of the window; step t of a window with shift s is step t + s of the original one. None is
        ``choose_shifts``.

    Returns
    -------
    tuple of mapping of shift to float32 array, shape = (T, D)
        One for each of ``numbers``, without the shifts that extend beyond the record.
    """
    centres = np.round(windows.anchor[list(numbers)] * (WORKING_RATE / record.sampling_rate)).astype(np.int64)
    last = round(len(record.signals) * WORKING_RATE / record.sampling_rate) - window.steps * window.stride
    shifted = [
        (row, shift, first + shift * window.stride)
        for row, first in enumerate(centres - window.steps_before * window.stride)
        for shift in (choose_shifts(window) if shifts is None else shifts)
        if 0 <= first + shift * window.stride <= last
    ]
    rows = [numbers[row] for row, _, _ in shifted]
    values = windows.values[rows]
    for place, name in enumerate(select_leads(record, lead, window)):
        if name is not None:
            filtered = filter_lead(record, name, window)
            first = np.array([first for _, _, first in shifted], dtype=np.int64)
            unshifted = first - window.stride * np.array([shift for _, shift, _ in shifted], dtype=np.int64)
            before, after = (cut_segments(filtered, own, window.steps, window.stride) for own in (unshifted, first))
            _replace_lead(values, place, before, after, window)
    windows_by_shift: tuple[dict[int, np.ndarray], ...] = tuple({} for _ in numbers)
    for (row, shift, _), shifted_values in zip(shifted, values, strict=True):
        windows_by_shift[row][shift] = shifted_values
    return windows_by_shift


def _replace_lead(values: np.ndarray, place: int, before: np.ndarray, after: np.ndarray, window: BeatWindow) -> None:
    """Write one lead of shifted windows: in mV ``before`` and ``after`` the shift (n, T), in the unit of the window."""
    if not window.in_context:
        values[:, :, place] = after
        return
    lead = expand(values[:, :, place])
    within = np.where(np.abs(lead) < MAX_AMPLITUDE, lead, np.float32(0.0))
    energy = np.einsum("nt,nt->n", within, within)
    unit_mv = np.divide(np.einsum("nt,nt->n", within, before), energy, out=np.ones_like(energy), where=energy > 0)
    shifted = np.clip(after / unit_mv[:, np.newaxis], -MAX_AMPLITUDE, MAX_AMPLITUDE)
    values[:, :, place] = compress(shifted)
    difference = values[:, :, window.n_leads + place]
    is_known = difference.any(axis=1)
    usual = lead - expand(difference)
    difference[is_known] = compress(shifted - usual)[is_known]
