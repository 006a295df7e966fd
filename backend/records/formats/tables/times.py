"""The clock of a table: the unit of its times, the sampling rate that they give, and the sample of each row."""

from dataclasses import dataclass

import numpy as np

from backend.records.formats.tables.unit_names import seconds_per
from backend.records.validation import HIGHEST_RATE_HZ, LOWEST_RATE_HZ

__all__ = ["Clock", "Placement", "find_seconds_per", "measure_clock", "place_rows", "unit_name"]

_UNITS_S = (1.0, 1e-3, 1e-6, 1e-9, 86400.0, 60.0)
_UNIT_NAMES = {1.0: "s", 1e-3: "ms", 1e-6: "us", 1e-9: "ns", 60.0: "min", 3600.0: "h", 86400.0: "days"}
# Times between 2001 and 2100, in seconds since 1970, tell their unit by their size.
_FIRST_EPOCH_S, _LAST_EPOCH_S = 1.0e9, 4.1e9
_FEWEST_TIMES = 20
# A pause of more than this many usual steps, and more than this, is a gap; less is jitter.
_GAP_STEPS, _GAP_S = 2.5, 0.03
_PACKET_GAP = 1.5
_FEW_SAMPLES, _JITTER_S = 0.45, 0.025
_LOST_STEPS, _STEADY = 1.6, 0.15
_N_COMPARED = 50
_WHOLE_HZ_TOLERANCE = 2e-3


@dataclass(frozen=True, eq=False)
class Clock:
    """The times of the rows.

    Attributes
    ----------
    seconds : float64 array, shape = (n_rows,)
        From the first row; the rows of a packet that share a time are spread evenly.
    sampling_rate : float
        Hz.
    is_packeted : bool
        Whether many rows share a time.
    jitter_s : float
        The usual largest distance of a time from an even course.
    """

    seconds: np.ndarray
    sampling_rate: float
    is_packeted: bool
    jitter_s: float


@dataclass(frozen=True, eq=False)
class Placement:
    """Where the rows lie on the even grid of a record.

    Attributes
    ----------
    samples : int64 array, shape = (n_rows,)
        Ascending; each row has a sample of its own.
    n_samples : int
    gaps : tuple of (int, int)
        Samples between rows that none of them fills.
    """

    samples: np.ndarray
    n_samples: int
    gaps: tuple[tuple[int, int], ...]


def find_seconds_per(times: np.ndarray, unit: str, is_time_name: bool) -> float | None:
    """Return the seconds in one unit of some times, None if it cannot be known.

    The heading's unit counts. Without one, the unit is that in which the times give a sampling rate that Beatlight
    reads; between seconds, ms, us and ns no two do. Whole numbers that rise by one may count rows as well as
    milliseconds, and such that rise by another whole number may do so where the name does not say time.
    """
    stated = seconds_per(unit)
    if stated is not None:
        return stated
    known = times[np.isfinite(times)]
    if len(known) < _FEWEST_TIMES:
        return None
    by_size = next((own for own in _UNITS_S[:4] if _FIRST_EPOCH_S <= abs(known[0]) * own <= _LAST_EPOCH_S), None)
    step = _usual_step(known)
    if step <= 0:
        return None
    if by_size is not None and _is_possible(step * by_size):
        return by_size
    found = next((own for own in _UNITS_S if _is_possible(step * own)), None)
    is_whole = float(step).is_integer() and bool((known[:1000] == np.round(known[:1000])).all())
    if found == 1e-3 and is_whole and (step == 1 or not is_time_name):
        return None
    return found


def unit_name(seconds: float) -> str:
    """Return the name of a unit of time."""
    return _UNIT_NAMES.get(seconds, "s")


def _usual_step(times: np.ndarray) -> float:
    """Return the time per row: of all rows, or where this is stretched by gaps, of the usual step."""
    steps = np.diff(times)
    mean = float(times[-1] - times[0]) / (len(times) - 1)
    rising = steps[steps > 0]
    if len(rising) < 0.5 * len(steps) or len(rising) == 0:
        return _step_in_packets(times) or mean
    median = float(np.median(steps[steps >= 0]))
    return median if abs(mean - median) > 0.4 * median else mean


def _step_in_packets(times: np.ndarray) -> float:
    """Return the time per row where many rows share a time; 0 if there are too few packets."""
    starts = np.flatnonzero(np.diff(times, prepend=times[0] - 1) > 0)
    if len(starts) < 3:
        return 0.0
    return float(np.median(np.diff(times[starts]) / np.diff(starts)))


def _is_possible(step_s: float) -> bool:
    return 0.98 / HIGHEST_RATE_HZ <= step_s <= 1.02 / LOWEST_RATE_HZ


def measure_clock(seconds: np.ndarray) -> Clock | None:
    """Return the clock in the times of all rows; None if they do not advance or too many are missing.

    Parameters
    ----------
    seconds : float64 array, shape = (n_rows,)
        NaN where a row has no time.

    Notes
    -----
    The rate is that of the rows between gaps, in whole Hz if the times agree with that.
    """
    is_known = np.isfinite(seconds)
    if is_known.sum() < _FEWEST_TIMES or is_known.sum() < 0.5 * len(seconds):
        return None
    rows = np.arange(len(seconds))
    known = rows[is_known]
    times = seconds[is_known] - seconds[is_known][0]
    backwards = np.diff(times) < 0
    if backwards.any():
        # Rows that arrive out of order are put right by their neighbours, a clock that starts again is none.
        if backwards.mean() > 0.05 or (np.diff(times) < -1.0).any():
            return None
        times = np.maximum.accumulate(times)
    if not times[-1] > 0:
        return None
    is_packeted = bool((np.diff(times) == 0).mean() > 0.3)
    if is_packeted:
        starts = np.flatnonzero(np.diff(times, prepend=-1.0) > 0)
        if len(starts) < 3:
            return None
        known, times = known[starts], times[starts]
    per_row = np.diff(times) / np.diff(known)
    usual = float(np.median(per_row))
    if not usual > 0:
        return None
    steps, counts = np.diff(times), np.diff(known)
    is_gap = _are_gaps(steps, counts, usual, is_packeted)
    if is_gap.all():
        return None
    rate = float(counts[~is_gap].sum() / steps[~is_gap].sum())
    drift = _drift(known, times, is_gap, rate)
    jitter = float(np.percentile(np.abs(drift), 99)) if len(drift) else 0.0
    rate = _in_whole_hz(rate, float(steps[~is_gap].sum()), jitter, is_packeted)
    if is_packeted:
        times, known = _spread(times, known, len(seconds), is_gap, rate)
    filled = times if len(times) == len(rows) else np.interp(rows, known, times)
    return Clock(filled, rate, is_packeted, jitter)


def _are_gaps(steps: np.ndarray, counts: np.ndarray, usual: float, is_packeted: bool) -> np.ndarray:
    expected = usual * counts
    if is_packeted:
        return np.asarray(steps > _PACKET_GAP * expected + _GAP_S)
    jitter = float(np.percentile(np.abs(steps - expected), 90))
    least = (_LOST_STEPS if jitter < _STEADY * usual else _GAP_STEPS) - 1
    return np.asarray(steps - expected > max(least * usual, 4 * jitter))


def _drift(known: np.ndarray, times: np.ndarray, is_gap: np.ndarray, rate: float) -> np.ndarray:
    """Return the distances of the times from an even course that starts again after each gap."""
    part = np.concatenate([[0], np.cumsum(is_gap)])
    uneven = times - known / rate
    starts = np.flatnonzero(np.diff(part, prepend=-1))
    lengths = np.diff(np.append(starts, len(times)))
    medians = np.concatenate([np.full(n, np.median(uneven[s : s + n])) for s, n in zip(starts, lengths, strict=True)])
    return np.asarray(uneven - medians)


def _in_whole_hz(rate: float, length_s: float, jitter_s: float, is_packeted: bool) -> float:
    """Return the whole rate that the times do not exclude, else the rate itself."""
    whole = round(rate)
    tolerance = (2 * jitter_s + 1 / rate) / max(length_s, 1e-9)
    if is_packeted:
        tolerance = max(tolerance, _WHOLE_HZ_TOLERANCE)
    if whole and abs(rate - whole) <= min(tolerance, 0.01) * rate:
        return float(whole)
    return rate


def _spread(
    times: np.ndarray, known: np.ndarray, n_rows: int, is_gap: np.ndarray, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return a time for every row of packets: even within a stretch without gaps, from its first packet on."""
    rows = np.arange(n_rows)
    packet = np.clip(np.searchsorted(known, rows, side="right") - 1, 0, None)
    part = np.concatenate([[0], np.cumsum(is_gap)])[packet]
    first_rows = np.flatnonzero(np.diff(part, prepend=-1))
    first = first_rows[part]
    start_times = times[packet[first_rows]][part]
    return start_times + (rows - first) / rate, rows


def place_rows(clock: Clock, sampling_rate: float) -> Placement:
    """Return the sample of each row at a sampling rate: consecutive ones, but after gaps, as the times say.

    The samples of a recorder are even and the clock that writes beside them is not, so jitter between gaps is ignored.
    Only a clock that departs from an even course by more than jitter is followed, so that no beat is misplaced.
    """
    ideal = (clock.seconds - clock.seconds[0]) * clock.sampling_rate
    rows = np.arange(len(ideal))
    starts = _starts_of_parts(clock)
    ends = np.append(starts[1:], len(rows))
    late = ideal - rows
    samples = np.empty(len(rows), dtype=np.int64)
    offset, scale = 0, sampling_rate / clock.sampling_rate
    for start, end in zip(starts, ends, strict=True):
        if start:
            before, after = late[max(0, start - _N_COMPARED) : start], late[start : min(end, start + _N_COMPARED)]
            offset += max(0, round(float(np.median(after) - np.median(before)) * scale))
        drift = late[start:end] - np.median(late[start:end])
        shift = np.zeros(end - start)
        if not clock.is_packeted and np.percentile(np.abs(drift), 95) > _JITTER_S * clock.sampling_rate:
            shift = _smooth(drift, clock.sampling_rate)
            shift -= shift[0]
        samples[start:end] = np.round(rows[start:end] + offset + shift)
        offset += round(float(shift[-1]))
    # No two rows share a sample: a row that comes too early waits for the next free one.
    samples = np.maximum.accumulate(samples - rows) + rows
    samples -= samples[0]
    jumps = np.diff(samples) - 1
    gaps = tuple((int(samples[at]) + 1, int(samples[at + 1])) for at in np.flatnonzero(jumps > 0))
    return Placement(samples, int(samples[-1]) + 1, gaps)


def _starts_of_parts(clock: Clock) -> np.ndarray:
    """Return the first rows of the parts between gaps."""
    steps = np.diff(clock.seconds)
    usual = 1 / clock.sampling_rate
    if clock.is_packeted or clock.jitter_s < _FEW_SAMPLES * usual:
        is_gap = steps > _LOST_STEPS * usual
    else:
        is_gap = _are_gaps(steps, np.ones(len(steps)), usual, is_packeted=False)
    return np.concatenate([[0], np.flatnonzero(is_gap) + 1])


def _smooth(drift: np.ndarray, sampling_rate: float) -> np.ndarray:
    width = max(1, round(0.5 * sampling_rate))
    padded = np.pad(drift, width, mode="edge")
    sums = np.cumsum(np.insert(padded, 0, 0.0))
    means = (sums[2 * width + 1 :] - sums[: -2 * width - 1]) / (2 * width + 1)
    return np.asarray(means[: len(drift)])
