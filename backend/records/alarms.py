"""Bedside alarms: which alarm sounded when, and whether it was true."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.records.record import Annotations, Record, RecordRefused

__all__ = [
    "ALARM_ANNOTATOR",
    "ALARM_KINDS",
    "Alarm",
    "annotate_alarms",
    "find_alarms",
    "parse_alarm",
    "parse_challenge_header",
]

ALARM_KINDS = (
    "asystole",
    "bradycardia",
    "tachycardia",
    "ventricular tachycardia",
    "ventricular flutter or fibrillation",
)
"""The five alarms of the PhysioNet challenge 2015."""

ALARM_ANNOTATOR = "alarm"

_TRUE, _FALSE = "true alarm", "false alarm"

_KIND_OF_COMMENT = {kind: kind for kind in ALARM_KINDS} | {"ventricular flutter fib": ALARM_KINDS[4]}
_KIND_OF_LETTER = dict(zip("abtvf", ALARM_KINDS, strict=True))
_CHALLENGE_NAME = re.compile(r"([abtvf])\d+[ls]")
_ALARM_S = 300.0


@dataclass(frozen=True)
class Alarm:
    """One alarm of a bedside monitor.

    Attributes
    ----------
    kind : str
        One of `ALARM_KINDS`.
    sample : int
        The alarm time, as a sample of the record.
    is_true : bool or None
        The reference; None where it is not known.
    """

    kind: str
    sample: int
    is_true: bool | None = None


def find_alarms(record: Record) -> tuple[Alarm, ...]:
    """Return the alarms in a record's annotations, ordered by time.

    An alarm is an annotation of the annotator ``alarm`` or of an EDF+ file whose text is one of `ALARM_KINDS`, alone
    or followed by ``, true alarm`` or ``, false alarm``.
    """
    alarms = []
    for annotator in (ALARM_ANNOTATOR, "edf"):
        marks = record.annotations.get(annotator)
        for sample, note in zip(marks.samples.tolist(), marks.notes, strict=True) if marks else ():
            kind, _, truth = (part.strip() for part in _normalise(note).partition(","))
            if kind in _KIND_OF_COMMENT and truth in ("", _TRUE, _FALSE):
                alarms.append(Alarm(_KIND_OF_COMMENT[kind], sample, {_TRUE: True, _FALSE: False}.get(truth)))
    return tuple(sorted(alarms, key=lambda alarm: alarm.sample))


def annotate_alarms(alarms: Sequence[Alarm]) -> Annotations:
    """Return alarms as annotations of a record, in the form that `find_alarms` reads."""
    endings = {True: f", {_TRUE}", False: f", {_FALSE}", None: ""}
    return Annotations(
        samples=np.array([alarm.sample for alarm in alarms], dtype=np.int64),
        symbols=('"',) * len(alarms),
        notes=tuple(alarm.kind + endings[alarm.is_true] for alarm in alarms),
    )


def parse_alarm(record: Record, kind: str, at_s: float | None = None) -> Alarm:
    """Return the alarm of a record that a user specifies by its kind and time.

    Parameters
    ----------
    record : Record
    kind : str
        One of `ALARM_KINDS`, in any case, with spaces or underscores.
    at_s : float, optional
        The alarm time in seconds; the end of the record by default.

    Raises
    ------
    RecordRefused
        If the kind is unknown or the time lies outside the record.
    """
    known = _KIND_OF_COMMENT.get(_normalise(kind))
    if known is None:
        raise RecordRefused(f"Unknown alarm {kind!r}. Choose one of {', '.join(ALARM_KINDS)}.")
    last = len(record.signals) - 1
    at_sample = last if at_s is None else at_s * record.sampling_rate
    if not math.isfinite(at_sample) or not 0 <= round(at_sample) <= last:
        raise RecordRefused(
            f"The alarm time {at_s:g} s lies outside {record.name}, which lasts {record.duration_s:g} s. "
            "Choose a time within the record."
        )
    return Alarm(known, round(at_sample))


def parse_challenge_header(
    name: str, comments: Sequence[str], n_samples: int, sampling_rate: float
) -> dict[str, Annotations]:
    """Return the alarm in a header of the PhysioNet challenge 2015, as annotations of the annotator ``alarm``.

    Without a comment that names the kind, the record's name gives it: a, b, t, v or f, a number, and l or s. The alarm
    time is 5:00, or the last sample of a shorter record.

    Parameters
    ----------
    name : str
        The record's name.
    comments : sequence of str
        Comments of the header, without the ``#``.
    n_samples : int
    sampling_rate : float
        Hz.

    Returns
    -------
    dict of str to Annotations
        Empty for a record without an alarm.

    References
    ----------
    G. D. Clifford et al., "The PhysioNet/Computing in Cardiology Challenge 2015: reducing false arrhythmia alarms in
    the ICU", Computing in Cardiology 42:273-276, 2015.
    """
    normalised = [_normalise(comment) for comment in comments]
    name_match = _CHALLENGE_NAME.fullmatch(name.casefold())
    kinds = [_KIND_OF_COMMENT[comment] for comment in normalised if comment in _KIND_OF_COMMENT]
    kinds += [_KIND_OF_LETTER[name_match[1]]] if name_match else []
    if not kinds:
        return {}
    truths = [comment == _TRUE for comment in normalised if comment in (_TRUE, _FALSE)]
    sample = min(n_samples, round(_ALARM_S * sampling_rate)) - 1
    return {ALARM_ANNOTATOR: annotate_alarms([Alarm(kinds[0], sample, truths[0] if truths else None)])}


def _normalise(comment: str) -> str:
    return " ".join(comment.casefold().replace("_", " ").split())
