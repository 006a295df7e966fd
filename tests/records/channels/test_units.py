import pytest

from backend.records.channels.units import millivolts_per, mmhg_per


@pytest.mark.parametrize(
    ("unit", "millivolts"),
    [
        ("mV", 1),
        ("uV", 1e-3),
        ("µV", 1e-3),
        ("μV", 1e-3),
        ("nV", 1e-6),
        ("V", 1e3),
        (" MV ", 1),
        ("mmHg", None),
        ("", None),
        ("adu", None),
    ],
)
def test_only_units_of_potential_convert_to_millivolts(unit, millivolts):
    assert millivolts_per(unit) == millivolts


@pytest.mark.parametrize(
    ("unit", "mmhg"), [("mmHg", 1), (" KPA ", 7.50062), ("cmH2O", 0.735559), ("mV", None), ("", None)]
)
def test_only_units_of_pressure_convert_to_mmhg(unit, mmhg):
    assert mmhg_per(unit) == mmhg
