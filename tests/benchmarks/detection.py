"""Sensitivity, PPV and distance from the R peak of the beat detectors, measured in one run.

MIT-BIH Arrhythmia Database: first channel, whatever lead that is; spans of ventricular flutter, where beats are not
labelled, are excluded. A reference beat matches at most one detected beat within the tolerance. QT Database, without
the records that come from MIT-BIH: sensitivity only, since its marks skip beats. The recordings of the MIT-BIH Noise
Stress Test Database are mixed with all records but 118 and 119, and scored from the sixth minute on, as ``bxb`` does.
"""

import resource
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from backend.records.opening import open_record
from backend.records.record import Channel, Record
from backend.records.understanding import Stated
from backend.windows.beats.detection import DEFAULT_DETECTOR, DETECTORS, find_beats
from backend.windows.beats.reference import flutter_spans, in_spans, match_beats, reference_beats
from tests.benchmarks import noise
from tests.benchmarks.waves import UNSEEN, marked_beats

__all__ = ["TOLERANCES_S", "Score", "mitdb_scores", "overall", "qtdb_sensitivity", "run", "scored"]

TOLERANCES_S = (0.05, 0.10, 0.15)
NOISE_DB = (24, 18, 12, 6, 0, -6)
NOT_MIXED = ("118", "119")
"""The records of the published noise stress test."""

SETTLED_S = 20.0

FROM_MITDB = frozenset(
    f"sel{number}" for number in (100, 102, 103, 104, 114, 116, 117, 123, 213, 221, 223, 230, 231, 232, 233)
)
"""Records of the QT Database that are stretches of MIT-BIH's."""

RPeaks = Callable[[np.ndarray, float], np.ndarray]


@dataclass(frozen=True)
class Score:
    """One record's beats against the reference.

    Attributes
    ----------
    reference, found, matched : int
        Beats.
    distance_ms : float
        Median distance of the matched from the reference.
    """

    reference: int
    found: int
    matched: int
    distance_ms: float

    @property
    def sensitivity(self) -> float:
        """Per cent of the reference's beats."""
        return 100 * self.matched / self.reference

    @property
    def ppv(self) -> float:
        """Positive predictive value: per cent of the detected beats."""
        return 100 * self.matched / self.found if self.found else 0.0


def scored(record: Record, r_peaks: np.ndarray, tolerance_s: float) -> Score:
    """Compare the detected beats of a record with its reference, ventricular flutter excluded."""
    spans = flutter_spans(record)
    reference = reference_beats(record)
    assert reference is not None
    true = reference.samples[~in_spans(reference.samples, spans)]
    found = r_peaks[~in_spans(r_peaks, spans)]
    of_found = match_beats(found, true, record.sampling_rate, tolerance_s).reference_index
    matched = of_found >= 0
    apart_ms = np.abs(found[matched] - true[of_found[matched]]) * 1000 / record.sampling_rate
    return Score(len(true), len(found), int(matched.sum()), float(np.median(apart_ms)) if len(apart_ms) else np.nan)


def mitdb_records(folder: Path) -> Iterator[Record]:
    for header in sorted(folder.glob("*.hea")):
        yield open_record(header.with_suffix(""))


def mitdb_scores(
    records: Iterable[Record], r_peaks: RPeaks, tolerances_s: Iterable[float] = TOLERANCES_S
) -> dict[float, dict[str, Score]]:
    """The scores of each record on its first channel, by tolerance and name."""
    scores: dict[float, dict[str, Score]] = {tolerance_s: {} for tolerance_s in tolerances_s}
    for record in records:
        found = r_peaks(record.signals[:, 0], record.sampling_rate)
        for tolerance_s, of_record in scores.items():
            of_record[record.name] = scored(record, found, tolerance_s)
    return scores


def overall(scores: Mapping[str, Score]) -> Score:
    """All beats together; the distance is the median over the records."""
    return _pooled(scores.values())


def _pooled(scores: Iterable[Score]) -> Score:
    every = list(scores)
    return Score(
        sum(score.reference for score in every),
        sum(score.found for score in every),
        sum(score.matched for score in every),
        float(np.median([score.distance_ms for score in every])),
    )


def qtdb_sensitivity(folder: Path, r_peaks: RPeaks) -> tuple[int, int]:
    """Beats that the first cardiologist marked in the 90 records that are not MIT-BIH's, and how many are found.

    Both leads are searched, each counted by itself.
    """
    marked = found = 0
    for name in (folder / "RECORDS").read_text().split():
        if name in FROM_MITDB:
            continue
        record = open_record(folder / name)
        true = np.array([beat["r_peak"] for beat in marked_beats(record.annotations["qca"])])
        for lead in range(record.signals.shape[1]):
            matching = match_beats(r_peaks(record.signals[:, lead], record.sampling_rate), true, record.sampling_rate)
            marked += len(true)
            found += len(true) - len(matching.missed)
    return marked, found


def run(data: Path) -> str:
    """All tables, as Markdown; ``data`` holds ``mitdb``, ``nstdb`` and ``qtdb``."""
    records = list(mitdb_records(data / "mitdb"))
    scores = {name: mitdb_scores(records, detector.r_peaks) for name, detector in DETECTORS.items()}
    parts = [
        _figures(scores),
        _worst_records({name: by_tolerance[TOLERANCES_S[-1]] for name, by_tolerance in scores.items()}),
        _qtdb(data / "qtdb"),
        _noise(data / "nstdb", records),
        _day(records),
    ]
    return "\n\n".join(parts)


def _figures(scores: Mapping[str, Mapping[float, Mapping[str, Score]]]) -> str:
    lines = [
        "| detector | tolerance | sensitivity | PPV | mean of records: sensitivity | PPV "
        "| lowest record: sensitivity | PPV | median distance |",
        "| --- " * 9 + "|",
    ]
    for name, by_tolerance in scores.items():
        for tolerance_s, of_records in by_tolerance.items():
            all_beats, each = overall(of_records), of_records.values()
            sensitivity = [score.sensitivity for score in each]
            ppv = [score.ppv for score in each]
            shares = (all_beats.sensitivity, all_beats.ppv, np.mean(sensitivity), np.mean(ppv))
            cells = [f"{share:.2f}%" for share in (*shares, min(sensitivity), min(ppv))]
            lines.append(
                f"| `{name}` | {1000 * tolerance_s:.0f} ms | {' | '.join(cells)} | {all_beats.distance_ms:.1f} ms |"
            )
    return "\n".join(lines)


def _worst_records(scores: Mapping[str, Mapping[str, Score]]) -> str:
    """The ten records in which the first detector errs most, for all of them."""
    first = next(iter(scores.values()))
    worst = sorted(first, key=lambda record: 2 * first[record].matched - first[record].reference - first[record].found)
    lines = [
        "| record | " + " | ".join(f"`{name}`: missed, false" for name in scores) + " |",
        "| --- " * (1 + len(scores)) + "|",
    ]
    for record in worst[:10]:
        own = [of_detector[record] for of_detector in scores.values()]
        cells = [f"{score.reference - score.matched}, {score.found - score.matched}" for score in own]
        lines.append(f"| {record} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _qtdb(folder: Path) -> str:
    lines = ["| detector | beats marked in the QT Database, both leads | sensitivity |", "| --- " * 3 + "|"]
    for name, detector in DETECTORS.items():
        marked, found = qtdb_sensitivity(folder, detector.r_peaks)
        lines.append(f"| `{name}` | {marked:,} | {100 * found / marked:.2f}% |")
    return "\n".join(lines)


@dataclass(frozen=True)
class NoisyScore:
    """One record with one noise: all beats from the sixth minute on, and those outside the unreadable stretches.

    Attributes
    ----------
    beats, readable : Score
    excluded_s, duration_s : float
        Time that is unreadable, of this time.
    """

    beats: Score
    readable: Score
    excluded_s: float
    duration_s: float


def noisy_score(record: Record, samples: np.ndarray, detector: str) -> NoisyScore:
    """Score a detector on one lead of a record with noise."""
    found = DETECTORS[detector].find(samples, record.sampling_rate)
    start = round(noise.START_S * record.sampling_rate)
    is_readable = np.ones(len(samples), dtype=bool)
    for first, last in found.unreadable:
        is_readable[first:last] = False
    is_scored = np.arange(len(samples)) >= start
    return NoisyScore(
        _scored_where(record, found.r_peaks, is_scored),
        _scored_where(record, found.r_peaks, is_scored & is_readable),
        float((is_scored & ~is_readable).sum() / record.sampling_rate),
        float(is_scored.sum() / record.sampling_rate),
    )


def _scored_where(record: Record, r_peaks: np.ndarray, is_scored: np.ndarray) -> Score:
    """Compare the beats of some samples; a detected beat that matches the reference counts where that beat lies."""
    spans, reference = flutter_spans(record), reference_beats(record)
    assert reference is not None
    true = reference.samples[~in_spans(reference.samples, spans)]
    found = r_peaks[~in_spans(r_peaks, spans)]
    of_found = match_beats(found, true, record.sampling_rate, TOLERANCES_S[-1]).reference_index
    is_match = of_found >= 0
    n_matched = int(is_scored[true[of_found[is_match]]].sum())
    n_false = int(is_scored[found[~is_match]].sum())
    return Score(int(is_scored[true].sum()), n_matched + n_false, n_matched, np.nan)


def _noise(folder: Path, records: list[Record]) -> str:
    """Return the tables of sensitivity and PPV with real noise: all records, those unseen, and 118 and 119."""
    kinds = {kind: open_record(folder / kind, Stated(leads=("noise1", "noise2"))) for kind in noise.KINDS}
    scores = {
        (kind, level, record.name, name): noisy_score(record, noise.mixed(record, of_kind, level)[:, 0], name)
        for kind, of_kind in kinds.items()
        for level in NOISE_DB
        for record in records
        if kind == "em" or record.name not in NOT_MIXED
        for name in DETECTORS
    }
    names = {record.name for record in records} - set(NOT_MIXED)
    return "\n\n".join(
        [
            _noise_table(scores, names, tuple(noise.KINDS)),
            _noise_table(scores, names & UNSEEN, tuple(noise.KINDS)),
            _noise_table(scores, set(NOT_MIXED), ("em",)),
        ]
    )


def _noise_table(
    scores: Mapping[tuple[str, int, str, str], NoisyScore], records: set[str], kinds: tuple[str, ...]
) -> str:
    lines = [
        "| noise | level | "
        + " | ".join(f"`{name}`: sensitivity | PPV" for name in DETECTORS)
        + f" | `{DEFAULT_DETECTOR}`, readable: sensitivity | PPV | time unreadable |",
        "| --- " * (5 + 2 * len(DETECTORS)) + "|",
    ]
    for kind in kinds:
        for level in NOISE_DB:
            own = {name: [scores[kind, level, record, name] for record in sorted(records)] for name in DETECTORS}
            totals = [_pooled(one.beats for one in own[name]) for name in DETECTORS]
            totals.append(_pooled(one.readable for one in own[DEFAULT_DETECTOR]))
            cells = [f"{total.sensitivity:.2f}% | {total.ppv:.2f}%" for total in totals]
            excluded = sum(one.excluded_s for one in own[DEFAULT_DETECTOR])
            share = excluded / sum(one.duration_s for one in own[DEFAULT_DETECTOR])
            lines.append(f"| {noise.KINDS[kind]} | {level} dB | " + " | ".join(cells) + f" | {100 * share:.1f}% |")
    return "\n".join(lines)


def _day(records: list[Record]) -> str:
    """Half an hour, and the day that the 48 records make one after another: time, memory, and whether it is the same.

    Each run has a process of its own, so that its memory can be told; artifacts are sought too, as for the screens. A
    day is asked of our own detector alone.
    """
    lines = ["| detector | 30 min (s) | 24 h (s) | peak memory, 24 h (MiB) |", "| --- " * 4 + "|"]
    pieces = [record.signals[:, :1] for record in records]
    day = np.concatenate(pieces)
    for name in DETECTORS:
        short_s, _, _ = _measured(name, pieces[0], 3)
        cells = "-", "-"
        if name == DEFAULT_DETECTOR:
            day_s, mib, r_peaks = _measured(name, day, 1)
            cells = f"{day_s:.1f}", f"{mib:.0f}"
        lines.append(f"| `{name}` | {short_s:.2f} | {cells[0]} | {cells[1]} |")
    return "\n".join([*lines, "", _same_in_pieces(records, r_peaks)])


def _same_in_pieces(records: list[Record], r_peaks: np.ndarray) -> str:
    """How many beats of the day are those of its records alone; around the joins both must settle."""
    same = beats = start = 0
    for record in records:
        settled = round(SETTLED_S * record.sampling_rate)
        first, last = settled, len(record.signals) - settled
        alone = find_beats(record, record.channels[0].name).r_peaks
        alone = alone[(alone >= first) & (alone < last)]
        together = r_peaks[(r_peaks >= start + first) & (r_peaks < start + last)] - start
        same += len(np.intersect1d(alone, together))
        beats += len(np.union1d(alone, together))
        start += len(record.signals)
    return f"{same:,} of {beats:,} beats {SETTLED_S:.0f} s or more from a join are the same in the day and its records."


def _measured(detector: str, samples: np.ndarray, times: int) -> tuple[float, float, np.ndarray]:
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_time_and_memory, (detector, samples, times))


def _time_and_memory(detector: str, samples: np.ndarray, times: int) -> tuple[float, float, np.ndarray]:
    """Seconds (the best of so many), the peak of the process's memory in MiB, and the R peaks."""
    record = Record("long", samples, 360.0, (Channel.named("MLII", "mV"),))
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        beats = find_beats(record, detector=detector)
        seconds.append(time.perf_counter() - start)
    return min(seconds), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, beats.r_peaks
