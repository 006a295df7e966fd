"""What became of every beat of some records: right, wrong, missed, or detected without being a beat."""

from collections.abc import Collection

import numpy as np

from backend.models.metrics.beat_metrics import MISSED, Outcomes
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.beats.protocols.reference_totals import ReferenceTotals

__all__ = ["beat_outcomes", "record_outcomes"]


def beat_outcomes(
    beats: LabelledBeats, predicted: np.ndarray, totals: ReferenceTotals, records: Collection[str]
) -> Outcomes:
    """Return one outcome for each reference beat and each detection of some records.

    Parameters
    ----------
    beats : LabelledBeats
        All windows of these records, whatever their label; others are ignored.
    predicted : array of str, shape = (n,)
    totals : ReferenceTotals
        An annotated beat beyond the windows of its label and record is missed.
    records : collection of str
        Of databases that are annotated beat by beat.
    """
    is_own = np.isin(beats.records, list(records))
    reference, found, names = beats.labels[is_own], predicted[is_own], beats.records[is_own]
    missed_labels: list[str] = []
    missed_records: list[str] = []
    for record in sorted(records):
        for label, total in sorted(totals.beats[record].items()):
            n_missed = total - int(np.sum((names == record) & (reference == label)))
            missed_labels += [label] * n_missed
            missed_records += [record] * n_missed
    all_records = np.concatenate([names.astype(str), np.array(missed_records, dtype=str)])
    return Outcomes(
        reference=np.concatenate([reference.astype(str), np.array(missed_labels, dtype=str)]),
        predicted=np.concatenate([found.astype(str), np.full(len(missed_labels), MISSED)]),
        patients=np.array([totals.patients[record] for record in all_records.tolist()], dtype=str),
        records=all_records,
    )


def record_outcomes(
    beats: LabelledBeats, predicted: np.ndarray, totals: ReferenceTotals, records: Collection[str]
) -> Outcomes:
    """Return one outcome for each of some records: its diagnosis and the most frequent prediction over its beats.

    A record without a window is MISSED.

    Parameters
    ----------
    beats : LabelledBeats
        All windows of these records; others are ignored.
    predicted : array of str, shape = (n,)
    totals : ReferenceTotals
    records : collection of str
        Of databases whose labels hold for the whole record.
    """
    names = sorted(records)
    frequent = []
    for record in names:
        labels, counts = np.unique(predicted[beats.records == record], return_counts=True)
        frequent.append(str(labels[counts.argmax()]) if len(labels) else MISSED)
    return Outcomes(
        reference=np.array([totals.diagnoses[record] for record in names], dtype=str),
        predicted=np.array(frequent, dtype=str),
        patients=np.array([totals.patients[record] for record in names], dtype=str),
        records=np.array(names, dtype=str),
    )
