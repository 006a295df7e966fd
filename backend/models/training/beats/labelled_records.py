"""Which records of the databases have labelled beats, whose they are, and how each beat gets its label."""

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
_LEAST_LIKELIHOOD = 50.0
"""Percent; a diagnosis that PTB-XL's cardiologist gave less than this is not used as a label."""

_CPSC_LABELS = {"RBBB": "RBBB", "LBBB": "LBBB", "Normal": "normal"}


@dataclass(frozen=True)
class LabelledRecord:
    """A record of a database.

    Attributes
    ----------
    path : Path
        As ``open_record`` takes it.
    patient : str
        Database and patient: ``mitdb-201``.
    label : callable
        ``label(record, r_peaks)`` gives one label for each beat, empty where it is not known.
    """

    path: Path
    patient: str
    label: Callable[[Record, np.ndarray], Sequence[str]]


def labelled_records(data: Path, database: str) -> tuple[LabelledRecord, ...]:
    """The records of one of DATABASES whose beats have labels, by name.

    ``mitdb``: all, each beat labelled by the annotation within 150 ms of it. ``ptbxl``: those whose one diagnosis
    holds for each beat; left out are records with premature beats, incomplete blocks, other conduction delays and
    diagnoses that are less likely than 50 %. ``cpsc2018``: those with the one diagnosis RBBB, LBBB or normal; the
    database does not name patients, so that each record counts as one, and it does not tell complete blocks from
    incomplete ones. Leaving out its blocks with a QRS under 110 ms was tried: over five splits accuracy went from 82.3
    to 82.9 % and macro-F1 from 0.78 to 0.77, and RBBB in PTB-XL from 92 to 83 % of the records.

    Parameters
    ----------
    data : Path
        The folder that holds the databases.

    Raises
    ------
    RecordRefused
        If it does not hold this one.
    """
    return DATABASES[database](data / database)


def _mitdb(folder: Path) -> tuple[LabelledRecord, ...]:
    names = sorted(header.stem for header in folder.glob("*.hea"))
    if not names:
        raise RecordRefused(
            f"{folder.parent} holds no folder {folder.name} with records; give the folder that holds the databases."
        )
    return tuple(LabelledRecord(folder / name, f"mitdb-{mitdb_patient(name)}", _annotated) for name in names)


def _annotated(record: Record, r_peaks: np.ndarray) -> tuple[str, ...]:
    reference = reference_beats(record)
    if reference is None:
        return ("",) * len(r_peaks)
    return reference_labels(reference, match_beats(r_peaks, reference.samples, record.sampling_rate))


def _ptbxl(folder: Path) -> tuple[LabelledRecord, ...]:
    return tuple(
        LabelledRecord(folder / row["record"], f"ptbxl-{row['patient']}", partial(_all_alike, label))
        for row in _index(folder)
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
        return _PTBXL_LABELS[block] if float(likelihoods[block]) >= _LEAST_LIKELIHOOD else ""
    # Atrial fibrillation alone leaves the ventricular complex normal; its likelihood of 0 means "not stated".
    normal = float(likelihoods.get("NORM", 0.0)) >= _LEAST_LIKELIHOOD or "AFIB" in codes
    return "normal" if normal and not codes & _PTBXL_NOT_NORMAL and not row["pacemaker"] else ""


def _cpsc2018(folder: Path) -> tuple[LabelledRecord, ...]:
    return tuple(
        LabelledRecord(folder / name, f"cpsc2018-{name}", partial(_all_alike, _CPSC_LABELS[row["dx"]]))
        for row in _index(folder)
        if (name := row["record"]) and row["dx"] in _CPSC_LABELS
    )


def _all_alike(label: str, record: Record, r_peaks: np.ndarray) -> tuple[str, ...]:
    return (label,) * len(r_peaks)


def _index(folder: Path) -> list[dict[str, str]]:
    """The rows of a database's index, by the names of the records."""
    try:
        with (folder / "index.csv").open(newline="") as lines:
            return sorted(csv.DictReader(lines), key=lambda row: row["record"])
    except FileNotFoundError as error:
        raise RecordRefused(
            f"There is no {folder.name}/index.csv; give the folder that holds the databases."
        ) from error


DATABASES: Mapping[str, Callable[[Path], tuple[LabelledRecord, ...]]] = {
    "mitdb": _mitdb,
    "ptbxl": _ptbxl,
    "cpsc2018": _cpsc2018,
}
"""How the labelled records of each database are found in its folder."""
