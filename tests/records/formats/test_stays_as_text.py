import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from backend.records.formats.stays.stay_reader import read_stay
from backend.records.record import RecordRefused
from backend.records.stays import LAST_MINUTE, PARAMETERS, STATICS, Edit, apply_edits, is_stay, with_outcome
from backend.records.uploads import read_upload
from tests.records.stay_texts import ADMISSION, CHARTED, HEADER, value_of
from tests.records.well_formed import csv_text


def test_every_charted_value_lies_at_its_minute_and_nowhere_else(open_text):
    record = open_text(HEADER + ADMISSION + CHARTED)
    assert is_stay(record)
    assert record.name == "stay"
    assert record.signals.shape == (LAST_MINUTE + 1, len(PARAMETERS))
    assert record.sampling_rate * 3600 == pytest.approx(60)
    assert value_of(record, "HR", 7) == 73
    assert value_of(record, "HR", 600) == 90
    assert value_of(record, "pH", 7) == np.float32(7.31)
    assert value_of(record, "Urine", 2880) == 60
    assert np.isfinite(record.signals).sum() == 4 + 4


@pytest.mark.parametrize(
    "text",
    [
        ADMISSION + CHARTED,
        "\ufeff" + HEADER + ADMISSION + CHARTED,
        "# made by hand\n" + HEADER.upper() + ADMISSION + CHARTED,
        (HEADER + ADMISSION + CHARTED).replace(",", ";"),
        (HEADER + ADMISSION + CHARTED).replace(",", "\t").replace("\n", "\r\n"),
        HEADER + ADMISSION + "00:30,,5\n12:00,,\n" + CHARTED,
        HEADER + ADMISSION + CHARTED.replace("HR", "hr"),
        HEADER + ADMISSION + CHARTED.replace("HR", "Heart Rate"),
        (HEADER + ADMISSION + CHARTED).replace("00:07,HR,73", "0:7:00,HR,73"),
        (HEADER + ADMISSION + CHARTED).replace("10:00,HR,90", "10:00:30,HR,90"),
        "Value,Parameter,Time\n" + "\n".join(",".join(row.split(",")[::-1]) for row in (ADMISSION + CHARTED).split()),
        HEADER + ADMISSION.replace("Gender,0", "Gender,F") + CHARTED,
        "sep=,\n" + HEADER + ADMISSION + CHARTED,
    ],
)
def test_all_usual_spellings_of_a_file_give_the_same_stay(open_text, text):
    assert open_text(text, "stay.csv").digest == open_text(HEADER + ADMISSION + CHARTED).digest


def test_the_later_of_two_values_in_one_minute_counts(open_text):
    record = open_text(HEADER + ADMISSION + "01:00,HR,70\n01:00,HR,75\n")
    assert value_of(record, "HR", 60) == 75


def test_admission_values_count_as_charted_on_admission(open_text):
    record = open_text(HEADER + ADMISSION + CHARTED)
    late = open_text(HEADER + ADMISSION.replace("00:00,Age", "05:00,Age") + CHARTED)
    assert late.digest == record.digest
    assert value_of(apply_edits(record, [Edit("Age", 300, 80)]), "Age", 0) == 80


@pytest.mark.parametrize(
    "line",
    ["pH,735", "Temp,0", "Temp,60", "Weight,0", "Height,400", "NIDiasABP,0", "FiO2,7", "FiO2,0", "WBC,12500"],
)
def test_an_implausible_value_is_missing_and_annotated(open_text, line):
    record = open_text(HEADER + ADMISSION + CHARTED + f"20:00,{line}\n")
    assert np.isnan(value_of(record, line.split(",")[0], 1200))
    assert record.annotations["impossible"].samples.tolist() == [1200]
    assert record.annotations["impossible"].notes == (line.replace(",", " "),)


def test_minus_one_is_missing_but_not_implausible(open_text):
    record = open_text(HEADER + ADMISSION + CHARTED)
    assert np.isnan(record.signals[:, record.channel_index("Height")]).all()
    assert "impossible" not in record.annotations


@pytest.mark.parametrize("code", ["0", "5", "2.5"])
def test_an_unknown_icu_type_is_missing(open_text, code):
    record = open_text(HEADER + ADMISSION.replace("ICUType,4", f"ICUType,{code}") + CHARTED)
    assert np.isnan(record.signals[:, record.channel_index("ICUType")]).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER, "contains no charted values"),
        (HEADER + ADMISSION, "but no measurements"),
        (HEADER + ADMISSION + "01:00,pH,735\n", "but no measurements .pH: implausible"),
        (HEADER + ADMISSION + CHARTED + ADMISSION.replace("900001", "900002"), "contains 2 stays"),
        (HEADER.replace("Time", "Stay_id,Time") + "1,0:10,HR,80\n2,0:20,HR,90\n", "contains 2 stays"),
        (HEADER + "\0\0\0" * 2000, "is not UTF-8 text"),
        (HEADER + "00:01,HR,70\n" * 2_000_000, "more than 48 hours"),
        (HEADER + "soon,HR,70\n", "'soon' is not a time"),
        (HEADER + "50,HR,70\n51,HR,71\n52,HR,71\n", "hours or minutes"),
    ],
)
def test_a_text_that_is_not_a_stay_is_refused_with_a_reason(open_text, text, message):
    with pytest.raises(RecordRefused, match=message) as refused:
        open_text(text)
    assert str(refused.value).endswith(".")
    assert str(refused.value).startswith("stay.txt")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b" \n\n", "is empty"), (b"\x89PNG\r\n\x1a\n" + bytes(300), "PNG picture")],
)
def test_a_file_that_is_not_text_is_refused(tmp_path, content, message):
    path = tmp_path / "stay.txt"
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match=message):
        read_stay(path)


@pytest.mark.parametrize(
    ("line", "what", "reason"),
    [
        ("48:01,HR,80", "rows beyond 48:00", "only 00:00 to 48:00 is read: 1 value"),
        ("999999:00,HR,80", "rows beyond 48:00", "only 00:00 to 48:00 is read: 1 value"),
        ("-00:10,HR,80", "rows before admission", "only 00:00 to 48:00 is read: 1 value"),
        ("07:75,HR,80", "HR", "no time: 1 value"),
        ("07:30,HR,fast", "HR", "not a number: 1 value (fast)"),
        ("07:30,HR", "HR", "no value: 1 value"),
        ("07:30,HR,nan", "HR", "no value: 1 value"),
        ("07:30,TroponinT,<0.01", "TroponinT", "a limit, not a value: 1 value (<0.01)"),
        ("07:30,Zodiac,3", "Zodiac", "unknown parameter: 1 value"),
        ("07:30,pH,735", "pH", "implausible, not 6.3 to 8: 1 value (735)"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_listed(open_text, line, what, reason):
    record = open_text(HEADER + ADMISSION + CHARTED + line + "\n")
    np.testing.assert_array_equal(record.signals, open_text(HEADER + ADMISSION + CHARTED).signals)
    assert record.understanding.ignored == ((what, reason),)
    assert record.understanding.notices == (f"One value was left out: {what} (1).",)


@pytest.mark.parametrize(
    ("lines", "parameter", "value"),
    [
        ("01:00,Temp,102.2\n", "Temp", 39.0),
        ("01:00,FiO2,40\n", "FiO2", 0.4),
        ("01:00,HCT,0.31\n", "HCT", 31),
        ("01:00,SaO2,0.97\n", "SaO2", 97),
    ],
)
def test_values_that_can_only_be_in_another_unit_are_converted(open_text, lines, parameter, value):
    record = open_text(HEADER + ADMISSION + CHARTED + lines)
    assert value_of(record, parameter, 60) == pytest.approx(value, rel=1e-5)
    assert "converted" in record.understanding.notices[0]
    assert "impossible" not in record.annotations


@pytest.mark.parametrize(
    ("parameter", "value", "unit", "converted"),
    [
        ("Glucose", 10, "mmol/L", 180.2),
        ("Creatinine", 100, "umol/L", 1.131),
        ("PaO2", 10, "kPa", 75.01),
        ("Albumin", 25, "g/L", 2.5),
        ("Platelets", 250, "K/uL", 250),
        ("Temp", 98.6, "Deg. F", 37),
        ("K", 4, "mEq/L", 4),
        ("Urea", 42.8, "mg/dL", 20),
    ],
)
def test_a_column_of_units_converts(open_text, parameter, value, unit, converted):
    text = f"charttime,label,valuenum,valueuom\n0:30,HR,80,bpm\n1:00,{parameter},{value},{unit}\n"
    own = "BUN" if parameter == "Urea" else parameter
    assert value_of(open_text(text), own, 60) == pytest.approx(converted, rel=2e-3)


@pytest.mark.parametrize(
    ("heading", "times"),
    [
        ("Hours", ["0.5", "10", "47.75"]),
        ("minutes", ["30", "600", "2865"]),
        ("Time", ["00:30:00", "10:00:00", "47:45:00"]),
        ("Time", ["0 days 00:30:00", "0 days 10:00:00", "1 days 23:45:00"]),
        ("Time", ["0:30:00", "10:00:00", "1 day, 23:45:00"]),
        ("observationoffset", ["30", "600", "2865"]),
    ],
)
@pytest.mark.parametrize("shape", ["long", "wide"])
def test_times_are_understood(open_text, heading, times, shape):
    if shape == "long":
        rows = [f'"{time}",HR,{80 + index}' for index, time in enumerate(times)]
        text = "\n".join([f"{heading},Parameter,Value", *rows])
    else:
        rows = [f'"{time}",{80 + index},95,20' for index, time in enumerate(times)]
        text = "\n".join([f"{heading},HR,SpO2,Resp", *rows])
    record = open_text(text)
    assert [value_of(record, "HR", minute) for minute in (30, 600, 2865)] == [80, 81, 82]


def test_dates_count_from_the_first(open_text):
    text = "charttime,Heart Rate,SBP,RR\n2130-12-29 18:58:00,80,120,18\n2130-12-30 00:00:30,81,121,19\n"
    record = open_text(text)
    assert value_of(record, "HR", 0) == 80
    assert value_of(record, "SysABP", 302) == 121


def test_a_stay_of_the_challenge_2019_is_a_wide_stay(open_text):
    text = "HR|O2Sat|Temp|SBP|MAP|DBP|Resp|EtCO2|Age|Gender|ICULOS|SepsisLabel\n"
    text += "NaN|NaN|NaN|NaN|NaN|NaN|NaN|NaN|83.14|0|1|0\n97|95|36.1|98|75.33|60|19|NaN|83.14|0|2|0\n"
    record = open_text(text, "p000001.psv")
    assert value_of(record, "HR", 120) == 97
    assert value_of(record, "Age", 0) == pytest.approx(83.14)
    assert record.understanding.ignored == (("SepsisLabel", "unknown parameter: 2 values"),)


def test_a_table_of_leads_is_not_a_stay(open_text):
    assert not is_stay(open_text(csv_text(), "table.csv"))


def test_a_stay_can_be_uploaded(tmp_path):
    record = read_upload({"stay.csv": (HEADER + ADMISSION + CHARTED).encode()}, tmp_path)
    assert is_stay(record)
    assert record.source == "upload"


def test_a_comment_gives_the_outcome(open_text):
    assert "outcome" not in open_text(HEADER + ADMISSION + CHARTED).annotations
    with_comment = open_text("# Outcome: death\n" + HEADER + ADMISSION + CHARTED)
    assert with_comment.annotations["outcome"].notes == ("death",)
    assert with_comment.annotations["outcome"].samples.tolist() == [LAST_MINUTE]
    assert with_outcome(open_text(HEADER + ADMISSION + CHARTED), "death").digest == with_comment.digest


@pytest.mark.skipif("BEATLIGHT_DATA" not in os.environ, reason="needs the databases")
def test_stays_without_measurements_are_refused_in_the_challenge(tmp_path):
    """The digest in the card of icu-mortality tells that all others open."""
    refused = {}
    for letter in "ab":
        archive = Path(os.environ["BEATLIGHT_DATA"]) / "challenge2012" / f"set-{letter}.tar.xz"
        with tarfile.open(archive) as packed:
            for member in packed:
                text = packed.extractfile(member).read() if member.isfile() else b"Time,Parameter,Value\n00:07,HR,73"
                names = {line.split(b",")[1].decode() for line in text.split()[1:]}
                if names <= {"RecordID", "", *STATICS}:
                    path = tmp_path / Path(member.name).name
                    path.write_bytes(text)
                    with pytest.raises(RecordRefused, match="but no measurements"):
                        read_stay(path)
                    refused[letter] = refused.get(letter, 0) + 1
    assert refused == {"a": 3, "b": 7}
