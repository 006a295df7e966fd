"""The sensors of a bedside monitor: which channel of a record holds the ECG, the arterial pressure, the pulse."""

import re
from collections.abc import Mapping, Sequence

from backend.records.channels.leads import bare_lead
from backend.records.channels.units import millivolts_per
from backend.records.record import Channel, Record

__all__ = [
    "ECG_SENSORS",
    "SENSORS",
    "find_sensors",
    "has_alarm_sensors",
    "is_arterial_pressure",
    "is_pulse_wave",
]

ECG_SENSORS = ("ECG 1", "ECG 2")
SENSORS = (*ECG_SENSORS, "ABP", "PLETH", "RESP")
"""The sensors of an alarm: two ECG leads, arterial blood pressure, photoplethysmogram, respiration."""

_CHANNEL_NAMES = {
    # The waves only, not the systolic, mean and diastolic values that monitors store beside them.
    "ABP": re.compile(r"(?!.*(?:sys|mean|dia(?!l)))(?:abp.*|art(?!if).*|i?bp\d*|[uf]ap|aop?)"),
    "PLETH": re.compile(r".*pleth.*|.*ppg.*|spo2.*"),
    "RESP": re.compile(r".*resp.*|imp.*|thor.*|abdo.*"),
}
_SATURATION_UNIT = "%"
# Monitors display lead II first; a chest lead as the second one views the heart from another direction.
_FIRST_LEADS = ("ii", "mlii", "i", "iii", "avf", "avl", "avr")
_SECOND_LEADS = ("v", "v1", "mcl", "mcl1", "v5", "v2", "v4", "v3", "v6", "iii", "i")


def find_sensors(record: Record) -> Mapping[str, int | None]:
    """Return the channel of each of `SENSORS`, as its index in ``record.channels``; None for a missing sensor.

    With several ECG leads, ``ECG 1`` is lead II or the most similar limb lead and ``ECG 2`` a chest lead if the record
    has one. The choice depends on the names alone, not on the signals.
    """
    leads = [index for index, channel in enumerate(record.channels) if channel.is_lead]
    first = _preferred_lead(record, leads, _FIRST_LEADS)
    second = _preferred_lead(record, [index for index in leads if index != first], _SECOND_LEADS)
    others = {
        sensor: next((index for index, channel in enumerate(record.channels) if _matches(sensor, channel)), None)
        for sensor in _CHANNEL_NAMES
    }
    return dict(zip(ECG_SENSORS, (first, second), strict=True)) | others


def has_alarm_sensors(record: Record) -> bool:
    """Return whether the record has an ECG lead and at least one of arterial pressure, pulse and respiration."""
    channels = find_sensors(record)
    return channels["ECG 1"] is not None and any(channels[sensor] is not None for sensor in _CHANNEL_NAMES)


def is_arterial_pressure(channel: Channel) -> bool:
    """Return whether a channel is an arterial pressure wave; one in volts is not, as its scale in mmHg is unknown."""
    return _matches("ABP", channel)


def is_pulse_wave(channel: Channel) -> bool:
    """Return whether a channel shows the pulse without the ECG: arterial pressure or photoplethysmogram."""
    return is_arterial_pressure(channel) or _matches("PLETH", channel)


def _preferred_lead(record: Record, leads: Sequence[int], order: tuple[str, ...]) -> int | None:
    ranks = {name: rank for rank, name in enumerate(order)}
    return min(leads, key=lambda index: ranks.get(bare_lead(record.channels[index].name), len(order)), default=None)


def _matches(sensor: str, channel: Channel) -> bool:
    if channel.is_lead or channel.unit.strip() == _SATURATION_UNIT:
        return False
    if sensor == "ABP" and millivolts_per(channel.unit):
        return False
    return _CHANNEL_NAMES[sensor].fullmatch(re.sub(r"[\s._:()/-]+", "", channel.name.casefold())) is not None
