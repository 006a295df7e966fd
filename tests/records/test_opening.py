import pytest

from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.understanding import Stated
from tests.records.well_formed import csv_text, synthetic_ecg, write_beats, write_edf, write_wfdb


@pytest.fixture
def folder(tmp_path):
    write_wfdb(tmp_path)
    write_beats(tmp_path)
    write_edf(tmp_path / "night.edf")
    (tmp_path / "table.csv").write_text(csv_text())
    return tmp_path


@pytest.mark.parametrize("name", ["rec", "rec.hea", "rec.dat", "rec.atr", "night.edf", "table.csv"])
def test_each_format_opens_by_any_of_its_files(folder, name):
    record = open_record(folder / name)
    assert record.name == name.split(".")[0]
    assert len(record.signals) == 2500
    assert record.source == "file"


def test_a_file_with_an_unknown_ending_is_recognised_by_its_content(folder):
    (folder / "night.edf").rename(folder / "recording")
    (folder / "table.csv").rename(folder / "table.values")
    assert len(open_record(folder / "recording").channels) == 3
    assert len(open_record(folder / "table.values").channels) == 2


def test_the_given_rate_and_unit_apply_to_a_table(folder):
    (folder / "bare.csv").write_text("\n".join(str(value) for value in synthetic_ecg()[:, 0]))
    assert open_record(folder / "bare.csv", Stated(sampling_rate=200, unit="mV")).sampling_rate == 200


@pytest.mark.parametrize("name", ["nothing", "nothing.csv", "nothing.edf", "", ".", "a\0b", "x" * 300])
def test_a_missing_record_is_refused_with_the_supported_formats(folder, name):
    with pytest.raises(RecordRefused, match=r"No record exists|cannot be read"):
        open_record(folder / name)


def test_addresses_are_not_opened(folder):
    for address in ("http://127.0.0.1:9/rec", "s3://bucket/rec", "file::http://127.0.0.1:9/rec"):
        with pytest.raises(RecordRefused, match="No record exists"):
            open_record(address)


def test_a_picture_is_refused_whatever_its_ending(folder):
    for ending in ("csv", "edf", "hea", "png"):
        path = folder / f"picture.{ending}"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
        with pytest.raises(RecordRefused, match="PNG picture"):
            open_record(path)
