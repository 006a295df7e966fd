import pytest

from backend.records.opening import open_record
from backend.records.record import RecordRefused
from tests.records.well_formed import csv_text, write_beats, write_edf, write_wfdb


@pytest.fixture
def folder(tmp_path):
    write_wfdb(tmp_path)
    write_beats(tmp_path)
    write_edf(tmp_path / "night.edf")
    (tmp_path / "table.csv").write_text(csv_text())
    return tmp_path


@pytest.mark.parametrize("name", ["rec", "rec.hea", "rec.dat", "rec.atr", "night.edf", "table.csv"])
def test_each_kind_of_record_opens_by_any_of_its_files(folder, name):
    record = open_record(folder / name)
    assert record.name == name.split(".")[0]
    assert len(record.signals) == 2500
    assert record.source == "file"


def test_a_file_without_a_telling_ending_is_known_by_its_content(folder):
    (folder / "night.edf").rename(folder / "recording")
    (folder / "table.csv").rename(folder / "table.values")
    assert len(open_record(folder / "recording").channels) == 3
    assert len(open_record(folder / "table.values").channels) == 2


def test_what_the_person_states_reaches_the_table(folder):
    (folder / "bare.csv").write_text("\n".join(str(value % 50 / 50) for value in range(1000)))
    assert open_record(folder / "bare.csv", sampling_rate=200, unit="mV").sampling_rate == 200


@pytest.mark.parametrize("name", ["nothing", "nothing.csv", "nothing.edf", "", ".", "a\0b", "x" * 300])
def test_what_is_not_there_is_refused_with_what_could_be_given(folder, name):
    with pytest.raises(RecordRefused, match=r"no record|cannot be read"):
        open_record(folder / name)


def test_addresses_are_not_opened(folder):
    for address in ("http://127.0.0.1:9/rec", "s3://bucket/rec", "file::http://127.0.0.1:9/rec"):
        with pytest.raises(RecordRefused, match="no record"):
            open_record(address)


def test_a_picture_is_refused_whatever_its_ending(folder):
    for ending in ("csv", "edf", "hea", "png"):
        path = folder / f"picture.{ending}"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
        with pytest.raises(RecordRefused, match="PNG picture"):
            open_record(path)
