import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from backend.records.channels.leads import choose_lead
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.stays import (
    LAST_MINUTE,
    PARAMETERS,
    STATICS,
    Edit,
    edited,
    is_stay,
    read_stay,
    with_outcome,
)
from backend.records.uploads import read_upload
from tests.records.well_formed import csv_text

HEADER = "Time,Parameter,Value\n"
ADMISSION = "00:00,RecordID,900001\n00:00,Age,54\n00:00,Gender,0\n00:00,Height,-1\n00:00,ICUType,4\n00:00,Weight,80\n"
CHARTED = "00:07,HR,73\n00:07,pH,7.31\n10:00,HR,90\n48:00,Urine,60\n"


@pytest.fixture
def opened(tmp_path):
    def opened(text, name="stay.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return open_record(path)

    return opened


def value_of(record, parameter, minute):
    return record.signals[minute, record.channel_index(parameter)]


def test_every_charted_value_stands_at_its_minute_and_nowhere_else(opened):
    record = opened(HEADER + ADMISSION + CHARTED)
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
    ],
)
def test_a_stay_may_be_written_in_any_usual_way_and_is_the_same_stay(opened, text):
    assert opened(text, "stay.csv").digest == opened(HEADER + ADMISSION + CHARTED).digest


def test_of_two_values_in_one_minute_the_later_line_counts(opened):
    record = opened(HEADER + ADMISSION + "01:00,HR,70\n01:00,HR,75\n")
    assert value_of(record, "HR", 60) == 75


def test_what_is_known_on_admission_counts_as_charted_then(opened):
    record = opened(HEADER + ADMISSION + CHARTED)
    late = opened(HEADER + ADMISSION.replace("00:00,Age", "05:00,Age") + CHARTED)
    assert late.digest == record.digest
    assert value_of(edited(record, [Edit("Age", 300, 80)]), "Age", 0) == 80


@pytest.mark.parametrize(
    "line",
    ["pH,735", "Temp,0", "Temp,99.1", "Weight,0", "Height,400", "NIDiasABP,0", "FiO2,40", "FiO2,0", "WBC,12500"],
)
def test_an_impossible_value_is_missing_and_said_to_be(opened, line):
    record = opened(HEADER + ADMISSION + CHARTED + f"20:00,{line}\n")
    assert np.isnan(value_of(record, line.split(",")[0], 1200))
    assert record.annotations["impossible"].samples.tolist() == [1200]
    assert record.annotations["impossible"].notes == (line.replace(",", " "),)


def test_minus_one_is_missing_and_no_impossible_value(opened):
    record = opened(HEADER + ADMISSION + CHARTED)
    assert np.isnan(record.signals[:, record.channel_index("Height")]).all()
    assert "impossible" not in record.annotations


@pytest.mark.parametrize("code", ["0", "5", "2.5"])
def test_a_kind_of_unit_that_there_is_not_is_missing(opened, code):
    record = opened(HEADER + ADMISSION.replace("ICUType,4", f"ICUType,{code}") + CHARTED)
    assert np.isnan(record.signals[:, record.channel_index("ICUType")]).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER, "holds no charted value"),
        (HEADER.replace("Time", "Hour") + CHARTED, "line 1: the columns are called 'Hour', 'Parameter' and 'Value'"),
        (HEADER + ADMISSION, "not one measurement"),
        (HEADER + ADMISSION + "01:00,pH,735\n", "not one measurement .1 impossible"),
        (HEADER + ADMISSION + CHARTED + "48:01,HR,80\n", "line 12: 48:01 lies beyond 48:00"),
        (HEADER + ADMISSION + CHARTED + "999999:00,HR,80\n", "lies beyond 48:00"),
        (HEADER + ADMISSION + "-00:10,HR,80\n" + CHARTED, "line 8: -00:10 lies before admission"),
        (HEADER + ADMISSION + CHARTED + "7.5,HR,80\n", "'7.5' is no time"),
        (HEADER + ADMISSION + CHARTED + "07:75,HR,80\n", "'07:75' is no time"),
        (HEADER + ADMISSION + CHARTED + "07:30,HR,fast\n", "'fast' is no number"),
        (HEADER + ADMISSION + CHARTED + "07:30,HR\n", "'' is no number"),
        (HEADER + ADMISSION + CHARTED + "07:30,HR,nan\n", "'nan' is no number"),
        (HEADER + ADMISSION + CHARTED + "07:30,HR,80,90\n", "'80,90' is no number"),
        (HEADER + ADMISSION + CHARTED + "07:30,Creatinin,1\n", "'Creatinin' .perhaps Creatinine"),
        (HEADER + ADMISSION + CHARTED + "07:30,Heart Rate,80\n", "'Heart Rate' .perhaps HR"),
        (HEADER + ADMISSION + CHARTED + "07:30,Zodiac,3\n", "'Zodiac'; rename .* Known are Age, "),
        (HEADER + ADMISSION + CHARTED + ADMISSION.replace("900001", "900002"), "2 stays"),
        (HEADER + "\0\0\0" * 2000, "is no text"),
        (HEADER + "00:01,HR,70\n" * 2_000_000, "far more than 48 hours"),
    ],
)
def test_what_is_no_stay_is_refused_with_a_sentence_that_says_why(opened, text, said):
    with pytest.raises(RecordRefused, match=said) as refused:
        opened(text)
    assert str(refused.value).endswith(".")
    assert str(refused.value).startswith("stay.txt")


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is empty"), (b" \n\n", "is empty"), (b"\x89PNG\r\n\x1a\n" + bytes(300), "PNG picture")]
)
def test_a_file_that_is_no_text_is_refused_as_a_stay_too(tmp_path, content, said):
    path = tmp_path / "stay.txt"
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match=said):
        read_stay(path)


def test_other_tables_are_still_tables_of_leads(opened):
    assert not is_stay(opened(csv_text(), "table.csv"))


def test_a_stay_can_be_uploaded(tmp_path):
    record = read_upload({"stay.csv": (HEADER + ADMISSION + CHARTED).encode()}, tmp_path)
    assert is_stay(record)
    assert record.source == "upload"


def test_an_ecg_is_not_looked_for_in_a_stay(opened):
    record = opened(HEADER + ADMISSION + CHARTED)
    for lead in (None, "II", "HR"):
        with pytest.raises(RecordRefused, match=r"is an ICU stay .* has no ECG"):
            choose_lead(record, lead)


def test_the_end_is_known_where_a_comment_tells_it(opened):
    assert "outcome" not in opened(HEADER + ADMISSION + CHARTED).annotations
    told = opened("# Outcome: death\n" + HEADER + ADMISSION + CHARTED)
    assert told.annotations["outcome"].notes == ("death",)
    assert told.annotations["outcome"].samples.tolist() == [LAST_MINUTE]
    assert with_outcome(opened(HEADER + ADMISSION + CHARTED), "death").digest == told.digest


def test_an_edited_stay_is_the_stay_of_the_edited_file(opened):
    record = opened(HEADER + ADMISSION + CHARTED)
    changes = [Edit("HR", 600, 120.0), Edit("pH", 7, None), Edit("Lactate", 120, 4.5)]
    by_hand = HEADER + ADMISSION + "00:07,HR,73\n02:00,Lactate,4.5\n10:00,HR,120\n48:00,Urine,60\n"
    assert edited(record, changes).digest == opened(by_hand).digest
    assert edited(record, ()) is record
    assert value_of(record, "HR", 600) == 90


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit("HR", 600, 900.0), "Heart rate cannot be 900 /min; give a value from 10 to 300 /min"),
        (Edit("HR", 600, float("nan")), "cannot be nan"),
        (Edit("ICUType", 0, 7), "give 1 .coronary care. or 2"),
        (Edit("HR", 2881, 80), "lies outside the stay"),
        (Edit("HR", -1, 80), "lies outside the stay"),
        (Edit("Zodiac", 0, 1), "'Zodiac'"),
    ],
)
def test_a_change_that_no_chart_could_hold_is_refused(opened, edit, said):
    with pytest.raises(RecordRefused, match=said):
        edited(opened(HEADER + ADMISSION + CHARTED), [edit])


def test_a_recording_has_no_charted_values_to_change(opened):
    with pytest.raises(RecordRefused, match="is no ICU stay"):
        edited(opened(csv_text(), "table.csv"), [Edit("HR", 0, 80)])


def test_usual_values_are_possible_ones():
    for parameter in PARAMETERS.values():
        for bound in (parameter.normal_low, parameter.normal_high):
            assert bound is None or parameter.is_possible(bound)
        assert parameter.least < parameter.greatest
    assert set(STATICS) < set(PARAMETERS)


@pytest.mark.skipif("BEATLIGHT_DATA" not in os.environ, reason="needs the databases")
def test_of_the_challenges_stays_only_those_of_header_rows_alone_are_refused(tmp_path):
    refused = {}
    for letter in "ab":
        archive = Path(os.environ["BEATLIGHT_DATA"]) / "challenge2012" / f"set-{letter}.tar.xz"
        with tarfile.open(archive) as packed:
            for member in packed:
                if member.isfile():
                    path = tmp_path / Path(member.name).name
                    path.write_bytes(packed.extractfile(member).read())
                    try:
                        read_stay(path)
                    except RecordRefused as refusal:
                        refused.setdefault(letter, []).append(str(refusal))
                    path.unlink()
    assert {letter: len(found) for letter, found in refused.items()} == {"a": 3, "b": 7}
    assert all("not one measurement" in sentence for found in refused.values() for sentence in found)
