"""Beats corrected by hand: added, deleted, moved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backend.records.record import Record, RecordRefused
from backend.windows.beats.detection import Beats, detector_named
from backend.windows.signal.filtering import bandpass, fill_gaps

__all__ = [
    "KINDS",
    "LEAST_DISTANCE_S",
    "NEAR_S",
    "SNAP_S",
    "Correction",
    "beat_near",
    "by_hand",
    "corrected",
    "moved_on",
    "r_peak_near",
]

KINDS = ("add", "delete", "move")

LEAST_DISTANCE_S = 0.1
"""Two beats are no nearer to one another: no heart beats ten times a second."""

SNAP_S = 0.05
"""A click means the R peak this far on either side of it."""

NEAR_S = 0.3
"""A click means the nearest beat, this far away at most."""

_AROUND_S = 12.0
"""What is filtered on either side of a click, for the beats around tell which way R points."""


@dataclass(frozen=True)
class Correction:
    """One change that a person makes to the beats of a lead.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    sample : int
        Of the record: where the beat is added, or the R peak of the beat that is deleted or moved.
    to : int, optional
        Of the record: where the beat is moved to; for other kinds there is none.

    Raises
    ------
    RecordRefused
        If it is of no such kind, or ``to`` is missing or too much.
    """

    kind: str
    sample: int
    to: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise RecordRefused(f"There is no correction {self.kind!r}; choose one of {', '.join(KINDS)}.")
        if (self.to is None) == (self.kind == "move"):
            raise RecordRefused("A beat that is moved needs a place to go to; one that is added or deleted has none.")


def corrected(beats: Beats, corrections: Sequence[Correction], record: Record) -> Beats:
    """Apply corrections one after the other; without the last of them, it is undone.

    Samples are taken as they stand: what a person clicked is brought to the R peak by `r_peak_near` before it becomes a
    correction. The beat that is deleted or moved must be exactly there, so that corrections of other beats than these
    (another lead's, another detector's) do not fit and are refused. Clipped stretches take a beat, since a person sees
    the QRS that is cut off; gaps and flat lines do not.

    Parameters
    ----------
    beats : Beats
        As they were found.
    corrections : sequence of Correction
        In the order in which they were made.
    record : Record
        That the beats are of.

    Returns
    -------
    Beats
        ``r_peaks`` int64, ascending, each once, no added or moved one nearer than `LEAST_DISTANCE_S` to another;
        all else as in ``beats``.

    Raises
    ------
    RecordRefused
        If a correction does not fit: no beat is there, one is there already, or the place is outside the record, in
        a gap or on a flat line.
    """
    r_peaks = np.asarray(beats.r_peaks, dtype=np.int64)
    for correction in corrections:
        r_peaks = _applied(r_peaks, correction, beats, record)
    return replace(beats, r_peaks=r_peaks)


def beat_near(beats: Beats, record: Record, sample: int) -> int:
    """The R peak, a sample of the record, of the beat that a person means who clicks at a sample.

    Raises
    ------
    RecordRefused
        If no beat is within `NEAR_S`.
    """
    distances = np.abs(beats.r_peaks - sample)
    if not len(distances) or distances.min() > NEAR_S * record.sampling_rate:
        raise RecordRefused(f"No beat is within {NEAR_S:g} s of {_seconds(sample, record)}; click nearer to one.")
    return int(beats.r_peaks[np.argmin(distances)])


def moved_on(corrections: Sequence[Correction], sample: int, to: int) -> tuple[Correction, ...]:
    """The corrections with one more beat moved; the last one goes on where it put this beat there itself.

    So a beat that is nudged ten times is moved once, and undone at once; one that comes back to where it was found is
    not moved at all.
    """
    before, last = tuple(corrections[:-1]), corrections[-1] if corrections else None
    if last == Correction("add", sample):
        return (*before, Correction("add", to))
    if last is None or last.to != sample:
        return (*corrections, Correction("move", sample, to))
    return before if last.sample == to else (*before, Correction("move", last.sample, to))


def by_hand(corrections: Sequence[Correction]) -> np.ndarray:
    """Samples of the beats that were added or moved and are still there, int64, ascending."""
    samples: set[int] = set()
    for correction in corrections:
        if correction.kind == "add":
            samples.add(correction.sample)
            continue
        samples.discard(correction.sample)
        samples |= set() if correction.to is None else {correction.to}
    return np.array(sorted(samples), dtype=np.int64)


def r_peak_near(record: Record, beats: Beats, sample: int) -> int:
    """The R peak that a person means who clicks at a sample.

    It is the highest or the lowest point of the band-passed lead within `SNAP_S`, as the detector of the other beats
    would choose. Only the seconds around the click are filtered, which gives the same as filtering the whole lead.

    Parameters
    ----------
    record : Record
    beats : Beats
        The other beats of the lead.
    sample : int
        Of the record.

    Returns
    -------
    int
        Sample of the record, never one that was not recorded.

    Raises
    ------
    RecordRefused
        If the record has no such lead, or nothing was recorded at the sample.
    """
    samples = record.signals[:, record.channel_index(beats.lead)]
    _refuse_outside(sample, record)
    if np.isnan(samples[sample]):
        raise RecordRefused(f"Nothing was recorded at {_seconds(sample, record)}; choose a place outside the gap.")
    first, past = _reach(sample, _AROUND_S, record)
    passed = bandpass(fill_gaps(samples[first:past]), record.sampling_rate)
    passed[np.isnan(samples[first:past])] = np.nan
    others = beats.r_peaks[(beats.r_peaks >= first) & (beats.r_peaks < past)]
    usual = float(np.nansum(np.sign(passed[others - first])))
    start, stop = _reach(sample, SNAP_S, record)
    around = passed[start - first : stop - first]
    is_up = detector_named(beats.detector).points_up(float(np.nanmax(around)), float(-np.nanmin(around)), usual)
    return start + int(np.nanargmax(around) if is_up else np.nanargmin(around))


def _reach(sample: int, seconds: float, record: Record) -> tuple[int, int]:
    """First sample and the one past the last within so many seconds of a sample, inside the record."""
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
            f"No beat is at {_seconds(sample, record)}; choose one that is there, "
            "or drop the corrections if the beats were found anew."
        )
    return np.delete(r_peaks, index)


def _with(r_peaks: np.ndarray, sample: int, beats: Beats, record: Record) -> np.ndarray:
    _refuse_outside(sample, record)
    _refuse_unusable(sample, beats, record)
    index = int(np.searchsorted(r_peaks, sample))
    neighbours = r_peaks[max(0, index - 1) : index + 1]
    near = neighbours[np.abs(neighbours - sample) < LEAST_DISTANCE_S * record.sampling_rate]
    if len(near):
        raise RecordRefused(
            f"A beat is at {_seconds(int(near[0]), record)} already, within {LEAST_DISTANCE_S:g} s of "
            f"{_seconds(sample, record)}; move or delete that one, or choose another place."
        )
    return np.insert(r_peaks, index, sample)


def _refuse_outside(sample: int, record: Record) -> None:
    if not 0 <= sample < len(record.signals):
        raise RecordRefused(
            f"{_seconds(sample, record)} is outside the record; choose a place within its {record.duration_s:.1f} s."
        )


def _refuse_unusable(sample: int, beats: Beats, record: Record) -> None:
    for name, stretches in (("a gap", beats.artifacts.gaps), ("a flat line", beats.artifacts.flat)):
        if np.any((stretches[:, 0] <= sample) & (sample < stretches[:, 1])):
            raise RecordRefused(
                f"The lead {beats.lead} has {name} at {_seconds(sample, record)}; choose another place."
            )


def _seconds(sample: int, record: Record) -> str:
    return f"{sample / record.sampling_rate:.3f} s"
