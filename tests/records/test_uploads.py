import io
import zipfile

import pytest

from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.uploads import read_upload
from tests.records.well_formed import (
    contents_of,
    csv_text,
    write_beats,
    write_edf,
    write_fixed_segments,
    write_variable_segments,
    write_wfdb,
    zipped,
)


@pytest.fixture
def session(tmp_path):
    folder = tmp_path / "session"
    folder.mkdir()
    return folder


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "record"
    folder.mkdir()
    write_wfdb(folder)
    write_beats(folder)
    return contents_of(folder)


def _refused(session, files, match):
    with pytest.raises(RecordRefused, match=match):
        read_upload(files, session)
    assert list(session.iterdir()) == []


def test_the_files_of_a_record_and_a_zip_of_them_are_the_record_itself(tmp_path, session, files):
    opened = open_record(tmp_path / "record" / "rec")
    for upload in (
        files,
        {"rec.zip": zipped(files)},
        {"x.zip": zipped({f"db/1/{name}": files[name] for name in files})},
    ):
        record = read_upload(upload, session)
        assert record.digest == opened.digest
        assert record.source == "upload"
        assert list(session.iterdir()) == []


@pytest.mark.parametrize("write", [write_fixed_segments, write_variable_segments])
def test_segments_count_as_one_record(tmp_path, session, write):
    folder = tmp_path / "record"
    folder.mkdir()
    write(folder)
    assert len(read_upload(contents_of(folder), session).signals) == 2500


def test_edf_and_csv_are_taken_alone(tmp_path, session):
    assert read_upload({"night.edf": write_edf(tmp_path / "night.edf").read_bytes()}, session).name == "night"
    bare = "\n".join(str(value % 50 / 50) for value in range(1000)).encode()
    assert read_upload({"bare.csv": bare}, session, sampling_rate=200, unit="uV").sampling_rate == 200
    assert list(session.iterdir()) == []


def test_notes_and_lists_beside_a_record_are_no_second_record(session, files):
    extra = {"LICENSE.txt": b"Free to use.", "index.csv": b"record\nrec\n", "RECORDS": b"rec\n"}
    assert read_upload(files | extra, session).name == "rec"
    system = {"__MACOSX/._rec.hea": b"\0\5", ".DS_Store": b"\0"}
    assert read_upload({"rec.zip": zipped(files | extra | system)}, session).name == "rec"


def test_two_records_are_named_and_one_is_asked_for(session, files):
    other = {"other.hea": files["rec.hea"].replace(b"rec", b"other"), "other.dat": files["rec.dat"]}
    _refused(session, files | other, r"more than one record: other\.hea, rec\.hea; upload the files of one")


def test_half_a_record_names_the_other_half(session, files):
    _refused(session, {"rec.hea": files["rec.hea"]}, r"needs the signal file rec\.dat")
    _refused(session, {"rec.dat": files["rec.dat"]}, r"signal file without its header; upload the \.hea")


@pytest.mark.parametrize(
    "name",
    ["../rec.hea", "/rec.hea", "a/rec.hea", "..\\rec.hea", "C:rec.hea", "..", "", "a\0.hea", "x" * 200, "-rf", "~"],
)
def test_file_names_that_hold_a_path_are_refused(session, files, name):
    _refused(session, files | {name: b"x"}, "holds a path or characters")


def test_nothing_and_empty_files_are_refused(session):
    _refused(session, {}, "No file was uploaded")
    for name in ("rec.hea", "rec.edf", "rec.csv"):
        _refused(session, {name: b""}, "empty")
    _refused(session, {"rec.zip": b""}, "not a zip archive")
    _refused(session, {"rec.zip": zipped({})}, "no record among the files")


@pytest.mark.parametrize("name", ["../../rec.hea", "/rec.hea", "a/../../rec.hea", "C:/rec.hea", "a\\..\\..\\rec.hea"])
def test_a_zip_that_climbs_out_of_its_folder_is_refused(tmp_path, session, files, name):
    before = sorted(tmp_path.rglob("*"))
    _refused(session, {"rec.zip": zipped(files | {name: b"x"})}, "leads out of the archive")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_a_zip_is_refused(session, files):
    buffer = io.BytesIO(zipped(files))
    with zipfile.ZipFile(buffer, "a") as archive:
        link = zipfile.ZipInfo("more.dat")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    _refused(session, {"rec.zip": buffer.getvalue()}, "link or device")


def test_a_zip_bomb_is_refused_by_what_it_declares(session):
    _refused(session, {"rec.zip": zipped({"rec.dat": bytes(60 * 2**20)})}, "far more than signals do")


def test_a_zip_bomb_that_lies_about_its_size_is_refused_too(session):
    content = zipped({"rec.dat": bytes(60 * 2**20)})
    content = content.replace((60 * 2**20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    _refused(session, {"rec.zip": content}, r"not a zip archive that can be unpacked|header")


def test_a_zip_in_a_zip_is_refused(session, files):
    _refused(session, {"rec.zip": zipped({"rec.zip": zipped(files)})}, "another archive")
    _refused(session, {"rec.zip": zipped({"rec.dat": zipped(files)})}, "archive in the archive")


def test_an_encrypted_zip_is_refused(session, files):
    content = bytearray(zipped(files))
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = content.find(signature)
        while start >= 0:
            content[start + offset] |= 1
            start = content.find(signature, start + 4)
    _refused(session, {"rec.zip": bytes(content)}, "encrypted")


def test_thousands_of_files_are_refused(session):
    _refused(
        session, {"rec.zip": zipped({f"{index}.hea": b"" for index in range(5000)}, zipfile.ZIP_STORED)}, "thousands"
    )
    _refused(session, {f"{index}.hea": b"" for index in range(2001)}, "only those of one record")


def test_a_zip_among_other_files_is_refused(session, files):
    _refused(session, files | {"more.zip": zipped(files)}, "one zip by itself")


def test_a_picture_named_as_a_signal_is_refused(session, files):
    _refused(session, files | {"rec.dat": b"\x89PNG\r\n\x1a\n" + bytes(20_000)}, "PNG picture")
    _refused(session, {"ecg.png": b"\x89PNG\r\n\x1a\n" + bytes(20_000)}, "PNG picture")


def test_files_of_one_name_in_two_folders_of_a_zip_are_refused(session, files):
    doubled = {f"{folder}/{name}": content for folder in "ab" for name, content in files.items()}
    _refused(session, {"rec.zip": zipped(doubled)}, "more than one file rec")


def test_a_table_within_a_zip_takes_what_the_person_states(session):
    text = csv_text(header="number,MLII,V1").replace("number", "index").encode()
    assert read_upload({"t.zip": zipped({"t.csv": text})}, session, sampling_rate=250, unit="mV").name == "t"
