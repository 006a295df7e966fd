"""Manual corrections of beats: added, deleted, moved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.records.record import Record, RecordRefused
from backend.windows.beats.detection import Beats, get_detector
from backend.windows.signal.filtering import bandpass, fill_gaps

__all__ = [
    "KINDS",
    "MIN_DISTANCE_S",
    "NEAR_S",
    "SNAP_S",
    "Correction",
    "apply_corrections",
    "find_beat_near",
    "find_r_peak_near",
    "manual_beats",
    "move_beat",
]

KINDS = ("add", "delete", "move")

MIN_DISTANCE_S = 0.1
"""Minimum distance of two beats: no heart beats ten times per second."""

SNAP_S = 0.05
"""A click refers to the R peak within this distance."""

NEAR_S = 0.3
"""A click refers to the nearest beat within this distance."""

_AROUND_S = 12.0
"""Signal that is filtered on either side of a click; its beats determine the polarity of R."""


@dataclass(frozen=True)
class Correction:
    """One manual change to the beats of a lead.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    sample : int
        The sample of the record at which a beat is added, or the R peak of the beat that is deleted or moved.
    to : int, optional
        The sample of the record to which a beat is moved; None for other kinds.

    Raises
    ------
    RecordRefused
        If the kind is unknown, or ``to`` is missing or superfluous.
    """

    kind: str
    sample: int
    to: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise RecordRefused(f"Unknown correction {self.kind!r}. Choose one of {', '.join(KINDS)}.")
        if (self.to is None) == (self.kind == "move"):
            raise RecordRefused(
                "Only a moved beat has a new sample. Give one to move a beat, and none to add or delete one."
            )


def apply_corrections(beats: Beats, corrections: Sequence[Correction], record: Record) -> Beats:
    """Return the beats after corrections in order; leaving out the last correction undoes it.

    Samples are exact: `find_r_peak_near` finds the R peak of a click before it becomes a correction. A beat that is
    deleted or moved must lie exactly there, so that corrections of other beats (of another lead or detector) are
    refused. Clipped segments accept a beat, as the clipped QRS is visible; gaps and flat lines do not.

    Parameters
    ----------
    beats : Beats
        As detected.
    corrections : sequence of Correction
        In the order of editing.
    record : Record
        The record of the beats.

    Returns
    -------
    Beats
        ``r_peaks`` int64, ascending, unique, no added or moved one closer than `MIN_DISTANCE_S` to another; otherwise
        as ``beats``.

    Raises
    ------
    RecordRefused
        If a correction does not apply: no beat is at its sample, one is already there, or the sample lies outside the
        record, in a gap or on a flat line.
    """
    r_peaks = np.asarray(beats.r_peaks, dtype=np.int64)
    for correction in corrections:
        r_peaks = _applied(r_peaks, correction, beats, record)
    return replace(beats, r_peaks=r_peaks)


def find_beat_near(beats: Beats, record: Record, sample: int) -> int:
    """Return the R peak, a sample of the record, of the beat nearest to a click.

    Raises
    ------
    RecordRefused
        If no beat lies within `NEAR_S`.
    """
    distances = np.abs(beats.r_peaks - sample)
    if not len(distances) or distances.min() > NEAR_S * record.sampling_rate:
        raise RecordRefused(f"No beat lies within {NEAR_S:g} s of {_seconds(sample, record)}. Click nearer to a beat.")
    return int(beats.r_peaks[np.argmin(distances)])


def move_beat(corrections: Sequence[Correction], sample: int, to: int) -> tuple[Correction, ...]:
    """Return the corrections with one more move, merged with the last one if that moved or added the same beat.

    A beat that is nudged ten times is thus moved once and undone at once; one that returns to its original sample is
    not moved at all.
    """
    before, last = tuple(corrections[:-1]), corrections[-1] if corrections else None
    if last == Correction("add", sample):
        return (*before, Correction("add", to))
    if last is None or last.to != sample:
        return (*corrections, Correction("move", sample, to))
    return before if last.sample == to else (*before, Correction("move", last.sample, to))


def manual_beats(corrections: Sequence[Correction]) -> np.ndarray:
    """Return the samples of the beats that were manually placed and still exist, int64, ascending."""
    samples: set[int] = set()
    for correction in corrections:
        if correction.kind == "add":
            samples.add(correction.sample)
            continue
        samples.discard(correction.sample)
        samples |= set() if correction.to is None else {correction.to}
    return np.array(sorted(samples), dtype=np.int64)


def find_r_peak_near(record: Record, beats: Beats, sample: int) -> int:
    """Return the R peak near a click: the extremum of the band-passed lead within `SNAP_S`.

    The detector of the other beats decides between maximum and minimum. Only the seconds around the click are filtered,
    with the same result as for the whole lead.

    Parameters
    ----------
    record : Record
    beats : Beats
        The other beats of the lead.
    sample : int
        The clicked sample of the record.

    Returns
    -------
    int
        A recorded sample of the record, never one in a gap.

    Raises
    ------
    RecordRefused
        If the record has no such lead, or the sample lies in a gap.
    """
    samples = record.signals[:, record.channel_index(beats.lead)]
    _refuse_outside(sample, record)
    if np.isnan(samples[sample]):
        raise RecordRefused(f"The lead has a gap at {_seconds(sample, record)}. Choose another time.")
    first, past = _reach(sample, _AROUND_S, record)
    passed = bandpass(fill_gaps(samples[first:past]), record.sampling_rate)
    passed[np.isnan(samples[first:past])] = np.nan
    others = beats.r_peaks[(beats.r_peaks >= first) & (beats.r_peaks < past)]
    polarity = float(np.nansum(np.sign(passed[others - first])))
    start, stop = _reach(sample, SNAP_S, record)
    around = passed[start - first : stop - first]
    is_up = get_detector(beats.detector).points_up(float(np.nanmax(around)), float(-np.nanmin(around)), polarity)
    return start + int(np.nanargmax(around) if is_up else np.nanargmin(around))


def _reach(sample: int, seconds: float, record: Record) -> tuple[int, int]:
    """Return the first sample and the one after the last within some seconds of a sample, inside the record."""
    steps = round(seconds * record.sampling_rate)
    return max(0, sample - steps), min(len(record.signals), sample + steps + 1)


def _applied(r_peaks: np.ndarray, correction: Correction, beats: Beats, record: Record) -> np.ndarray:
    if correction.kind == "add":
        return _with(r_peaks, correction.sample, beats, record)
    others = _without(r_peaks, correction.sample, record)
    return others if correction.to is None else _with(others, correction.to, beats, record)


def _without(r_peaks: np.ndarray, sample: int, record: Record) -> np.ndarray:
    index = int(np.searchsorted(r_peaks, sample))
    if index == len(r_peaks) or r_peaks[index] != sample:
        raise RecordRefused(
            f"No beat lies at {_seconds(sample, record)}. "
            "Choose an existing beat, or discard corrections of earlier detections."
        )
    return np.delete(r_peaks, index)


def _with(r_peaks: np.ndarray, sample: int, beats: Beats, record: Record) -> np.ndarray:
    _refuse_outside(sample, record)
    _refuse_unusable(sample, beats, record)
    index = int(np.searchsorted(r_peaks, sample))
    neighbours = r_peaks[max(0, index - 1) : index + 1]
    near = neighbours[np.abs(neighbours - sample) < MIN_DISTANCE_S * record.sampling_rate]
    if len(near):
        raise RecordRefused(
            f"A beat at {_seconds(int(near[0]), record)} is within {MIN_DISTANCE_S:g} s of {_seconds(sample, record)}. "
            "Move or delete it, or choose another time."
        )
    return np.insert(r_peaks, index, sample)


def _refuse_outside(sample: int, record: Record) -> None:
    if not 0 <= sample < len(record.signals):
        raise RecordRefused(
            f"{_seconds(sample, record)} is outside the record. Choose a time within its {record.duration_s:.1f} s."
        )


def _refuse_unusable(sample: int, beats: Beats, record: Record) -> None:
    for name, stretches in (("a gap", beats.artifacts.gaps), ("a flat line", beats.artifacts.flat)):
        if np.any((stretches[:, 0] <= sample) & (sample < stretches[:, 1])):
            raise RecordRefused(f"Lead {beats.lead} has {name} at {_seconds(sample, record)}. Choose another time.")


def _seconds(sample: int, record: Record) -> str:
    return f"{sample / record.sampling_rate:.3f} s"
