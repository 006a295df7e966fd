import io
import unicodedata
import zipfile

import numpy as np
import pytest

from backend.records.alarms import find_alarms
from backend.records.channels.sensors import find_sensors
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.understanding import Stated
from backend.records.uploads import read_upload
from tests.records.well_formed import (
    STAY,
    contents_of,
    csv_text,
    synthetic_ecg,
    write_alarm,
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
    bare = "\n".join(str(value) for value in synthetic_ecg()[:, 0]).encode()
    assert read_upload({"bare.csv": bare}, session, Stated(sampling_rate=200, unit="uV")).sampling_rate == 200
    assert list(session.iterdir()) == []


def test_notes_and_lists_next_to_a_record_are_ignored(session, files):
    extra = {"LICENSE.txt": b"Free to use.", "index.csv": b"record\nrec\n", "RECORDS": b"rec\n"}
    assert read_upload(files | extra, session).name == "rec"
    system = {"__MACOSX/._rec.hea": b"\0\5", ".DS_Store": b"\0"}
    assert read_upload({"rec.zip": zipped(files | extra | system)}, session).name == "rec"


def test_files_that_macos_adds_are_ignored_in_any_upload(session, files):
    system = {"._rec.hea": b"\0\5\x16\7", ".DS_Store": b"\0", "Thumbs.db": b"x"}
    assert read_upload(files | system, session).name == "rec"
    packed = {f"study/{name}": content for name, content in (files | system).items()}
    assert read_upload({"rec.zip": zipped(packed | {"__MACOSX/study/._rec.dat": b"\0"})}, session).name == "rec"
    _refused(session, system, "only files of the operating system")


@pytest.mark.parametrize(
    "name", ["M\u00fcller", "Mu\u0308ller", "\u5c71\u7530 1", "\u0418\u0432\u0430\u043d", "a'b", "50% \u2665"]
)
def test_file_names_in_any_language_are_read(session, files, name):
    renamed = {f"{name}{ending[3:]}": content for ending, content in files.items()}
    header = f"{name}.hea"
    renamed[header] = renamed[header].replace(b"rec", name.replace(" ", "_").encode())
    if " " not in name:
        record = read_upload(renamed, session)
        assert record.name == unicodedata.normalize("NFC", name)
        assert list(record.annotations) == ["atr"]
    assert read_upload({f"{name}.csv": csv_text().encode()}, session).sampling_rate == 250


def test_a_zip_of_macos_has_utf_8_names_without_saying_so(session):
    content = zipped({"Mu\u0308ller.csv": csv_text().encode()})
    for signature, offset in ((b"PK\x01\x02", 9), (b"PK\x03\x04", 7)):
        place = content.find(signature) + offset
        content = content[:place] + bytes([content[place] & ~0x08]) + content[place + 1 :]
    assert read_upload({"a.zip": content}, session).name == "M\u00fcller"


def test_notes_of_one_name_in_several_folders_of_a_zip_are_ignored(session, files):
    notes = {f"{folder}/{name}": b"Read me." for folder in "ab" for name in ("README", "readme.txt", "LICENSE.txt")}
    assert read_upload({"rec.zip": zipped(files | notes)}, session).name == "rec"


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>"}, "an Excel workbook"),
        ({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}, "a Word document"),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, "an OpenDocument sheet"),
    ],
)
def test_office_files_are_refused_by_their_name(session, members, what):
    content = zipped(members, zipfile.ZIP_STORED)
    for upload in ({"ecg.xlsx": content}, {"ecg": content}, {"all.zip": zipped({"ecg.xlsx": content})}):
        _refused(session, upload, rf"is {what}\. Save .* as CSV")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ecg.atc", b"ALIVE\0\0\0\2\0\0\0" + bytes(500), r"ecg\.atc is a Kardia \.atc file\. Export"),
        ("a.gdf", b"GDF 2.20" + bytes(500), r"GDF file\. Export the recording as EDF"),
        ("a.vhdr", b"Brain Vision Data Exchange Header File Version 1.0\r\n", "BrainVision"),
        ("a.parquet", b"PAR1" + bytes(500), r"Parquet file\. Save the table as CSV"),
        ("a.npy", b"\x93NUMPY\1\0" + bytes(500), "NumPy file"),
        ("a.json", b'{"samples": [1, 2, 3]}', "JSON file"),
        ("a.json", b"[[1, 2], [3, 4]]", "JSON file"),
        ("a.pdf", b"%PDF-1.4" + bytes(500), r"PDF document\. Choose the recording itself"),
        ("a.fit", b"\x0e\x10\0\0\0\0\0\0.FIT" + bytes(50), "FIT file of a sports watch"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old Office document"),
    ],
)
def test_formats_that_are_not_read_are_refused_by_their_name(session, name, content, said):
    _refused(session, {name: content}, said)


def test_two_records_are_refused_by_name(session, files):
    other = {"other.hea": files["rec.hea"].replace(b"rec", b"other"), "other.dat": files["rec.dat"]}
    _refused(session, files | other, r"more than one record: other\.hea, rec\.hea\. Upload the files of one")


def test_an_incomplete_record_is_refused_with_the_missing_file(session, files):
    _refused(session, {"rec.hea": files["rec.hea"]}, r"signal file rec\.dat of rec\.hea is missing")
    _refused(session, {"rec.dat": files["rec.dat"]}, r"signal file without its header\. Upload the \.hea")


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
    _refused(session, {"rec.zip": zipped({})}, "None of the files is a record")


@pytest.mark.parametrize("name", ["../../rec.hea", "/rec.hea", "a/../../rec.hea", "C:/rec.hea", "a\\..\\..\\rec.hea"])
def test_a_zip_with_paths_outside_its_folder_is_refused(tmp_path, session, files, name):
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


def test_a_zip_bomb_is_refused_by_its_declared_size(session):
    _refused(session, {"rec.zip": zipped({"rec.dat": bytes(60 * 2**20)})}, "far more than signals do")


def test_a_zip_bomb_with_a_false_size_is_refused(session):
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


def test_a_table_in_a_zip_uses_the_given_rate_and_unit(session):
    text = csv_text(header="number,MLII,V1").replace("number", "index").encode()
    assert read_upload({"t.zip": zipped({"t.csv": text})}, session, Stated(sampling_rate=250, unit="mV")).name == "t"


@pytest.fixture
def alarm_files(tmp_path):
    folder = tmp_path / "alarm"
    folder.mkdir()
    write_alarm(folder)
    return contents_of(folder)


def _monitored(tmp_path, signals, names, units):
    """Files of a record with these signals, shape = (n_samples, n_channels)."""
    folder = tmp_path / "monitored"
    folder.mkdir()
    write_wfdb(folder, signals=signals, sig_name=names, units=units, comments=["Asystole", "True alarm"])
    return contents_of(folder)


def test_an_uploaded_alarm_of_the_challenge_keeps_its_truth(session, alarm_files):
    for upload in (alarm_files, {"alarm.zip": zipped(alarm_files)}):
        record = read_upload(upload, session)
        (alarm,) = find_alarms(record)
        assert (alarm.kind, alarm.is_true) == ("asystole", False)
        assert [channel.unit for channel in record.channels] == ["mV", "mV", "mmHg", "NU"]
        assert list(session.iterdir()) == []


def test_a_sensor_of_gaps_is_missing_but_the_others_are_accepted(session, tmp_path):
    signals = np.column_stack([synthetic_ecg(), np.full(2500, np.nan)])
    record = read_upload(_monitored(tmp_path, signals, ["II", "V", "ABP"], ["mV", "mV", "mmHg"]), session)
    assert np.isnan(record.signals[:, find_sensors(record)["ABP"]]).all()


def test_an_alarm_with_empty_sensors_is_refused(session, tmp_path):
    signals = np.full((2500, 3), np.nan)
    files = _monitored(tmp_path, signals, ["II", "V", "ABP"], ["mV", "mV", "mmHg"])
    _refused(session, files, r"rec has only gaps and flat lines .*\. Choose another record\.")


def test_sensors_without_an_ecg_are_refused_by_name(session, tmp_path):
    files = _monitored(tmp_path, 80 + 40 * synthetic_ecg(), ["ABP", "RESP"], ["mmHg", "NU"])
    _refused(session, files, r"rec has no ECG lead, only ABP, RESP\. Choose a record with an ECG")


def test_an_incomplete_alarm_is_refused_with_the_missing_file(session, alarm_files):
    _refused(session, {"a901l.hea": alarm_files["a901l.hea"]}, r"signal file a901l\.mat of a901l\.hea is missing")
    _refused(session, {"a901l.mat": alarm_files["a901l.mat"]}, r"signal file without its header")
    cut = alarm_files | {"a901l.mat": alarm_files["a901l.mat"][:10_000]}
    _refused(session, cut, r"a901l\.mat is shorter than a901l\.hea states")


def test_a_matlab_5_file_in_place_of_signals_is_refused(session, alarm_files):
    newer = b"MATLAB 5.0 MAT-file" + bytes(20_000)
    _refused(session, alarm_files | {"a901l.mat": newer}, "MATLAB 5 file .WFDB reads version 4 only")


def test_a_stay_with_notes_or_in_a_zip_is_the_same_stay(session, tmp_path):
    stay = STAY.encode()
    (tmp_path / "900001.txt").write_bytes(stay)
    opened = open_record(tmp_path / "900001.txt")
    notes = {"LICENSE.txt": b"Free to use.", "Outcomes-a.txt": b"RecordID,In-hospital_death\n900001,0\n"}
    for upload in (
        {"900001.txt": stay},
        {"900001.csv": stay},
        {"900001": stay},
        {"stay.zip": zipped({"set-a/900001.txt": stay})},
        {"900001.txt": stay} | notes,
        {"stay.zip": zipped({"900001.txt": stay} | notes)},
    ):
        record = read_upload(upload, session)
        assert record.digest == opened.digest
        assert (record.name, record.source) == ("900001", "upload")
        assert list(session.iterdir()) == []


def test_two_stays_are_refused_by_name(session):
    stays = {name: STAY.encode() for name in ("900001.txt", "900002.txt")}
    for upload in (stays, {"stays.zip": zipped(stays)}):
        _refused(
            session, upload, r"more than one record: 900001\.txt, 900002\.txt\. Upload the files of one at a time\."
        )


def test_a_stay_beside_a_recording_is_a_second_record(session, files):
    for upload in (files | {"900001.txt": STAY.encode()}, {"all.zip": zipped(files | {"900001.txt": STAY.encode()})}):
        _refused(session, upload, r"more than one record: rec\.hea, 900001\.txt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Time,Parameter,Value\n", r"contains no charted values\. Add a line 'Time,Parameter,Value' for each value\."),
        (STAY.partition("00:07")[0], r"values recorded on admission but no measurements"),
        (STAY + STAY.replace("900001", "900002"), r"contains 2 stays\. Save each stay in a file of its own\."),
    ],
)
def test_a_malformed_stay_is_refused_with_a_remedy(session, text, said):
    for upload in ({"900001.txt": text.encode()}, {"stay.zip": zipped({"900001.txt": text.encode()})}):
        _refused(session, upload, r"^900001\.txt.*" + said)
