"""Bedside alarms: which sensors a record holds, and which alarm sounded when."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.records.channels.leads import bare_lead, is_ecg_lead
from backend.records.channels.units import millivolts_per
from backend.records.record import Annotations, Channel, Record, RecordRefused

__all__ = [
    "ALARM_ANNOTATOR",
    "ALARM_KINDS",
    "ECG_SENSORS",
    "SENSORS",
    "Alarm",
    "alarm_annotations",
    "alarm_marks",
    "alarm_named",
    "alarms_of",
    "has_alarm_sensors",
    "is_arterial_pressure",
    "is_circulation",
    "sensors",
]

ALARM_KINDS = (
    "asystole",
    "bradycardia",
    "tachycardia",
    "ventricular tachycardia",
    "ventricular flutter or fibrillation",
)
"""The five alarms of the PhysioNet challenge 2015, in plain words."""

ALARM_ANNOTATOR = "alarm"

ECG_SENSORS = ("ECG 1", "ECG 2")
SENSORS = (*ECG_SENSORS, "ABP", "PLETH", "RESP")
"""What an alarm is judged from: two ECG leads, arterial pressure, the pulse at the finger, breathing."""

_TRUE, _FALSE = "true alarm", "false alarm"

_KIND_OF_COMMENT = {kind: kind for kind in ALARM_KINDS} | {"ventricular flutter fib": ALARM_KINDS[4]}
_KIND_OF_LETTER = dict(zip("abtvf", ALARM_KINDS, strict=True))
_CHALLENGE_NAME = re.compile(r"([abtvf])\d+[ls]")
_ALARM_S = 300.0

_NAMES = {
    # Not the numbers that monitors write beside the wave: systolic, mean and diastolic pressure.
    "ABP": re.compile(r"(?!.*(?:sys|mean|dia(?!l)))(?:abp.*|art(?!if).*|i?bp\d*|[uf]ap|aop?)"),
    "PLETH": re.compile(r".*pleth.*|.*ppg.*|spo2.*"),
    "RESP": re.compile(r".*resp.*|imp.*|thor.*|abdo.*"),
}
_SATURATION_UNIT = "%"
# The monitor's own first choice; a chest lead is the second, as it sees the heart from another side.
_FIRST_LEADS = ("ii", "mlii", "i", "iii", "avf", "avl", "avr")
_SECOND_LEADS = ("v", "v1", "mcl", "mcl1", "v5", "v2", "v4", "v3", "v6", "iii", "i")


@dataclass(frozen=True)
class Alarm:
    """One alarm of a bedside monitor.

    Attributes
    ----------
    kind : str
        One of `ALARM_KINDS`.
    sample : int
        The sample of the record at which it sounds.
    is_true : bool or None
        What the reference says; None where nobody has said it.
    """

    kind: str
    sample: int
    is_true: bool | None = None


def alarms_of(record: Record) -> tuple[Alarm, ...]:
    """The alarms that the record's annotations tell of, in their order.

    They are the marks of the annotator ``alarm``, and those of EDF+, whose note names one of `ALARM_KINDS`, alone or
    followed by ``, true alarm`` or ``, false alarm``.
    """
    found = []
    for annotator in (ALARM_ANNOTATOR, "edf"):
        marks = record.annotations.get(annotator)
        if marks is not None:
            told = zip(marks.samples.tolist(), marks.notes, strict=True)
            found += [alarm for sample, note in told if (alarm := _alarm_in(note, sample)) is not None]
    return tuple(sorted(found, key=lambda alarm: alarm.sample))


def _alarm_in(note: str, sample: int) -> Alarm | None:
    kind, _, truth = (part.strip() for part in _plain(note).partition(","))
    if kind not in _KIND_OF_COMMENT or truth not in ("", _TRUE, _FALSE):
        return None
    return Alarm(_KIND_OF_COMMENT[kind], sample, {_TRUE: True, _FALSE: False}.get(truth))


def alarm_marks(alarms: Sequence[Alarm]) -> Annotations:
    """The alarms as a record's annotations, which `alarms_of` reads back."""
    ends = {True: f", {_TRUE}", False: f", {_FALSE}", None: ""}
    return Annotations(
        samples=np.array([alarm.sample for alarm in alarms], dtype=np.int64),
        symbols=('"',) * len(alarms),
        notes=tuple(alarm.kind + ends[alarm.is_true] for alarm in alarms),
    )


def alarm_named(record: Record, kind: str, at_s: float | None = None) -> Alarm:
    """The alarm that a person tells of.

    Parameters
    ----------
    kind : str
        One of `ALARM_KINDS`, in whatever case, with spaces or underscores.
    at_s : float, optional
        Seconds of the record at which it sounded; at the record's end when not given.

    Raises
    ------
    RecordRefused
        If there is no such kind, or the record does not last that long.
    """
    known = _KIND_OF_COMMENT.get(_plain(kind))
    if known is None:
        raise RecordRefused(f"There is no alarm {kind!r}; choose one of {', '.join(ALARM_KINDS)}.")
    last = len(record.signals) - 1
    at_sample = last if at_s is None else at_s * record.sampling_rate
    if not math.isfinite(at_sample) or not 0 <= round(at_sample) <= last:
        raise RecordRefused(
            f"{record.name} lasts {record.duration_s:g} s, so that no alarm can have sounded at {at_s:g} s; give a "
            "second within it."
        )
    return Alarm(known, round(at_sample))


def has_alarm_sensors(record: Record) -> bool:
    """Whether there is an ECG lead and arterial pressure, pulse or breathing beside it."""
    found = sensors(record)
    return found["ECG 1"] is not None and any(found[sensor] is not None for sensor in ("ABP", "PLETH", "RESP"))


def alarm_annotations(
    name: str, comments: Sequence[str], n_samples: int, sampling_rate: float
) -> dict[str, Annotations]:
    """What a header of the PhysioNet challenge 2015 says of its record's alarm, as the annotator ``alarm``.

    Where no comment names the kind, the record's name does: a, b, t, v or f, a number, and l or s. The alarm sounds
    at 5:00, or at the last sample of a record that is shorter.

    Parameters
    ----------
    name : str
        The record's.
    comments : sequence of str
        Of the header, without the ``#``.
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
    plain = [_plain(comment) for comment in comments]
    by_name = _CHALLENGE_NAME.fullmatch(name.casefold())
    kinds = [_KIND_OF_COMMENT[comment] for comment in plain if comment in _KIND_OF_COMMENT]
    kinds += [_KIND_OF_LETTER[by_name[1]]] if by_name else []
    if not kinds:
        return {}
    truths = [comment == _TRUE for comment in plain if comment in (_TRUE, _FALSE)]
    sample = min(n_samples, round(_ALARM_S * sampling_rate)) - 1
    return {ALARM_ANNOTATOR: alarm_marks([Alarm(kinds[0], sample, truths[0] if truths else None)])}


def _plain(comment: str) -> str:
    return " ".join(comment.casefold().replace("_", " ").split())


def sensors(record: Record) -> Mapping[str, int | None]:
    """The channel of each of `SENSORS`, as its position in ``record.channels``; None for a sensor that is missing.

    Of several ECG leads ``ECG 1`` is II or the limb lead likest to it, and ``ECG 2`` a chest lead, if there is one;
    whether they hold anything makes no difference.
    """
    leads = [index for index, channel in enumerate(record.channels) if is_ecg_lead(channel)]
    first = _likest(record, leads, _FIRST_LEADS)
    second = _likest(record, [index for index in leads if index != first], _SECOND_LEADS)
    found = dict(zip(ECG_SENSORS, (first, second), strict=True))
    others = {
        sensor: next((index for index, channel in enumerate(record.channels) if _is(sensor, channel)), None)
        for sensor in _NAMES
    }
    return found | others


def _likest(record: Record, leads: Sequence[int], order: tuple[str, ...]) -> int | None:
    ranks = {name: rank for rank, name in enumerate(order)}
    return min(leads, key=lambda index: ranks.get(bare_lead(record.channels[index].name), len(order)), default=None)


def is_arterial_pressure(channel: Channel) -> bool:
    """Whether a channel is the wave of the arterial pressure; nobody says what one in volts means in mmHg."""
    return _is("ABP", channel)


def is_circulation(channel: Channel) -> bool:
    """Whether a channel shows the pulse without the ECG: arterial pressure or the pulse at the finger."""
    return is_arterial_pressure(channel) or _is("PLETH", channel)


def _is(sensor: str, channel: Channel) -> bool:
    if is_ecg_lead(channel) or channel.unit.strip() == _SATURATION_UNIT:
        return False
    if sensor == "ABP" and millivolts_per(channel.unit):
        return False
    return _NAMES[sensor].fullmatch(re.sub(r"[\s._:()/-]+", "", channel.name.casefold())) is not None
