"""The records of the databases with labelled beats: their patients and the labels of their beats."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from backend.models.training.splits import mitdb_patient
from backend.records.record import Record, RecordRefused
from backend.windows.beats.reference import match_beats, reference_beats, reference_labels

__all__ = ["DATABASES", "LabelledRecord", "labelled_records"]

_PTBXL_LABELS = {"CLBBB": "LBBB", "CRBBB": "RBBB", "PACE": "paced"}
_PTBXL_EXTRA_BEATS = frozenset({"PVC", "PAC", "BIGU", "TRIGU", "PRC(S)", "SVARR"})
_PTBXL_NOT_NORMAL = frozenset({"IRBBB", "ILBBB", "IVCD", "WPW"}) | frozenset(_PTBXL_LABELS) | _PTBXL_EXTRA_BEATS
_MIN_LIKELIHOOD = 50.0
"""Percent; a diagnosis to which PTB-XL's cardiologist gave a lower likelihood is not used as a label."""

_CPSC_LABELS = {"RBBB": "RBBB", "LBBB": "LBBB", "Normal": "normal"}


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
    """

    path: Path
    patient: str
    label: Callable[[Record, np.ndarray], Sequence[str]]


def labelled_records(data: Path, database: str) -> tuple[LabelledRecord, ...]:
    """Return the records of a database whose beats have labels, sorted by name.

    ``mitdb``: all records; a beat has the label of the annotation within 150 ms of it. ``ptbxl``: records with a
    single diagnosis that holds for every beat; records with premature beats, incomplete blocks or other conduction
    delays are excluded, and so are diagnoses with a likelihood under 50%. ``cpsc2018``: records with the single
    diagnosis RBBB, LBBB or normal. CPSC 2018 does not identify patients, so that every record counts as one, and it
    does not distinguish complete from incomplete blocks.

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
    names = sorted(header.stem for header in folder.glob("*.hea"))
    if not names:
        raise RecordRefused(
            f"{folder.parent} has no folder {folder.name} with records. Give the folder that holds the databases."
        )
    return tuple(LabelledRecord(folder / name, f"mitdb-{mitdb_patient(name)}", _label_by_annotation) for name in names)


def _label_by_annotation(record: Record, r_peaks: np.ndarray) -> tuple[str, ...]:
    reference = reference_beats(record)
    if reference is None:
        return ("",) * len(r_peaks)
    return reference_labels(reference, match_beats(r_peaks, reference.samples, record.sampling_rate))


def _ptbxl(folder: Path) -> tuple[LabelledRecord, ...]:
    return tuple(
        LabelledRecord(folder / row["record"], f"ptbxl-{row['patient']}", partial(_same_label, label))
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
        LabelledRecord(folder / name, f"cpsc2018-{name}", partial(_same_label, _CPSC_LABELS[row["dx"]]))
        for row in _read_index(folder)
        if (name := row["record"]) and row["dx"] in _CPSC_LABELS
    )


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
}
"""Functions that list the labelled records in a database's folder, by its name."""
