"""Pieces of leads on one time axis: groups of leads recorded one after the other become one record with gaps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from backend.records.record import Channel, Record
from backend.records.understanding import Stated, Understanding
from backend.records.validation import check_sampling_rate, check_size, validate_record

__all__ = ["Piece", "record_of_pieces", "scale_steps"]

_PULSE_MV = 1.0
_PULSE_TOLERANCE_MV = 0.05
_SHORTEST_PULSE_S, _LONGEST_PULSE_S = 0.1, 1.0
_FEWEST_LEADS_WITH_PULSE = 3
_MOST_GAPS = 1000


@dataclass(frozen=True, eq=False)
class Piece:
    """A continuous stretch of one channel.

    Attributes
    ----------
    channel : Channel
    start_sample : int
        Place of its first sample on the record's time axis.
    values : array, shape = (n,)
        In the unit of the channel; NaN where nothing was recorded.
    """

    channel: Channel
    start_sample: int
    values: np.ndarray


def scale_steps(steps: np.ndarray, factor: float, offset: float = 0.0) -> np.ndarray:
    """Return ``factor * steps + offset`` as float32; an impossible scale gives infinite values, which are refused."""
    with np.errstate(over="ignore", invalid="ignore"):
        return (steps * np.float64(factor) + np.float64(offset)).astype(np.float32)


def record_of_pieces(
    path: Path, pieces: Sequence[Piece], sampling_rate: float, stated: Stated, understanding: Understanding
) -> Record:
    """Return the record of some pieces; it begins with the first and ends before a calibration pulse.

    Pieces of one channel share its column unless they overlap in time.

    Parameters
    ----------
    path : Path
        The file of the pieces; its size bounds that of the record.
    sampling_rate : float
        Hz, of all pieces.

    Raises
    ------
    RecordRefused
        If the record would be far larger than its file, or is not usable.
    """
    check_sampling_rate(path.stem, sampling_rate)
    signals, channels = _place(path.stem, pieces, path.stat().st_size)
    n_recorded = _find_calibration(signals, [channel.is_lead for channel in channels], sampling_rate)
    if n_recorded < len(signals):
        notice = "The calibration pulse at the end is not part of the record."
        understanding = replace(understanding, notices=(*understanding.notices, notice))
    return validate_record(
        path.stem,
        signals[:n_recorded],
        sampling_rate,
        channels,
        {},
        stated=stated,
        understanding=replace(understanding, gaps=_shared_gaps(signals[:n_recorded], sampling_rate)),
    )


def _find_calibration(signals: np.ndarray, is_lead: Sequence[bool], sampling_rate: float) -> int:
    """Return the sample at which electrographs write a pulse of 1 mV into all leads at once, else the length."""
    leads = signals[:, np.flatnonzero(is_lead)]
    n_samples = len(leads)
    longest = min(n_samples, round(_LONGEST_PULSE_S * sampling_rate))
    if leads.shape[1] < _FEWEST_LEADS_WITH_PULSE or not longest:
        return n_samples
    tail = leads[n_samples - longest :]
    is_high = np.all(np.abs(tail - _PULSE_MV) < _PULSE_TOLERANCE_MV, axis=1)
    is_pulse = is_high | np.all(np.abs(tail) < _PULSE_TOLERANCE_MV, axis=1)
    start = longest - int(np.argmin(is_pulse[::-1])) if not is_pulse.all() else 0
    is_long = np.count_nonzero(is_high[start:]) >= _SHORTEST_PULSE_S * sampling_rate
    return n_samples - longest + start if is_long else n_samples


def _shared_gaps(signals: np.ndarray, sampling_rate: float) -> tuple[tuple[float, float], ...]:
    """Return the start and end of the segments without any channel, in s."""
    is_gap = np.isnan(signals).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_gap, [False]]).astype(np.int8))).reshape(-1, 2)
    return tuple((float(start / sampling_rate), float(end / sampling_rate)) for start, end in edges[:_MOST_GAPS])


def _place(name: str, pieces: Sequence[Piece], input_bytes: int) -> tuple[np.ndarray, tuple[Channel, ...]]:
    """Return the signals and channels of some pieces.

    Returns
    -------
    signals : float32 array, shape = (n_samples, n_channels)
        NaN outside the pieces.
    channels : tuple of Channel
    """
    pieces = [piece for piece in pieces if len(piece.values)]
    first = min((piece.start_sample for piece in pieces), default=0)
    n_samples = max((piece.start_sample + len(piece.values) for piece in pieces), default=first) - first
    columns = _columns(pieces)
    check_size(name, n_samples, len(columns), input_bytes)
    signals = np.full((n_samples, len(columns)), np.nan, dtype=np.float32)
    for index, column in enumerate(columns):
        for piece in column:
            start = piece.start_sample - first
            signals[start : start + len(piece.values), index] = piece.values
    return signals, tuple(column[0].channel for column in columns)


def _columns(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces by column, in the order of the file."""
    columns: list[list[Piece]] = []
    ends: list[int] = []
    of_channel: dict[Channel, int] = {}
    for piece in pieces:
        index = of_channel.get(piece.channel)
        if index is None or piece.start_sample < ends[index]:
            index = len(columns)
            columns.append([])
            ends.append(0)
            of_channel[piece.channel] = index
        columns[index].append(piece)
        ends[index] = piece.start_sample + len(piece.values)
    return columns
