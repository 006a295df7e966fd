"""How near the wave marks come to a cardiologist's, beside NeuroKit2's, and where they rightly stay away.

The QT Database is scored as in the literature (Martinez et al. 2004): each mark against the first cardiologist's, on
the lead of the two on which it comes nearer, as the cardiologist looked at both; mean error of all marks, the mean over
the records of the standard deviation within a record, and the share of the cardiologist's marks that have one within
0.3 s. The same on the first lead, where no lead is chosen after the fact: once of a record that holds that lead alone,
and once of the record of two, as the program looks for T on all leads of a record. The program's figures were chosen on
the records with an even index: the odd ones stand apart. Each program finds its own R peaks (NeuroKit2's marks expect
them on an upright R); a beat that was not found, and a lead on which a program fails, count as marks not found.
"""

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from backend.records.opening import open_record
from backend.records.record import Annotations, Record
from backend.windows.beats.detection import Beats, find_beats
from backend.windows.beats.reference import match_beats, reference_beats
from backend.windows.waves.delineation import find_waves

__all__ = [
    "UNSEEN",
    "AbsentP",
    "Calibration",
    "MarkRow",
    "QtdbCase",
    "UnsureRow",
    "marked_beats",
    "mitdb_p",
    "ours",
    "p_calibration",
    "qtdb_cases",
    "qtdb_rows",
    "run",
    "unsure_rows",
]

MARKS = ("p_onset", "p_peak", "p_end", "qrs_onset", "qrs_peak", "qrs_end", "t_onset", "t_peak", "t_end")
JUDGED = tuple(mark for mark in MARKS if mark != "qrs_peak")
UNSEEN = frozenset(
    ("101", "104", "123", "124", "201", "202", "205", "214", "215", "217", "222", "228", "231", "232", "233")
)
"""Validation and test patients of MIT-BIH, on which neither the detector nor the probability of P was fitted."""

PROBABILITIES = (0.4, 0.7, 0.9, 1.0)
FARTHEST_MS = 300.0
"""A mark farther away than this is another wave's."""

FAR_MS = 60.0
"""A mark farther away than this is wrong, whoever looks at it."""

P_KINDS = ("V", "in AFIB or AFL", "N in sinus rhythm")

NEUROKIT_MARKS = {
    "p_onset": "ECG_P_Onsets",
    "p_peak": "ECG_P_Peaks",
    "p_end": "ECG_P_Offsets",
    "qrs_onset": "ECG_R_Onsets",
    "qrs_end": "ECG_R_Offsets",
    "t_onset": "ECG_T_Onsets",
    "t_peak": "ECG_T_Peaks",
    "t_end": "ECG_T_Offsets",
}
MARTINEZ = {
    "p_onset": (2.0, 14.8, 98.87),
    "p_peak": (3.6, 13.2, 98.87),
    "p_end": (1.9, 12.8, 98.75),
    "qrs_onset": (4.6, 7.7, 99.97),
    "qrs_end": (0.8, 8.7, 99.97),
    "t_peak": (0.2, 13.9, 99.77),
    "t_end": (-1.6, 18.1, 99.77),
}
"""Mean and SD (ms) and sensitivity (%) on the better lead, as published in Martinez et al. 2004."""


@dataclass(frozen=True, eq=False)
class Marked:
    """The beats that a program found on a lead (samples), and its marks of each by name, NaN where absent."""

    r_peaks: np.ndarray
    marks: Mapping[str, np.ndarray]


Marker = Callable[[Record, Beats], Marked]

NOTHING = Marked(np.zeros(0, dtype=np.int64), {mark: np.zeros(0) for mark in MARKS})
"""What a program has that failed on a lead."""


@dataclass(frozen=True, eq=False)
class QtdbCase:
    """One record of the QT Database: the cardiologist's beats, and those that were found on each of its two leads."""

    record: Record
    reference: list[dict[str, int]]
    leads: tuple[Beats, ...]
    is_odd: bool


@dataclass(frozen=True)
class MarkRow:
    """One mark of one program on one set of records; errors in ms, found in per cent."""

    program: str
    records: str
    leads: str
    mark: str
    mean: float
    deviation_in_record: float
    deviation_of_all: float
    found: float
    n_marks: int


@dataclass(frozen=True)
class UnsureRow:
    """One mark on both leads of one set of records, where it is unsure and where it is sure.

    ``share`` is the share (per cent) of marks that are unsure. The others are pairs, unsure first: standard deviation
    of the error (ms), share of marks more than `FAR_MS` off, and share of marks in beats in which the cardiologist
    marked no such wave (per cent).
    """

    records: str
    mark: str
    share: float
    deviation: tuple[float, float]
    far: tuple[float, float]
    on_no_wave: tuple[float, float]


@dataclass(frozen=True)
class AbsentP:
    """The share (per cent) of one kind of beat in mitdb that was given a P wave, and one that is sure."""

    beats: str
    with_p: float
    with_sure_p: float
    n_beats: int


@dataclass(frozen=True)
class Calibration:
    """The P marks of unseen patients within a range of probabilities, and the share of them in sinus rhythm."""

    lowest: float
    highest: float
    n_marks: int
    mean_probability: float
    with_p: float


@dataclass(frozen=True, eq=False)
class _Errors:
    """Errors in ms of one record's marks, NaN where the program has none.

    Shape = (3, n_marks): on the first and on the second of the record's two leads, and on the first if it is alone.
    """

    by_mark: dict[str, np.ndarray]
    is_odd: bool


def qtdb_cases(folder: Path) -> tuple[QtdbCase, ...]:
    """All records of the QT Database with the beats found on each lead."""
    names = (folder / "RECORDS").read_text().split()
    return tuple(_case(open_record(folder / name), index % 2 == 1) for index, name in enumerate(names))


def _case(record: Record, is_odd: bool) -> QtdbCase:
    leads = tuple(find_beats(record, channel.name) for channel in record.channels)
    return QtdbCase(record, marked_beats(record.annotations["qca"]), leads, is_odd)


def marked_beats(annotations: Annotations) -> list[dict[str, int]]:
    """The cardiologist's beats, each with the samples of those marks that were set (and ``r_peak``)."""
    beats: list[dict[str, int]] = []
    coming: dict[str, int] = {}
    for wave, onset, peak, end in _marked_waves(annotations):
        if wave == "p":
            coming = _named("p", onset, peak, end)
        elif wave == "t" and beats:
            beats[-1] |= _named("t", onset, peak, end)
        elif wave == "qrs":
            beats.append(coming | _named("qrs", onset, peak, end) | {"r_peak": peak})
            coming = {}
    return beats


def _named(wave: str, onset: int | None, peak: int, end: int | None) -> dict[str, int]:
    found = {f"{wave}_onset": onset, f"{wave}_peak": peak, f"{wave}_end": end}
    return {mark: sample for mark, sample in found.items() if sample is not None}


def _marked_waves(annotations: Annotations) -> Iterator[tuple[str, int | None, int, int | None]]:
    """Each wave's name, onset, first peak and end; what is no P, QRS or T is passed over."""
    onset, wave, peak = None, None, 0
    for sample, symbol in zip(annotations.samples.tolist(), annotations.symbols, strict=True):
        if symbol == "(":
            onset, wave = sample, None
        elif symbol == ")":
            if wave is not None and wave != "u":
                yield wave, onset, peak, sample
            onset, wave = None, None
        elif wave is None:
            wave, peak = symbol if symbol in "ptu" else "qrs", sample


def ours(record: Record, beats: Beats) -> Marked:
    waves = find_waves(record, beats)
    marks = {mark: getattr(waves, "r_peak" if mark == "qrs_peak" else mark) for mark in MARKS}
    return Marked(beats.r_peaks, marks)


def neurokit(record: Record, beats: Beats, method: str) -> Marked:
    """NeuroKit2's marks on its own cleaned signal of the same lead, around its own R peaks."""
    import neurokit2

    samples = np.nan_to_num(record.signals[:, record.channel_index(beats.lead)].astype(np.float64))
    rate = int(record.sampling_rate)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cleaned = neurokit2.ecg_clean(samples, sampling_rate=rate)
            r_peaks = np.asarray(neurokit2.ecg_peaks(cleaned, sampling_rate=rate)[1]["ECG_R_Peaks"], dtype=np.int64)
            _, found = neurokit2.ecg_delineate(cleaned, r_peaks, sampling_rate=rate, method=method)
    except (ValueError, IndexError, ZeroDivisionError, TypeError):
        return NOTHING
    marks = {mark: _of_beats(found[key], mark, r_peaks) for mark, key in NEUROKIT_MARKS.items()}
    return Marked(r_peaks, marks | {"qrs_peak": r_peaks.astype(np.float64)})


def _of_beats(samples: list[float], mark: str, r_peaks: np.ndarray) -> np.ndarray:
    """The mark of each beat; NeuroKit2 may leave out a beat at the edge, so that its lists have other lengths."""
    known = np.asarray(samples, dtype=np.float64)
    known = known[~np.isnan(known)]
    before = mark.startswith("p_") or mark == "qrs_onset"
    beat = np.searchsorted(r_peaks, known) if before else np.searchsorted(r_peaks, known, side="right") - 1
    marks = np.full(len(r_peaks), np.nan)
    within = (beat >= 0) & (beat < len(r_peaks))
    marks[beat[within]] = known[within]
    return marks


MARKERS: dict[str, Marker] = {
    "Beatlight": ours,
    "NeuroKit2 prominence": partial(neurokit, method="prominence"),
    "NeuroKit2 dwt": partial(neurokit, method="dwt"),
}


def qtdb_rows(
    cases: Sequence[QtdbCase], markers: Mapping[str, Marker]
) -> tuple[list[MarkRow], dict[str, float], dict[str, int]]:
    """Each program's rows, the seconds of a core that it took, and the number of leads on which it failed."""
    errors: dict[str, list[_Errors]] = {program: [] for program in markers}
    seconds, failures = dict.fromkeys(errors, 0.0), dict.fromkeys(errors, 0)
    for case in cases:
        for program, marker in markers.items():
            start = time.process_time()
            found = [marker(case.record, beats) for beats in case.leads]
            seconds[program] += time.process_time() - start
            failures[program] += found.count(NOTHING)
            found.append(marker(_first_alone(case.record), case.leads[0]))
            by_mark = {mark: _errors(case, found, mark) for mark in MARKS}
            errors[program].append(_Errors(by_mark, case.is_odd))
    rows = [
        _row(program, records, leads, mark, [one for one in of_program if one.is_odd or records == "all"])
        for records in ("odd", "all")
        for leads in LEADS
        for mark in MARKS
        for program, of_program in errors.items()
    ]
    return rows, seconds, failures


def _first_alone(record: Record) -> Record:
    return replace(record, signals=record.signals[:, :1], channels=record.channels[:1])


def _errors(case: QtdbCase, found: Sequence[Marked], mark: str) -> np.ndarray:
    marked = [beat for beat in case.reference if mark in beat]
    r_peaks = np.array([beat["r_peak"] for beat in marked], dtype=np.int64)
    truth = np.array([beat[mark] for beat in marked], dtype=np.float64)
    samples = np.full((len(found), len(marked)), np.nan)
    for row, of_lead in enumerate(found):
        beat_of_found = match_beats(of_lead.r_peaks, r_peaks, case.record.sampling_rate).reference_index
        matched = beat_of_found >= 0
        samples[row, beat_of_found[matched]] = of_lead.marks[mark][matched]
    errors = (samples - truth) * 1000 / case.record.sampling_rate
    return np.where(np.abs(errors) <= FARTHEST_MS, errors, np.nan)


def _row(program: str, records: str, leads: str, mark: str, errors: list[_Errors]) -> MarkRow:
    chosen = [LEADS[leads](one.by_mark[mark]) for one in errors]
    known = [one[~np.isnan(one)] for one in chosen]
    everything = np.concatenate(known)
    n_marks = sum(len(one) for one in chosen)
    return MarkRow(
        program,
        records,
        leads,
        mark,
        mean=float(everything.mean()),
        deviation_in_record=float(np.mean([one.std() for one in known if len(one) > 1])),
        deviation_of_all=float(everything.std()),
        found=100 * len(everything) / n_marks,
        n_marks=n_marks,
    )


def _better(errors: np.ndarray) -> np.ndarray:
    """Of each mark the smaller of the two leads' errors."""
    errors = errors[:2]
    nearest = np.where(np.isnan(errors), np.inf, np.abs(errors)).argmin(axis=0)
    return errors[nearest, np.arange(errors.shape[1])]


LEADS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "better": _better,
    "first": lambda errors: errors[2],
    "first of two": lambda errors: errors[0],
}
"""Which of a record's errors are scored."""


def unsure_rows(cases: Sequence[QtdbCase]) -> list[UnsureRow]:
    """How much worse the marks are that say that they are unsure."""
    judged = [one for case in cases for one in _judged(case)]
    return [
        _unsure_row(records, mark, np.concatenate([one[mark] for one, is_odd in judged if is_odd or records == "all"]))
        for records in ("odd", "all")
        for mark in JUDGED
    ]


def _judged(case: QtdbCase) -> Iterator[tuple[dict[str, np.ndarray], bool]]:
    """By lead and mark: the error of each mark in a beat of the cardiologist's (ms), and whether it is unsure."""
    r_peaks = np.array([beat["r_peak"] for beat in case.reference])
    for beats in case.leads:
        waves = find_waves(case.record, beats)
        beat_of_found = match_beats(beats.r_peaks, r_peaks, case.record.sampling_rate).reference_index
        by_mark = {}
        for mark in JUDGED:
            truth = np.array([*(beat.get(mark, np.nan) for beat in case.reference), np.nan])[beat_of_found]
            error_ms = (getattr(waves, mark) - truth) * 1000 / case.record.sampling_rate
            marked = (beat_of_found >= 0) & ~np.isnan(getattr(waves, mark))
            by_mark[mark] = np.column_stack([error_ms, waves.is_uncertain(mark)])[marked]
        yield by_mark, case.is_odd


def _unsure_row(records: str, mark: str, judged: np.ndarray) -> UnsureRow:
    errors_ms, is_unsure = judged[:, 0], judged[:, 1] == 1
    pairs = [_spread(errors_ms[chosen]) for chosen in (is_unsure, ~is_unsure)]
    return UnsureRow(records, mark, 100 * float(is_unsure.mean()), *zip(*pairs, strict=True))


def _spread(errors_ms: np.ndarray) -> tuple[float, float, float]:
    """SD of the errors, share of those that are far, share of marks that have none as they lie on no wave."""
    known = errors_ms[~np.isnan(errors_ms)]
    on_no_wave = 100 * float(np.isnan(errors_ms).mean())
    return float(known.std()), 100 * float((np.abs(known) > FAR_MS).mean()), on_no_wave


def mitdb_p(folder: Path) -> tuple[list[AbsentP], list[float]]:
    """Which beats of mitdb are given a P, and the seconds of a core for the marks of each record's 30 minutes.

    Beats of sinus rhythm should have one, PVCs and those in AFIB or AFL should not.
    """
    given: dict[str, list[np.ndarray]] = {kind: [] for kind in P_KINDS}
    seconds = []
    for header in sorted(folder.glob("*.hea")):
        record = open_record(header.with_suffix(""))
        beats = find_beats(record)
        start = time.process_time()
        waves = find_waves(record, beats)
        seconds.append(time.process_time() - start)
        has_p = ~np.isnan(waves.p_peak)
        judged = np.column_stack([has_p, has_p & ~waves.is_uncertain("p_peak")])
        for kind, is_kind in _kinds_of_beats(record, beats).items():
            given[kind].append(judged[is_kind])
    together = {kind: np.concatenate(one) for kind, one in given.items()}
    rows = [AbsentP(kind, *(100 * one.mean(axis=0)).tolist(), len(one)) for kind, one in together.items()]
    return rows, seconds


def p_calibration(folder: Path) -> list[Calibration]:
    """How many of the P marks of mitdb's unseen patients are in sinus rhythm, by their probability.

    The others are those of PVCs and of atrial fibrillation or flutter.
    """
    probabilities, is_sinus = [], []
    for name in sorted(UNSEEN):
        record = open_record(folder / name)
        beats = find_beats(record)
        probability = find_waves(record, beats).p_probability
        assert probability is not None
        for kind, is_kind in _kinds_of_beats(record, beats).items():
            marked = probability[is_kind & ~np.isnan(probability)]
            probabilities.append(marked)
            is_sinus.append(np.full(len(marked), kind == "N in sinus rhythm"))
    every, sinus = np.concatenate(probabilities), np.concatenate(is_sinus)
    rows = []
    for lowest, highest in pairwise(PROBABILITIES):
        chosen = (every >= lowest) & (every <= highest if highest == 1 else every < highest)
        shares = float(every[chosen].mean()), float(sinus[chosen].mean())
        rows.append(Calibration(lowest, highest, int(chosen.sum()), *shares))
    return rows


def _kinds_of_beats(record: Record, beats: Beats) -> dict[str, np.ndarray]:
    """Which detected beats are of each of `P_KINDS`; bool, shape = (n_beats,)."""
    reference = reference_beats(record)
    assert reference is not None
    found = match_beats(beats.r_peaks, reference.samples, record.sampling_rate).reference_index
    symbols = np.array(["", *reference.symbols])[found + 1]
    rhythms = np.array(["", *_rhythms(record.annotations["atr"], reference.samples)])[found + 1]
    is_fibrillation = np.isin(rhythms, ["(AFIB", "(AFL"])
    return dict(zip(P_KINDS, (symbols == "V", is_fibrillation, (symbols == "N") & (rhythms == "(N")), strict=True))


def _rhythms(annotations: Annotations, samples: np.ndarray) -> list[str]:
    """The rhythm that was announced last before each sample; empty before the first."""
    changes = [index for index, symbol in enumerate(annotations.symbols) if symbol == "+"]
    notes = ["", *(annotations.notes[index].rstrip("\0") for index in changes)]
    return [notes[place] for place in np.searchsorted(annotations.samples[changes], samples, side="right")]


def run(data: Path) -> str:
    """All tables, as Markdown; ``data`` holds ``qtdb`` and ``mitdb``."""
    cases = qtdb_cases(data / "qtdb")
    rows, seconds, failures = qtdb_rows(cases, MARKERS)
    beats, seconds_of_30_min = mitdb_p(data / "mitdb")
    return "\n\n".join(
        [
            "Mean ± SD (ms), detected (%). SD: mean of the SDs within records; in brackets that of all marks.",
            _table(rows, "all", "better", "QT Database, all records, the better lead of the two"),
            _table(rows, "all", "first", "QT Database, all records, lead 0 alone"),
            _table(rows, "all", "first of two", "QT Database, all records, lead 0 of the record of two leads"),
            _table(rows, "odd", "better", "QT Database, odd records only, the better lead of the two"),
            "Leads on which a program failed (its marks count as missed): "
            + ", ".join(f"{program} {failed} of {2 * len(cases)}" for program, failed in failures.items())
            + ". Time of one core for all leads: "
            + ", ".join(f"{program} {spent:.1f} s" for program, spent in seconds.items())
            + ".",
            _unsure_table(unsure_rows(cases)),
            _absent_table(beats),
            _calibration_table(p_calibration(data / "mitdb")),
            f"Beatlight's marks of 30 minutes at 360 Hz, on one core: median {np.median(seconds_of_30_min):.2f} s, "
            f"slowest record {max(seconds_of_30_min):.2f} s (aim: at most 1 s).",
        ]
    )


def _table(rows: Sequence[MarkRow], records: str, leads: str, title: str) -> str:
    """One line a mark, one column a program, and the published figures where they speak of the same."""
    chosen = {(row.mark, row.program): row for row in rows if (row.records, row.leads) == (records, leads)}
    published = ["Martinez et al. 2004"] if (records, leads) == ("all", "better") else []
    lines = [f"| {title} | marks | " + " | ".join([*MARKERS, *published]) + " |"]
    lines.append("| --- " * (2 + len(MARKERS) + len(published)) + "|")
    for mark in MARKS:
        cells = [_cell(chosen[mark, program]) for program in MARKERS]
        cells += [_published(mark) for _ in published]
        lines.append(f"| {mark} | {chosen[mark, 'Beatlight'].n_marks} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(row: MarkRow) -> str:
    return f"{row.mean:.1f} ± {row.deviation_in_record:.1f} ({row.deviation_of_all:.1f}), {row.found:.2f}"


def _published(mark: str) -> str:
    if mark not in MARTINEZ:
        return ""
    mean, deviation, found = MARTINEZ[mark]
    return f"{mean:.1f} ± {deviation:.1f}, {found:.2f}"


def _unsure_table(rows: Sequence[UnsureRow]) -> str:
    lines = [
        "| uncertain marks, both leads | records | uncertain (%) | SD of error, uncertain / others (ms) "
        f"| more than {FAR_MS:.0f} ms off (%) | on no wave (%) |",
        "| --- " * 6 + "|",
    ]
    for row in rows:
        pairs = [f"{unsure:.1f} / {sure:.1f}" for unsure, sure in (row.deviation, row.far, row.on_no_wave)]
        lines.append(f"| {row.mark} | {row.records} | {row.share:.1f} | " + " | ".join(pairs) + " |")
    return "\n".join(lines)


def _absent_table(rows: Sequence[AbsentP]) -> str:
    lines = ["| beats of MIT-BIH | number | with a P wave (%) | with a certain P wave (%) |", "| --- " * 4 + "|"]
    lines += [f"| {row.beats} | {row.n_beats} | {row.with_p:.2f} | {row.with_sure_p:.2f} |" for row in rows]
    return "\n".join(lines)


def _calibration_table(rows: Sequence[Calibration]) -> str:
    lines = ["| probability of P | marks | mean probability (%) | in sinus rhythm (%) |", "| --- " * 4 + "|"]
    lines += [
        f"| {row.lowest} to {row.highest} | {row.n_marks} | {100 * row.mean_probability:.1f} | {100 * row.with_p:.1f} |"
        for row in rows
    ]
    return "\n".join(lines)
