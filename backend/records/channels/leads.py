"""Which channels of a record are ECG leads, and which lead to use by default."""

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

# II first, as in the training of the models; then leads with a similar axis.
_FIRST_CHOICE = ("MLII", "II", "DII", "D2", "I", "MLI", "V5", "ML5", "CM5", "CC5", "V4", "V6", "ECG", "EKG", "ECG1")


def is_ecg_lead(channel: Channel) -> bool:
    """Return whether a channel is an ECG lead, by its name or, if the name is unknown, by its unit.

    A usual lead name (``MLII``, ``Lead II``, ``mod.V1``, ``aVR``, ``ECG1``, ...) is a lead unless its unit is not a
    potential (mmHg). A name of another signal (``ABP``, ``EEG C3-A2``, ``RESP``) is not. Any other name is a lead if
    its unit is a potential.
    """
    is_potential = millivolts_per(channel.unit) is not None
    name = _folded(channel.name)
    if not is_potential and channel.unit.strip().casefold() not in _UNSTATED:
        return False
    if _ECG_NAME.fullmatch(name) or _ECG_NAME.fullmatch(bare_lead(channel.name)):
        return True
    return is_potential and not _OTHER_NAME.fullmatch(name)


def ecg_leads(record: Record) -> tuple[str, ...]:
    """Return the names of the ECG leads of a record, in its order."""
    return tuple(channel.name for channel in record.channels if is_ecg_lead(channel))


def choose_lead(record: Record, wanted: str | None = None) -> str:
    """Return the requested ECG lead, by default MLII or II, else the most similar one.

    Parameters
    ----------
    wanted : str, optional
        Name of a lead in any case; ``II`` also matches ``Lead II`` and ``ECG II``.

    Returns
    -------
    str
        The lead's name as the record writes it.

    Raises
    ------
    RecordRefused
        If the record has no such ECG lead; the message lists its leads.
    """
    if is_stay(record):
        raise RecordRefused(
            f"{record.name} is an ICU stay (charted values) and has no ECG. "
            "Choose a record with an ECG, or the model icu-mortality."
        )
    leads = ecg_leads(record)
    if wanted is not None:
        return _find_lead(record, leads, wanted)
    if not leads:
        raise RecordRefused(f"{record.name} has no ECG lead. Choose a record with an ECG.")
    with_signal = [lead for lead in leads if _has_signal(record, lead)]
    return _preferred(with_signal or leads, _FIRST_CHOICE)


def _find_lead(record: Record, leads: Iterable[str], wanted: str) -> str:
    exact = [lead for lead in leads if lead.casefold() == wanted.strip().casefold()]
    similar = [lead for lead in leads if bare_lead(lead) == bare_lead(wanted)]
    if not exact + similar:
        raise RecordRefused(f"{record.name} has no ECG lead {wanted!r}. Choose one of {', '.join(leads)}.")
    return (exact + similar)[0]


def _preferred(leads: Iterable[str], order: tuple[str, ...]) -> str:
    """Return the lead that comes first in ``order``, else the first lead of the record."""
    ranks = {bare_lead(name): rank for rank, name in reversed(list(enumerate(order)))}
    return min(leads, key=lambda lead: ranks.get(bare_lead(lead), len(order)))


def _has_signal(record: Record, lead: str) -> bool:
    signal = record.signals[:, record.channel_index(lead)]
    return bool(np.fmax.reduce(signal) > np.fmin.reduce(signal))


def _folded(name: str) -> str:
    """Return the name without case, blanks and punctuation: ``modv1`` for ``mod.V1``."""
    return re.sub(r"[\s._:()]+", "", name.casefold())


def bare_lead(name: str) -> str:
    """Return the lead in a longer name: ``ii`` for ``Lead II``, ``ECG-II`` and ``II``, but ``ecg1`` for ``ECG1``."""
    return re.sub(r"^((ecg|ekg|lead)-?)+(?=[a-z])", "", _folded(name))
