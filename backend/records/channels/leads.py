"""Which signals of a record are ECG leads, and which of them to read first."""

import re
from collections.abc import Iterable

import numpy as np

from backend.records.channels.units import millivolts_per
from backend.records.record import Channel, Record, RecordRefused
from backend.records.stays import is_stay

__all__ = ["bare_lead", "choose_lead", "ecg_leads", "is_ecg_lead"]

_UNSTATED = {"", "adu", "au", "a.u.", "nu", "n/a", "none", "unknown", "?", "-"}

_ECG_NAME = re.compile(
    r"(ecg|ekg).*|lead.*"
    r"|(ml|mod)?(i|ii|iii)|av[rlf]|d(i|ii|iii|\d)"
    r"|(mod)?v\d{0,2}r?|v\d-v\d|v[xyz]|mcl\d?|m[lv]\d|c[mcsbhr]\d"
)
_OTHER_NAME = re.compile(
    r".*(eeg|eog|emg|egg|eda|gsr|ppg|pleth|spo2|sao2|resp|abp|nibp|temp|accel|gyro|snore|flow|thor|abdo|annotation).*"
    r"|(art|bp|cvp|pap|icp|rap|lap|uap|fap|pat|co2|etco2|hr|pr|pulse|event|marker|status|trig).*"
    r"|acc[xyz]?|chin\d?.*|leg.*|roc|loc|[ab]p"
    # Electrodes of the ten-twenty system, alone or against a reference: Fp1, C3-A2, O2, Cz.
    r"|(fp|af|fc|ft|cp|tp|po|[fctpo])(z|\d{1,2})(-?[amtfcpo]+[z\d]*)?|[am][12]"
)

# II first, as the models' training leads; then those in which the heart's axis points the same way.
_FIRST_CHOICE = ("MLII", "II", "DII", "D2", "I", "MLI", "V5", "ML5", "CM5", "CC5", "V4", "V6", "ECG", "EKG", "ECG1")


def is_ecg_lead(channel: Channel) -> bool:
    """Tell an ECG lead from other signals, by its name first and by its unit where the name says nothing.

    A name that the field uses for leads (``MLII``, ``Lead II``, ``mod.V1``, ``aVR``, ``ECG1``, ...) is a lead unless
    its unit is of something else (mmHg); a name known for something else (``ABP``, ``EEG C3-A2``, ``RESP``) is not;
    any other name is a lead if it is measured in volts.
    """
    is_potential = millivolts_per(channel.unit) is not None
    name = _folded(channel.name)
    if not is_potential and channel.unit.strip().casefold() not in _UNSTATED:
        return False
    if _ECG_NAME.fullmatch(name) or _ECG_NAME.fullmatch(bare_lead(channel.name)):
        return True
    return is_potential and not _OTHER_NAME.fullmatch(name)


def ecg_leads(record: Record) -> tuple[str, ...]:
    """Names of the record's ECG leads, in the record's order."""
    return tuple(channel.name for channel in record.channels if is_ecg_lead(channel))


def choose_lead(record: Record, wanted: str | None = None) -> str:
    """Choose the ECG lead to work on: the one asked for, else MLII or II, else the likest to them.

    Parameters
    ----------
    wanted : str, optional
        Name of a lead, in whatever case; ``II`` also finds ``Lead II`` and ``ECG II``.

    Returns
    -------
    str
        The lead's name as the record writes it.

    Raises
    ------
    RecordRefused
        If the record has no such ECG lead; the message names those it has.
    """
    if is_stay(record):
        raise RecordRefused(
            f"{record.name} is an ICU stay (charted values) and has no ECG; choose a record with an ECG, "
            f"or read the stay with the model icu-mortality."
        )
    leads = ecg_leads(record)
    if wanted is not None:
        return _found(record, leads, wanted)
    if not leads:
        raise RecordRefused(f"{record.name} has no ECG lead; choose a record with an ECG.")
    living = [lead for lead in leads if _lives(record, lead)]
    return _preferred(living or leads, _FIRST_CHOICE)


def _found(record: Record, leads: Iterable[str], wanted: str) -> str:
    exact = [lead for lead in leads if lead.casefold() == wanted.strip().casefold()]
    alike = [lead for lead in leads if bare_lead(lead) == bare_lead(wanted)]
    if not exact + alike:
        raise RecordRefused(f"{record.name} has no ECG lead {wanted!r}; choose one of {', '.join(leads)}.")
    return (exact + alike)[0]


def _preferred(leads: Iterable[str], order: tuple[str, ...]) -> str:
    """The lead that comes first in ``order``; among those not in it, the first of the record."""
    ranks = {bare_lead(name): rank for rank, name in reversed(list(enumerate(order)))}
    return min(leads, key=lambda lead: ranks.get(bare_lead(lead), len(order)))


def _lives(record: Record, lead: str) -> bool:
    signal = record.signals[:, record.channel_index(lead)]
    return bool(np.fmax.reduce(signal) > np.fmin.reduce(signal))


def _folded(name: str) -> str:
    """The name without case, blanks and punctuation: ``mod.V1`` is ``modv1``."""
    return re.sub(r"[\s._:()]+", "", name.casefold())


def bare_lead(name: str) -> str:
    """The lead in a longer name: ``Lead II``, ``ECG-II`` and ``II`` are all ``ii``, ``ECG1`` stays."""
    return re.sub(r"^((ecg|ekg|lead)-?)+(?=[a-z])", "", _folded(name))
