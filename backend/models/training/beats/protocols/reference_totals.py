"""How many beats the references of the databases hold, whether they are detected or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.models.training.beats.labelled_records import labelled_records
from backend.records.opening import open_record
from backend.windows.beats.reference import reference_beats

__all__ = ["BEAT_BY_BEAT", "ReferenceTotals"]

BEAT_BY_BEAT = ("mitdb", "svdb")
"""The databases whose beats are annotated one by one; in the others a label holds for the whole record."""


@dataclass(frozen=True)
class ReferenceTotals:
    """What the references of the databases hold.

    Attributes
    ----------
    patients : mapping of record to patient
    beats : mapping of record to mapping of label to int
        Annotated beats, of the databases that are annotated beat by beat.
    diagnoses : mapping of record to label
        Of the other databases.
    """

    patients: Mapping[str, str]
    beats: Mapping[str, Mapping[str, int]]
    diagnoses: Mapping[str, str]

    @classmethod
    def read(cls, data: Path, databases: Sequence[str]) -> "ReferenceTotals":
        """Read the references of some databases.

        Raises
        ------
        RecordRefused
            If a database is missing from ``data``.
        """
        patients: dict[str, str] = {}
        beats: dict[str, Mapping[str, int]] = {}
        diagnoses: dict[str, str] = {}
        for database in databases:
            for labelled in labelled_records(data, database):
                name = labelled.path.stem
                patients[name] = labelled.patient
                if database not in BEAT_BY_BEAT:
                    diagnoses[name] = labelled.diagnosis
                    continue
                record = open_record(labelled.path)
                reference = reference_beats(record)
                labels = () if reference is None else labelled.label(record, reference.samples)
                names, counts = np.unique(np.array(labels, dtype=str), return_counts=True)
                beats[name] = {str(label): int(count) for label, count in zip(names, counts, strict=True) if label}
        return cls(patients, beats, diagnoses)
