"""One stay in the layouts of databases, monitors and spreadsheets: each gives its values at their minutes."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest

from backend.records.opening import open_record
from backend.records.record import Record, RecordRefused
from backend.records.stay_units import convert_unit, unit_doubts
from backend.records.stays import is_stay
from backend.records.uploads import read_upload

Row = tuple[int, str, float]
ADMISSION = [(0, "Age", 71.0), (0, "Gender", 0.0), (0, "Height", 161.0), (0, "Weight", 68.0)]
MEASURED = [
    *((30, "HR", 113.0), (30, "NISysABP", 99.0), (30, "NIDiasABP", 40.0), (30, "Temp", 38.5), (30, "SaO2", 96.0)),
    *((62, "HR", 108.0), (62, "FiO2", 0.4), (62, "Glucose", 180.0), (62, "Creatinine", 1.2), (62, "HCT", 31.0)),
    *((615, "HR", 90.0), (615, "BUN", 28.0), (615, "K", 4.1), (615, "Bilirubin", 1.0), (615, "RespRate", 18.0)),
    *((1500, "HR", 95.0), (1500, "Lactate", 2.5), (1500, "Temp", 37.2), (1500, "NISysABP", 120.0), (2870, "HR", 80.0)),
]
STAY = ADMISSION + MEASURED
FIRST_NIGHT = [row for row in STAY if row[0] < 1000]
START = datetime(2024, 3, 5, 18, 58)
ADMITTED = "2024-03-05 18:58"


def hm(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def number(value: float) -> str:
    return f"{value:g}"


def moment(form: str) -> Callable[[int], str]:
    return lambda minute: (START + timedelta(minutes=minute)).strftime(form)


def long(
    time: Callable[[int], str] = hm,
    heading: str = "Time",
    names: dict[str, str] | None = None,
    values: dict[str, Callable[[float], str]] | None = None,
    units: dict[str, str] | None = None,
    rows: Sequence[Row] = STAY,
    separator: str = ",",
    decimal: str = ".",
    headings: Sequence[str] = ("Parameter", "Value", "Unit"),
) -> str:
    """Return the stay with a row for each value."""
    lines = [separator.join([heading, *headings[: 3 if units is not None else 2]])]
    for minute, name, value in rows:
        cell = (values or {}).get(name, number)(value).replace(".", decimal)
        cells = [time(minute), (names or {}).get(name, name), cell]
        lines.append(separator.join(cells + ([units.get(name, "")] if units is not None else [])))
    return "\n".join(lines)


def wide(
    time: Callable[[int], str] = hm,
    heading: str = "Time",
    names: dict[str, str] | None = None,
    values: dict[str, Callable[[float], str]] | None = None,
    separator: str = ",",
    decimal: str = ".",
    missing: str = "",
    below: Sequence[str] = (),
    rows: Sequence[Row] = STAY,
) -> str:
    """Return the stay as a grid with a column for each parameter."""
    own = list(dict.fromkeys(name for _, name, _ in STAY))
    lines = [separator.join([heading, *((names or {}).get(name, name) for name in own)]), *below]
    for minute in dict.fromkeys(minute for minute, _, _ in rows):
        held = {name: value for at, name, value in rows if at == minute}
        cells = [(values or {}).get(name, number)(held[name]) if name in held else missing for name in own]
        lines.append(separator.join([time(minute), *(cell.replace(".", decimal) for cell in cells)]))
    return "\n".join(lines)


def flow_sheet() -> str:
    minutes = list(dict.fromkeys(minute for minute, _, _ in STAY))
    lines = [";".join(["Parameter", "Einheit", *map(hm, minutes)])]
    for name in dict.fromkeys(name for _, name, _ in STAY):
        held = {minute: number(value) for minute, own, value in STAY if own == name}
        lines.append(";".join([name, "", *(held.get(minute, "") for minute in minutes)]))
    return "\n".join(lines)


GERMAN = {
    "Age": "Alter",
    "Gender": "Geschlecht",
    "Height": "Größe",
    "Weight": "Gewicht",
    "HR": "Herzfrequenz",
    "NISysABP": "NIBP systolisch",
    "NIDiasABP": "NIBP diastolisch",
    "Temp": "Körpertemperatur",
    "K": "Kalium",
    "SaO2": "Sauerstoffsättigung",
    "Glucose": "Blutzucker",
    "Creatinine": "Kreatinin",
    "HCT": "Hämatokrit",
    "BUN": "Harnstoff-N",
    "Lactate": "Laktat",
    "RespRate": "Atemfrequenz",
    "Bilirubin": "Bilirubin gesamt",
}
SNAKE = {
    "Age": "age_years",
    "Gender": "sex",
    "Height": "height_cm",
    "Weight": "weight_lbs",
    "HR": "hr_bpm",
    "NISysABP": "nibp_sys_mmhg",
    "NIDiasABP": "nibp_dia_mmhg",
    "Temp": "temp_f",
    "K": "k_mmol_l",
    "SaO2": "spo2_pct",
    "Glucose": "glucose_mmol_l",
    "Creatinine": "creatinine_umol_l",
    "HCT": "hct_fraction",
    "BUN": "urea_mmol_l",
    "Lactate": "lactate_mmol_l",
    "RespRate": "resp_rate",
    "FiO2": "fio2_percent",
    "Bilirubin": "bilirubin_umol_l",
}
SI: dict[str, Callable[[float], str]] = {
    "Glucose": lambda value: f"{value / 18.016:.4f}",
    "Creatinine": lambda value: f"{value / 0.011312:.2f}",
    "Bilirubin": lambda value: f"{value / 0.058466:.2f}",
    "BUN": lambda value: f"{value / 2.801:.3f}",
}
OTHER_UNITS: dict[str, Callable[[float], str]] = SI | {
    "Temp": lambda value: f"{value * 1.8 + 32:.2f}",
    "Weight": lambda value: f"{value / 0.45359237:.3f}",
    "FiO2": lambda value: f"{100 * value:g}",
    "HCT": lambda value: f"{value / 100:g}",
}
ITEMS = {
    "HR": "220045",
    "NISysABP": "220179",
    "NIDiasABP": "220180",
    "Temp": "223761",
    "SaO2": "220277",
    "K": "227442",
    "FiO2": "223835",
    "Glucose": "220621",
    "Creatinine": "220615",
    "HCT": "220545",
    "BUN": "225624",
    "Bilirubin": "225690",
    "Lactate": "225668",
    "RespRate": "220210",
    "Weight": "226531",
    "Height": "226707",
}
LABELS = {
    "HR": "Heart Rate",
    "NISysABP": "Non Invasive Blood Pressure systolic",
    "SaO2": "O2 saturation pulseoxymetry",
    "NIDiasABP": "Non Invasive Blood Pressure diastolic",
    "Temp": "Temperature Celsius",
    "K": "Potassium (serum)",
    "FiO2": "Inspired O2 Fraction",
    "Glucose": "Glucose (serum)",
    "Creatinine": "Creatinine (serum)",
    "HCT": "Hematocrit (serum)",
    "BUN": "BUN",
    "Bilirubin": "Total Bilirubin",
    "Lactate": "Lactic Acid",
    "RespRate": "Respiratory Rate",
    "Weight": "Admission Weight (Kg)",
    "Height": "Height (cm)",
}
UNITS_ROW = "h,y,,cm,kg,bpm,mmHg,mmHg,°F,%,%,mmol/L,µmol/L,,mmol/L,mmol/L,µmol/L,1/min,mmol/L"
SEXES = {"Gender": lambda value: "F" if value == 0 else "M"}
IN_CELLS = {
    "HR": lambda value: f"{value:g} bpm",
    "Temp": lambda value: f"{value:g} °C",
    "SaO2": lambda value: f"{value:g}%",
    "K": lambda value: f"{value:g} L",
    "Weight": lambda value: f"{value:g} kg",
    "Glucose": lambda value: f"{value:g} H",
}
MIMIC_ITEMS = long(
    moment("%Y-%m-%d %H:%M:%S"),
    "charttime",
    ITEMS,
    {"Temp": OTHER_UNITS["Temp"], "FiO2": OTHER_UNITS["FiO2"], "Weight": OTHER_UNITS["Weight"]}
    | {"Height": lambda value: f"{value / 2.54:.3f}"},
    rows=[row for row in STAY if row[1] in ITEMS],
    headings=("itemid", "valuenum"),
)
LAYOUTS = {
    "long": long(),
    "wide": wide(),
    "descending": long(rows=STAY[::-1]),
    "duplicated": long(rows=[*STAY, *STAY]),
    "by parameter": long(rows=sorted(STAY, key=lambda row: row[1])),
    "aligned by blanks": long(separator="   "),
    "a day twice": long(rows=[*FIRST_NIGHT, *FIRST_NIGHT]),
    "three decimals": wide(values={name: lambda value: f"{value:.3f}" for _, name, _ in STAY}, separator="\t"),
    "three decimals after commas": wide(
        values={name: lambda value: f"{value:.3f}" for _, name, _ in STAY}, separator=";", decimal=","
    ),
    "durations of pandas": long(lambda minute: f"{minute // 1440} days {minute // 60 % 24:02d}:{minute % 60:02d}:00"),
    "durations of SQL": long(lambda minute: f"{minute // 1440} {minute // 60 % 24:02d}:{minute % 60:02d}:00"),
    "ISO durations": long(lambda minute: f"P0DT{minute // 60}H{minute % 60}M0S"),
    "spelled durations": long(lambda minute: f"{minute // 60} h {minute % 60} min"),
    "decimal hours": wide(lambda minute: f"{minute / 60:.4f}", "Time since admission (h)"),
    "decimal commas": long(
        lambda minute: f"{minute / 60:.4f}".replace(".", ","), "Stunden", separator=";", decimal=","
    ),
    "fractions of a day": long(lambda minute: f"{minute / 1440:.9f}"),
    "seconds": long(lambda minute: str(60 * minute), "time_s"),
    "dates in a spreadsheet": wide(lambda minute: f"{45356 + (18 * 60 + 58 + minute) / 1440:.9f}", "Date/Time"),
    "Unix time": long(lambda minute: str(1709665080 + 60 * minute)),
    "Unix time in ms": wide(lambda minute: str(1000 * (1709665080 + 60 * minute)), "timestamp"),
    "time zone": long(moment("%Y-%m-%dT%H:%M:%S+01:00"), "charttime"),
    "summer time begins": long(
        lambda minute: (START + timedelta(minutes=minute, hours=minute >= 600)).strftime(
            "%Y-%m-%dT%H:%M+02:00" if minute >= 600 else "%Y-%m-%dT%H:%M+01:00"
        )
    ),
    "American dates": wide(moment("%m/%d/%Y %I:%M %p"), "charttime"),
    "German dates": wide(moment("%d.%m.%Y %H:%M"), "Zeitpunkt"),
    "named months": long(moment("%d-%b-%Y %H:%M")),
    "dates of HL7": long(moment("%Y%m%d%H%M%S"), "observation_time"),
    "date and time apart": long(moment("%Y-%m-%d,%H:%M"), "Date,Time"),
    "day and time apart": wide(
        lambda minute: f"{minute // 1440 + 1},{minute // 60 % 24}:{minute % 60:02d}", "Day,Time"
    ),
    "clock times": wide(moment("%H:%M"), "Uhrzeit", rows=FIRST_NIGHT),
    "clock times that pass midnight": long(moment("%H:%M"), rows=FIRST_NIGHT),
    "moment of admission": long(moment(f"{ADMITTED},%Y-%m-%d %H:%M"), "intime,charttime", rows=STAY[4:] + STAY[:4]),
    "German": long(names=GERMAN, heading="Zeit", separator=";", decimal=",", headings=("Messgröße", "Wert")),
    "German grid": wide(names=GERMAN, heading="Zeit [hh:mm]", separator="\t", decimal=","),
    "units in headings": wide(names=SNAKE, values=OTHER_UNITS | SEXES, heading="time_from_admission"),
    "units in names": long(names={"Glucose": "Glucose (mmol/L)", "Temp": "Temp (°F)"}, values=OTHER_UNITS, units={
        "Creatinine": "umol/l", "Bilirubin": "µmol/L", "BUN": "mmol/l", "Weight": "lbs", "FiO2": "%", "HCT": "L/L",
        "HR": "None", "K": "mEq/L",
    }),
    "a row of units": wide(values=OTHER_UNITS | {"Weight": number}, below=[UNITS_ROW]),
    "units in cells": wide(values=IN_CELLS | SEXES),
    "MIMIC-IV by item": MIMIC_ITEMS,
    "MIMIC-IV by label": long(
        moment("%Y-%m-%d %H:%M:%S"), "charttime", LABELS, headings=("label", "valuenum"),
        rows=[row for row in STAY if row[1] in LABELS],
    ),
    "missing in many spellings": wide(missing="NaN") + "\n48:00" + ",N/A" * 18,
    "flow sheet": flow_sheet(),
    "pressures in one cell": long(rows=[row for row in STAY if "ABP" not in row[1]])
    + "\n00:30,NIBP,99/40\n25:00,NIBP,120/",
    "admission above the grid": "Patient report\nAge;71\nSex: F\nHeight;161 cm\nWeight;68;kg\n\n"
    + long(rows=MEASURED, separator=";"),
    "admission without a time": long(lambda minute: hm(minute) if minute else ""),
    "admission before admission": long(lambda minute: hm(minute) if minute else "-00:10", rows=STAY[:3] + STAY[4:]),
}  # fmt: skip
HELD = {
    "MIMIC-IV by item": [row for row in STAY if row[1] in ITEMS],
    "MIMIC-IV by label": [row for row in STAY if row[1] in LABELS],
    "a day twice": FIRST_NIGHT,
    "clock times": FIRST_NIGHT,
    "clock times that pass midnight": FIRST_NIGHT,
    "admission before admission": [row for row in STAY if row[1] != "Weight"],
    "admission without a time": [row for row in STAY if row[1] != "Weight"],
}
"""What a layout holds, where it is not the whole stay."""


def charted(record: Record) -> dict[tuple[int, str], float]:
    return {
        (int(minute), record.channels[column].name): float(record.signals[minute, column])
        for minute, column in np.argwhere(np.isfinite(record.signals))
    }


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_gives_each_value_at_its_minute(tmp_path, name):
    path = tmp_path / "stay.csv"
    path.write_text(LAYOUTS[name], encoding="utf-8")
    record = open_record(path)
    assert is_stay(record)
    expected = {(minute, own): value for minute, own, value in HELD.get(name, STAY)}
    found = charted(record)
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("name", sorted(LAYOUTS.keys() - {"admission without a time"}))
def test_nothing_of_such_a_layout_is_left_out(open_text, name):
    left_out = [own for own in open_text(LAYOUTS[name], "stay.csv").understanding.ignored if "no value" not in own[1]]
    assert left_out == []


def test_a_stay_of_the_challenge_2019_opens_on_upload(tmp_path):
    text = "HR|O2Sat|Temp|SBP|MAP|DBP|Resp|EtCO2|FiO2|Hct|Age|Gender|Unit1|HospAdmTime|ICULOS|SepsisLabel\n"
    text += "NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN|83.14|0|NaN|-0.03|1|0\n"
    text += "97|95|36.1|98|75.33|60|19|NaN|0.5|31.2|83.14|0|NaN|-0.03|2|0\n"
    record = read_upload({"p000001.psv": text.encode()}, tmp_path)
    assert charted(record) == pytest.approx(
        {
            (0, "Age"): 83.14,
            (0, "Gender"): 0,
            (120, "HR"): 97,
            (120, "SaO2"): 95,
            (120, "Temp"): 36.1,
            (120, "SysABP"): 98,
            (120, "MAP"): 75.33,
            (120, "DiasABP"): 60,
            (120, "RespRate"): 19,
            (120, "FiO2"): 0.5,
            (120, "HCT"): 31.2,
        }
    )
    assert {name for name, _ in record.understanding.ignored} == {"HospAdmTime", "SepsisLabel"}


def test_a_stay_of_eicu_opens_with_what_it_names_otherwise_listed(open_text):
    text = "patientunitstayid,observationoffset,temperature,sao2,heartrate,respiration,cvp,systemicsystolic,pamean\n"
    record = open_text(text + "1,-5,,97,70,,,,\n1,7,37.1,97,85,18,9,120,21\n1,2881,,,70,,,,\n", "vitalPeriodic.csv")
    assert charted(record) == pytest.approx(
        {(7, "Temp"): 37.1, (7, "SaO2"): 97, (7, "HR"): 85, (7, "RespRate"): 18, (7, "SysABP"): 120}
    )
    assert [what for what, _ in record.understanding.ignored] == [
        *("rows before admission", "cvp", "pamean", "rows beyond 48:00"),
    ]


@pytest.mark.parametrize(
    ("rows", "parameter", "reason"),
    [
        ("1:00,TroponinT,<0.01", "TroponinT", "a limit, not a value: 1 value (<0.01)"),
        ("1:00,Glucose,>200", "Glucose", "a limit, not a value: 1 value (>200)"),
        ("1:00,Glucose (urine),90", "Glucose (urine)", "unknown parameter: 1 value"),
        ("1:00,PO2 (venous),40", "PO2 (venous)", "unknown parameter: 1 value"),
        ("1:00,Creatinine (24h urine),90", "Creatinine (24h urine)", "unknown parameter: 1 value"),
        ("1:00,Heart Rate Alarm - High,130", "Heart Rate Alarm - High", "unknown parameter: 1 value"),
        ("1:00,AP,120", "AP", "unknown parameter: 1 value"),
        ("1:00,bpm,72", "bpm", "unknown parameter: 1 value"),
        ("1:00,GCS Eye,4\n1:00,GCS Verbal,5", "GCS eye", "charted without the other two responses: 1 value"),
    ],
)
def test_what_is_not_a_value_of_the_blood_is_left_out_by_name(open_text, rows, parameter, reason):
    record = open_text("Time,Parameter,Value\n0:30,HR,80\n" + rows)
    assert charted(record) == {(30, "HR"): 80}
    assert (parameter, reason) in record.understanding.ignored


def test_a_column_of_fluids_keeps_urine_out_of_the_blood(open_text):
    text = "charttime,label,fluid,valuenum\n0:30,Glucose,Blood,110\n1:00,Glucose,Urine,90\n1:10,WBC,CSF,3\n"
    record = open_text(text)
    assert charted(record) == {(30, "Glucose"): 110}
    assert [reason for _, reason in record.understanding.ignored] == [
        "measured in Urine: 1 value",
        "measured in CSF: 1 value",
    ]


@pytest.mark.parametrize(
    ("text", "urine"),
    [
        ('Time,Parameter,Value\n1:00,K,4.1\n2:00,Urine,"1,250"\n', 1250),
        ('Time,Parameter,Value\n1:00,K,"4,1"\n2:00,Urine,"1250"\n', 1250),
        ("Zeit;Parameter;Wert\n1:00;K;4,1\n2:00;Urine;1.250\n", 1250),
        ("Time,Parameter,Value\n1:00,K,4,1\n2:00,Urine,1250\n", 1250),
        ("Time;K;Urine\n1:00;4,1;\n2:00;;1.250\n", 1250),
    ],
)
def test_signs_that_group_thousands_are_told_from_decimal_signs(open_text, text, urine):
    assert charted(open_text(text)) == pytest.approx({(60, "K"): 4.1, (120, "Urine"): urine})


def test_the_three_responses_of_the_coma_scale_are_summed(open_text):
    text = (
        "charttime,label,value,valuenum\n1:00,GCS - Eye Opening,Spontaneously,4\n1:00,GCS - Verbal Response,Confused,\n"
        "1:00,GCS - Motor Response,6 Obeys Commands,\n2:00,GCS - Eye Opening,To Pain,2\n3:00,Heart Rate,80,80\n"
    )
    record = open_text(text)
    assert charted(record) == {(60, "GCS"): 14, (180, "HR"): 80}
    assert record.understanding.notices[-1] == (
        "Glasgow Coma Scale: 1 value is the sum of eye, verbal and motor response."
    )


def test_a_total_of_the_coma_scale_is_preferred_to_the_sum(open_text):
    text = "Time,GCS Total,GCS Eye,GCS Verbal,GCS Motor,HR\n1:00,9,4,5,6,80\n2:00,,3,4,6,80\n"
    record = open_text(text)
    assert [charted(record)[(minute, "GCS")] for minute in (60, 120)] == [9, 13]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stay_id,Time,HR,Resp,SpO2\n1,0:10,80,18,97\n2,0:20,90,18,97\n", "contains 2 stays"),
        ("Patient-ID;Zeit;HF;AF;SpO2\nA;0:10;80;18;97\nB;0:20;90;18;97\n", "contains 2 stays"),
        ("Hour,HR,Resp,Age,Gender\n0,80,18,60,0\n1,80,18,60,0\n0,90,20,41,0\n", "different ages"),
        ("Hour,HR,Resp,Age,Gender\n0,80,18,60,0\n1,80,18,60,1\n", "different sexes"),
        ("Time,HR,Resp,SpO2\n0:30,80,18,97\n23:30,81,18,97\n0:45,90,18,97\n", "may be clock times"),
        ("Time,HR,Temp,SBP\n0:30,80,38,5,120\n1:30,82,38,1,121\n", "more cells than its 4 headings"),
        ("Time,HR,Temp,SBP\n18:30,80,38,120\n02:30,82,38,121\n17:00,82,38,121\n20:00,82,38,121\n03:00,80,38,120\n"
         "01:00,80,38,120\n23:00,80,38,120\n", None),
    ],
)  # fmt: skip
def test_what_would_mix_patients_or_columns_is_refused_in_a_sentence(open_text, text, message):
    if message is None:
        assert open_text(text).understanding.rate_from == "hours and minutes after admission"
        return
    with pytest.raises(RecordRefused, match=message):
        open_text(text)


@pytest.mark.parametrize(("value", "first"), [("9.5", "mmol/L"), ("75", "mg/dL urea")])
@pytest.mark.parametrize(
    "shape", ["Time,Parameter,Value\n1:00,HR,80\n1:00,Urea,{}", "Time,HR,Harnstoff\n0:30,80,\n1:00,80,{}"]
)
def test_urea_without_a_unit_is_asked_about(open_text, shape, value, first):
    record = open_text(shape.format(value))
    (doubt,) = unit_doubts(record)
    assert (doubt.parameter, doubt.alternatives[0]) == ("BUN", first)
    assert doubt.sentence() in record.understanding.notices
    assert "charted as urea without a unit. Choose its unit." in doubt.sentence()
    assert unit_doubts(convert_unit(record, "BUN", first)) == ()


def test_values_that_may_be_in_si_units_like_two_others_are_asked_about(open_text):
    record = open_text(long(values=SI))
    doubts = {doubt.parameter: doubt for doubt in unit_doubts(record)}
    assert doubts.keys() == {"Glucose", "Creatinine", "Bilirubin", "BUN"}
    assert "but creatinine and glucose are in SI units" in doubts["BUN"].sentence()
    for doubt in doubts.values():
        record = convert_unit(record, doubt.parameter, doubt.alternatives[0])
    assert charted(record) == pytest.approx({(minute, name): value for minute, name, value in STAY}, rel=2e-3)


def test_magnesium_in_milliequivalents_is_half_of_millimoles(open_text):
    record = open_text("Time,Parameter,Value,Unit\n1:00,Mg,1.6,mEq/L\n2:00,Mg,0.8,mmol/L\n3:00,Na,140,mEq/L\n")
    assert charted(record) == pytest.approx({(60, "Mg"): 1.944, (120, "Mg"): 1.944, (180, "Na"): 140}, rel=1e-3)


def test_a_comment_or_a_name_with_three_dots_is_no_value_on_admission(open_text):
    record = open_text("# Age of the device: 7\nAge group: adult\nTime,Parameter,Value\n1:00,HR,80\n")
    assert charted(record) == {(60, "HR"): 80}
