import numpy as np
import pytest

from backend.records.record import RecordRefused
from backend.records.stay_units import convert_unit, fold_unit, to_own_unit, unit_doubts
from tests.records.stay_texts import ADMISSION, CHARTED, HEADER, value_of


def _with(open_text, lines: str):
    return open_text(HEADER + ADMISSION + CHARTED + lines)


@pytest.mark.parametrize(
    ("lines", "parameter", "unit"),
    [
        ("01:00,Glucose,10.1\n02:00,Glucose,8\n", "Glucose", "mmol/L"),
        ("01:00,Creatinine,110\n", "Creatinine", "µmol/L"),
        ("01:00,PaCO2,5.3\n02:00,PaCO2,4.8\n", "PaCO2", "kPa"),
        ("01:00,Albumin,28\n", "Albumin", "g/L"),
        ("01:00,WBC,12500\n", "WBC", "/µL"),
        ("01:00,Platelets,210000\n", "Platelets", "/µL"),
        ("01:00,Mg,0.8\n", "Mg", "mmol/L"),
        ("01:00,Cholesterol,4.8\n", "Cholesterol", "mmol/L"),
    ],
)
def test_values_in_another_unit_are_doubted_and_converted_on_choice(open_text, lines, parameter, unit):
    record = _with(open_text, lines)
    (doubt,) = unit_doubts(record)
    assert doubt.parameter == parameter
    assert doubt.alternatives[0] == unit
    assert doubt.sentence() in record.understanding.notices
    converted = convert_unit(record, parameter, unit)
    charted = float(lines.splitlines()[0].split(",")[2])
    assert value_of(converted, parameter, 60) == pytest.approx(to_own_unit(parameter, charted, unit), rel=1e-3)
    assert unit_doubts(converted) == ()
    assert "impossible" not in converted.annotations
    assert converted.digest != record.digest
    assert doubt.sentence() not in converted.understanding.notices
    assert f"read in {unit} as chosen" in converted.understanding.notices[-1]


def test_usual_values_are_not_doubted(open_text):
    record = _with(open_text, "01:00,Glucose,110\n01:00,Creatinine,1\n01:00,PaO2,90\n01:00,Albumin,3.1\n")
    assert unit_doubts(record) == ()


def test_a_conversion_leaves_other_values_alone(open_text):
    record = _with(open_text, "01:00,Glucose,10\n01:00,pH,735\n")
    converted = convert_unit(record, "glucose", "mmol/l")
    np.testing.assert_array_equal(
        np.delete(converted.signals, record.channel_index("Glucose"), 1),
        np.delete(record.signals, record.channel_index("Glucose"), 1),
    )
    assert converted.annotations["impossible"].notes == ("pH 735",)


def test_an_unknown_unit_or_parameter_is_refused(open_text):
    record = _with(open_text, "01:00,Glucose,10\n")
    with pytest.raises(RecordRefused, match="Choose mg/dL or mmol/L"):
        convert_unit(record, "Glucose", "kPa")
    with pytest.raises(RecordRefused, match="not a parameter"):
        convert_unit(record, "Zodiac", "kPa")


@pytest.mark.parametrize(
    ("written", "unit"), [("umol/l", "µmol/L"), ("μmol/L", "µmol/L"), ("bpm", "/min"), ("K/uL", "/nL")]
)
def test_units_are_recognised_in_their_spellings(written, unit):
    assert fold_unit(written) == unit
