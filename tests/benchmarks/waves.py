"""How near the wave marks come to a cardiologist's, beside NeuroKit2's, and where they rightly stay away.

The QT Database is scored as in the literature (Martinez et al. 2004): each mark against the first cardiologist's, on
the lead of the two on which it comes nearer, as the cardiologist looked at both; mean error of all marks, the mean over
the records of the standard deviation within a record, and the share of the cardiologist's marks that have one within
0.3 s. The same on the first lead alone, where no lead is chosen after the fact. The program's figures were chosen on
the records with an even index: the odd ones stand apart.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.records.opening import open_record
from backend.records.record import Annotations, Record
from backend.windows.detection import Beats, find_beats
from backend.windows.reference import match_beats, reference_beats
from backend.windows.waves import find_waves

__all__ = ["AbsentP", "MarkRow", "absent_p", "marked_beats", "ours", "qtdb_rows", "run"]

MARKS = ("p_onset", "p_peak", "p_end", "qrs_onset", "qrs_end", "t_peak", "t_end")
FARTHEST_MS = 300.0
"""A mark farther away than this is another wave's."""

NEUROKIT_MARKS = {
    "p_onset": "ECG_P_Onsets",
    "p_peak": "ECG_P_Peaks",
    "p_end": "ECG_P_Offsets",
    "qrs_onset": "ECG_R_Onsets",
    "qrs_end": "ECG_R_Offsets",
    "t_peak": "ECG_T_Peaks",
    "t_end": "ECG_T_Offsets",
}

Marker = Callable[[Record, Beats], dict[str, np.ndarray]]


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
class AbsentP:
    """The share (per cent) of one kind of beat in mitdb that was given a P wave."""

    beats: str
    with_p: float
    n_beats: int


@dataclass(frozen=True, eq=False)
class _Errors:
    """Errors in ms of one record's marks, shape = (2 leads, n_marks), NaN where the program has none."""

    by_mark: dict[str, np.ndarray]
    is_odd: bool


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


def ours(record: Record, beats: Beats) -> dict[str, np.ndarray]:
    waves = find_waves(record, beats)
    return {mark: getattr(waves, mark) for mark in MARKS}


def neurokit(record: Record, beats: Beats) -> dict[str, np.ndarray]:
    """NeuroKit2's prominence method on its own cleaned signal, with the same R peaks."""
    import neurokit2

    samples = np.nan_to_num(record.signals[:, record.channel_index(beats.lead)].astype(np.float64))
    rate = int(record.sampling_rate)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cleaned = neurokit2.ecg_clean(samples, sampling_rate=rate)
            _, found = neurokit2.ecg_delineate(cleaned, beats.r_peaks, sampling_rate=rate, method="prominence")
    except (ValueError, IndexError, ZeroDivisionError, TypeError):
        return {mark: np.full(len(beats.r_peaks), np.nan) for mark in MARKS}
    return {mark: _of_beats(found[key], mark, beats.r_peaks) for mark, key in NEUROKIT_MARKS.items()}


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


MARKERS: dict[str, Marker] = {"Beatlight": ours, "NeuroKit2 prominence": neurokit}


def qtdb_rows(folder: Path, markers: dict[str, Marker]) -> tuple[list[MarkRow], dict[str, float]]:
    """Each program on every record of the QT Database, and the seconds that it took."""
    errors: dict[str, list[_Errors]] = {program: [] for program in markers}
    seconds = dict.fromkeys(errors, 0.0)
    for index, name in enumerate((folder / "RECORDS").read_text().split()):
        record = open_record(folder / name)
        reference = marked_beats(record.annotations["qca"])
        leads = [find_beats(record, channel.name) for channel in record.channels]
        for program, marker in markers.items():
            start = time.perf_counter()
            found = [marker(record, beats) for beats in leads]
            seconds[program] += time.perf_counter() - start
            by_mark = {mark: _errors(record, reference, leads, found, mark) for mark in MARKS}
            errors[program].append(_Errors(by_mark, index % 2 == 1))
    rows = [
        _row(program, records, leads, mark, chosen)
        for records in ("odd", "all")
        for leads in ("better", "first")
        for mark in MARKS
        for program, of_program in errors.items()
        for chosen in [[one for one in of_program if one.is_odd or records == "all"]]
    ]
    return rows, seconds


def _errors(
    record: Record, reference: list[dict[str, int]], leads: list[Beats], found: list[dict[str, np.ndarray]], mark: str
) -> np.ndarray:
    marked = [beat for beat in reference if mark in beat]
    r_peaks = np.array([beat["r_peak"] for beat in marked])
    truth = np.array([beat[mark] for beat in marked], dtype=np.float64)
    errors = np.full((len(leads), len(marked)), np.nan)
    for row, (beats, marks) in enumerate(zip(leads, found, strict=True)):
        beat_of_found = match_beats(beats.r_peaks, r_peaks, record.sampling_rate).reference_of_found
        matched = beat_of_found >= 0
        errors[row, beat_of_found[matched]] = marks[mark][matched]
    errors = (errors - truth) * 1000 / record.sampling_rate
    return np.where(np.abs(errors) <= FARTHEST_MS, errors, np.nan)


def _row(program: str, records: str, leads: str, mark: str, errors: list[_Errors]) -> MarkRow:
    chosen = [_better(one.by_mark[mark]) if leads == "better" else one.by_mark[mark][0] for one in errors]
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
    """Of each mark the smaller of the leads' errors."""
    nearest = np.where(np.isnan(errors), np.inf, np.abs(errors)).argmin(axis=0)
    return errors[nearest, np.arange(errors.shape[1])]


def absent_p(folder: Path) -> list[AbsentP]:
    """How many beats of mitdb are given a P: those of sinus rhythm should, PVCs and those in AFIB or AFL should not."""
    given: dict[str, list[np.ndarray]] = {"V": [], "in AFIB or AFL": [], "N in sinus rhythm": []}
    for header in sorted(folder.glob("*.hea")):
        record = open_record(header.with_suffix(""))
        reference = reference_beats(record)
        beats = find_beats(record)
        if reference is None:
            continue
        matching = match_beats(beats.r_peaks, reference.samples, record.sampling_rate)
        has_p = ~np.isnan(find_waves(record, beats).p_peak)
        found = matching.reference_of_found
        symbols = np.array(["", *reference.symbols])[found + 1]
        rhythms = np.array(["", *_rhythms(record.annotations["atr"], reference.samples)])[found + 1]
        given["V"].append(has_p[symbols == "V"])
        given["in AFIB or AFL"].append(has_p[np.isin(rhythms, ["(AFIB", "(AFL"])])
        given["N in sinus rhythm"].append(has_p[(symbols == "N") & (rhythms == "(N")])
    together = {beats: np.concatenate(one) for beats, one in given.items()}
    return [AbsentP(beats, 100 * float(has_p.mean()), len(has_p)) for beats, has_p in together.items()]


def _rhythms(annotations: Annotations, samples: np.ndarray) -> list[str]:
    """The rhythm that was announced last before each sample; empty before the first."""
    changes = [index for index, symbol in enumerate(annotations.symbols) if symbol == "+"]
    notes = ["", *(annotations.notes[index].rstrip("\0") for index in changes)]
    return [notes[place] for place in np.searchsorted(annotations.samples[changes], samples, side="right")]


def run(data: Path) -> str:
    """Both tables, as Markdown; ``data`` holds ``qtdb`` and ``mitdb``."""
    marks, seconds = qtdb_rows(data / "qtdb", MARKERS)
    lines = ["| records | lead | mark | program | mean (ms) | SD in a record | SD of all | found (%) | marks |"]
    lines.append("| --- " * 9 + "|")
    for row in marks:
        lines.append(
            f"| {row.records} | {row.leads} | {row.mark} | {row.program} | {row.mean:.1f} | "
            f"{row.deviation_in_record:.1f} | {row.deviation_of_all:.1f} | {row.found:.1f} | {row.n_marks} |"
        )
    spent = ", ".join(f"{program} {of_program:.1f} s" for program, of_program in seconds.items())
    lines += ["", f"Time for both leads of all records: {spent}.", "", "| beats of mitdb | given a P (%) | beats |"]
    lines.append("| --- " * 3 + "|")
    lines += [f"| {kind.beats} | {kind.with_p:.1f} | {kind.n_beats} |" for kind in absent_p(data / "mitdb")]
    return "\n".join(lines)
