"""The records of the databases with labelled beats: their patients and the labels of their beats."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from backend.models.training.splits import mitdb_patient
from backend.records.record import Record, RecordRefused
from backend.windows.beats.reference import (
    NO_BEAT,
    flutter_spans,
    in_spans,
    match_beats,
    reference_beats,
    reference_labels,
)

__all__ = ["CONDUCTED", "DATABASES", "LabelledRecord", "labelled_records"]

CONDUCTED = "conducted"
"""The label of a supraventricular beat whose conduction is not known: normal, LBBB or RBBB."""

_PTBXL_LABELS = {"CLBBB": "LBBB", "CRBBB": "RBBB", "PACE": "paced"}
_PTBXL_EXTRA_BEATS = frozenset({"PVC", "PAC", "BIGU", "TRIGU", "PRC(S)", "SVARR"})
_PTBXL_NOT_NORMAL = frozenset({"IRBBB", "ILBBB", "IVCD", "WPW"}) | frozenset(_PTBXL_LABELS) | _PTBXL_EXTRA_BEATS
_MIN_LIKELIHOOD = 50.0
"""Percent; a diagnosis to which PTB-XL's cardiologist gave a lower likelihood is not used as a label."""

_CPSC_LABELS = {"RBBB": "RBBB", "LBBB": "LBBB", "Normal": "normal"}

_CINC_LABELS = {
    "59118001": "RBBB",
    "713427006": "RBBB",
    "164909002": "LBBB",
    "733534002": "LBBB",
    "10370003": "paced",
}
"""SNOMED CT codes: (complete) right and left bundle branch block, pacing rhythm."""

_CINC_NORMAL_RHYTHMS = frozenset({"426783006", "426177001", "427084000", "427393009", "164889003"})
"""Sinus rhythm, bradycardia, tachycardia and arrhythmia; atrial fibrillation."""

_CINC_OTHER_BEATS = frozenset(
    {
        *("284470004", "63593006", "251170000", "251173003"),  # atrial premature beats, blocked or in bigeminy
        *("427172004", "17338001", "164884008", "251182009", "11157007", "251180001"),  # ventricular premature beats
        *("251187003", "426995002", "29320008", "81898007", "13640000"),  # escape beats, ectopic rhythm, fusion beats
        *("713426002", "251120003", "6374002", "698252002"),  # incomplete blocks, unspecified conduction delay
        *("74390002", "195060002"),  # pre-excitation
    }
)
"""Diagnoses that hold for some beats only, or that widen the QRS complex less than a complete block does."""

_CINC_ALTERED_QRS = frozenset(
    {
        *("445118002", "445211001"),  # fascicular blocks
        *("164865005", "54329005", "164917005", "164951009"),  # infarction, Q wave, QRS abnormal
        *("164873001", "89792004", "55827005"),  # ventricular hypertrophy
    }
)
"""Diagnoses that change the QRS complex of a beat without bundle branch block."""

_CINC_EXCLUDED = frozenset({"E07510", "Q0048"})
"""Copies, sample by sample, of E07509 and of CPSC 2018's A0101."""


@dataclass(frozen=True)
class LabelledRecord:
    """A record of a database whose beats have labels.

    Attributes
    ----------
    path : Path
        See ``open_record``.
    patient : str
        Database and patient: ``mitdb-201``.
    label : callable
        ``label(record, r_peaks)`` returns one label for each beat, empty where it is not known.
    diagnosis : str
        The label of every beat; empty where beats are annotated one by one.
    """

    path: Path
    patient: str
    label: Callable[[Record, np.ndarray], Sequence[str]]
    diagnosis: str = ""


def labelled_records(data: Path, database: str) -> tuple[LabelledRecord, ...]:
    """Return the records of a database whose beats have labels, sorted by name.

    ``mitdb``: all records; a beat has the label of the annotation within 150 ms of it. ``ptbxl``: records with a
    single diagnosis that holds for every beat; records with premature beats, incomplete blocks or other conduction
    delays are excluded, and so are diagnoses with a likelihood under 50%. ``cpsc2018``: records with the single
    diagnosis RBBB, LBBB or normal. CPSC 2018 does not identify patients, so that every record counts as one, and it
    does not distinguish complete from incomplete blocks. ``svdb``: all records; their N beats are CONDUCTED, since
    svdb does not label bundle branch block. ``cinc2021``: records with a single diagnosis that holds for every beat;
    records of PTB-XL, whose patients may be those of ``ptbxl``, and copies of other records are excluded. It does not
    identify patients either.

    A label is one of ``REFERENCE_LABELS``, NO_BEAT for a detection without a reference beat where every beat is
    annotated, or empty in ventricular flutter.

    Parameters
    ----------
    data : Path
        The folder that holds the databases.
    database : str
        One of DATABASES.

    Raises
    ------
    RecordRefused
        If the database is missing.
    """
    return DATABASES[database](data / database)


def _mitdb(folder: Path) -> tuple[LabelledRecord, ...]:
    return tuple(
        LabelledRecord(folder / name, f"mitdb-{mitdb_patient(name)}", _label_by_annotation)
        for name in _record_names(folder)
    )


def _svdb(folder: Path) -> tuple[LabelledRecord, ...]:
    return tuple(LabelledRecord(folder / name, f"svdb-{name}", _label_without_blocks) for name in _record_names(folder))


def _record_names(folder: Path) -> list[str]:
    names = sorted(header.stem for header in folder.glob("*.hea"))
    if not names:
        raise RecordRefused(
            f"{folder.parent} has no folder {folder.name} with records. Give the folder that holds the databases."
        )
    return names


def _label_by_annotation(record: Record, r_peaks: np.ndarray) -> tuple[str, ...]:
    reference = reference_beats(record)
    if reference is None:
        return ("",) * len(r_peaks)
    matching = match_beats(r_peaks, reference.samples, record.sampling_rate)
    unmatched = np.where(in_spans(r_peaks, flutter_spans(record)), "", NO_BEAT).tolist()
    return tuple(label or other for label, other in zip(reference_labels(reference, matching), unmatched, strict=True))


def _label_without_blocks(record: Record, r_peaks: np.ndarray) -> tuple[str, ...]:
    return tuple(CONDUCTED if label == "normal" else label for label in _label_by_annotation(record, r_peaks))


def _ptbxl(folder: Path) -> tuple[LabelledRecord, ...]:
    return tuple(
        _diagnosed(folder / row["record"], f"ptbxl-{row['patient']}", label)
        for row in _read_index(folder)
        if (label := _ptbxl_label(row))
    )


def _ptbxl_label(row: dict[str, str]) -> str:
    likelihoods = dict(code.rsplit(":", 1) for code in row["scp_codes"].split())
    codes = set(likelihoods)
    if row["extra_beats"] or codes & _PTBXL_EXTRA_BEATS:
        return ""
    blocks = codes & set(_PTBXL_LABELS)
    if len(blocks) == 1:
        block = blocks.pop()
        return _PTBXL_LABELS[block] if float(likelihoods[block]) >= _MIN_LIKELIHOOD else ""
    # Atrial fibrillation alone leaves the ventricular complex normal; its likelihood of 0 means "not stated".
    normal = float(likelihoods.get("NORM", 0.0)) >= _MIN_LIKELIHOOD or "AFIB" in codes
    return "normal" if normal and not codes & _PTBXL_NOT_NORMAL and not row["pacemaker"] else ""


def _cpsc2018(folder: Path) -> tuple[LabelledRecord, ...]:
    return tuple(
        _diagnosed(folder / name, f"cpsc2018-{name}", _CPSC_LABELS[row["dx"]])
        for row in _read_index(folder)
        if (name := row["record"]) and row["dx"] in _CPSC_LABELS
    )


def _cinc2021(folder: Path) -> tuple[LabelledRecord, ...]:
    return tuple(
        _diagnosed(folder / name, f"cinc2021-{name}", label)
        for row in _read_index(folder)
        if (name := row["record"]) not in _CINC_EXCLUDED
        and row["database"] != "PTB-XL"
        and (label := _cinc_label(frozenset(row["dx_snomed"].split(","))))
    )


def _cinc_label(codes: frozenset[str]) -> str:
    labels = {_CINC_LABELS[code] for code in codes & set(_CINC_LABELS)}
    if codes & _CINC_OTHER_BEATS or len(labels) > 1:
        return ""
    if labels:
        return labels.pop()
    return "normal" if codes & _CINC_NORMAL_RHYTHMS and not codes & _CINC_ALTERED_QRS else ""


def _diagnosed(path: Path, patient: str, diagnosis: str) -> LabelledRecord:
    return LabelledRecord(path, patient, partial(_same_label, diagnosis), diagnosis)


def _same_label(label: str, record: Record, r_peaks: np.ndarray) -> tuple[str, ...]:
    return (label,) * len(r_peaks)


def _read_index(folder: Path) -> list[dict[str, str]]:
    """Return the rows of a database's index, sorted by record."""
    try:
        with (folder / "index.csv").open(newline="") as lines:
            return sorted(csv.DictReader(lines), key=lambda row: row["record"])
    except FileNotFoundError as error:
        raise RecordRefused(
            f"{folder.parent} has no {folder.name}/index.csv. Give the folder that holds the databases."
        ) from error


DATABASES: Mapping[str, Callable[[Path], tuple[LabelledRecord, ...]]] = {
    "mitdb": _mitdb,
    "ptbxl": _ptbxl,
    "cpsc2018": _cpsc2018,
    "svdb": _svdb,
    "cinc2021": _cinc2021,
}
"""Functions that list the labelled records in a database's folder, by its name."""
