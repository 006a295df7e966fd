import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from backend.records.formats.stay_text import read_stay
from backend.records.record import RecordRefused
from backend.records.stays import LAST_MINUTE, PARAMETERS, Edit, apply_edits, is_stay, with_outcome
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
    ["pH,735", "Temp,0", "Temp,99.1", "Weight,0", "Height,400", "NIDiasABP,0", "FiO2,40", "FiO2,0", "WBC,12500"],
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
        (HEADER.replace("Time", "Hour") + CHARTED, "line 1: the columns are 'Hour', 'Parameter' and 'Value'"),
        (HEADER + ADMISSION, "but no measurements"),
        (HEADER + ADMISSION + "01:00,pH,735\n", "but no measurements .1 implausible"),
        (HEADER + ADMISSION + CHARTED + "48:01,HR,80\n", "line 12: 48:01 lies beyond 48:00"),
        (HEADER + ADMISSION + CHARTED + "999999:00,HR,80\n", "lies beyond 48:00"),
        (HEADER + ADMISSION + "-00:10,HR,80\n" + CHARTED, "line 8: -00:10 lies before admission"),
        (HEADER + ADMISSION + CHARTED + "7.5,HR,80\n", "'7.5' is not a time"),
        (HEADER + ADMISSION + CHARTED + "07:75,HR,80\n", "'07:75' is not a time"),
        (HEADER + ADMISSION + CHARTED + "07:30,HR,fast\n", "'fast' is not a number"),
        (HEADER + ADMISSION + CHARTED + "07:30,HR\n", "'' is not a number"),
        (HEADER + ADMISSION + CHARTED + "07:30,HR,nan\n", "'nan' is not a number"),
        (HEADER + ADMISSION + CHARTED + "07:30,HR,80,90\n", "'80,90' is not a number"),
        (HEADER + ADMISSION + CHARTED + "07:30,Creatinin,1\n", "'Creatinin' .perhaps Creatinine"),
        (HEADER + ADMISSION + CHARTED + "07:30,Heart Rate,80\n", "'Heart Rate' .perhaps HR"),
        (HEADER + ADMISSION + CHARTED + "07:30,Zodiac,3\n", "'Zodiac'. Rename .* known parameters are Age, "),
        (HEADER + ADMISSION + CHARTED + ADMISSION.replace("900001", "900002"), "2 stays"),
        (HEADER + "\0\0\0" * 2000, "is not UTF-8 text"),
        (HEADER + "00:01,HR,70\n" * 2_000_000, "more than 48 hours"),
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
def test_only_stays_without_measurements_are_refused_in_the_challenge(tmp_path):
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
    assert all("but no measurements" in sentence for found in refused.values() for sentence in found)
