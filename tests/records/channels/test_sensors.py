import numpy as np
import pytest

from backend.records.channels.sensors import find_sensors, has_alarm_sensors
from backend.records.record import Channel, Record


def record_with(channels) -> Record:
    named = tuple(Channel.named(*channel) for channel in channels)
    return Record("rec", np.zeros((1000, len(named)), dtype=np.float32), 250.0, named)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["II", "V", "PLETH", "ABP"], [0, 1, 3, 2, None]),
        (["V", "II", "ART", "RESP"], [1, 0, 2, None, 3]),
        (["III", "MCL", "SpO2 pleth"], [0, 1, None, 2, None]),
        (["ECG", "PPG", "Art BP"], [0, None, 2, 1, None]),
        (["V1", "III", "I", "II", "BP"], [3, 0, 4, None, None]),
        (["II", "NIBP", "CVP", "Temp"], [0, None, None, None, None]),
    ],
)
def test_sensors_are_found_by_name(names, expected):
    units = {"ABP": "mmHg", "ART": "mmHg", "BP": "mmHg", "Art BP": "mmHg", "NIBP": "mmHg", "CVP": "mmHg"}
    record = record_with([(name, units.get(name, "NU" if len(name) > 3 else "mV")) for name in names])
    assert list(find_sensors(record).values()) == expected


@pytest.mark.parametrize(
    ("names", "is_enough"),
    [(("II",), False), (("II", "V"), False), (("ABP", "PLETH"), False), (("II", "RESP"), True), (("V", "ABP"), True)],
)
def test_an_alarm_needs_an_ecg_lead_and_one_more_sensor(names, is_enough):
    units = {"ABP": "mmHg", "PLETH": "NU", "RESP": "NU"}
    assert has_alarm_sensors(record_with([(name, units.get(name, "mV")) for name in names])) == is_enough


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ([("ABP Mean", "mmHg"), ("ABPSys", "mmHg"), ("ABP", "mmHg")], 3),
        ([("ART dia", "mmHg")], None),
        ([("ART radial", "mmHg")], 1),
        ([("ABP", "mV")], None),
        ([("IBP1", "kPa")], 1),
    ],
)
def test_only_a_pressure_wave_in_mmhg_is_the_arterial_pressure(channels, expected):
    assert find_sensors(record_with([("II", "mV"), *channels]))["ABP"] == expected


def test_the_oxygen_saturation_is_not_a_pulse_wave():
    assert find_sensors(record_with([("II", "mV"), ("SpO2", "%")]))["PLETH"] is None
