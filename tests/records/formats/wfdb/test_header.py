import pytest

from backend.records.formats.wfdb.header import check_signal_files, count_frames, read_header
from backend.records.formats.wfdb.reader import read_wfdb
from backend.records.record import RecordRefused
from tests.records.well_formed import write_fixed_segments, write_variable_segments, write_wfdb

LINE = "rec.dat 16 200/mV 16 0 0 0 0 MLII"


def _header(folder, text: str):
    write_wfdb(folder)
    path = folder / "rec.hea"
    path.write_text(text)
    return path


def test_a_header_describes_each_signal(tmp_path):
    header = read_header(
        _header(tmp_path, f"rec 2 62.5 625\n# remark\nrec.dat 16x4:2+8 200/uV 16 0 0 0 0 Lead II\n{LINE}\n")
    )
    first = header.signals[0]
    assert (first.name, first.unit, first.samples_per_frame, first.skew, first.byte_offset) == (
        "Lead II",
        "uV",
        4,
        2,
        8,
    )
    assert (header.frame_rate, header.n_frames, header.is_layout) == (62.5, 625, False)


def test_a_length_missing_in_the_header_comes_from_the_file(tmp_path):
    header = read_header(_header(tmp_path, f"rec 2 250\n{LINE}\n{LINE}\n"))
    assert header.must_be_read_whole
    assert check_signal_files(header) == 10_000
    assert count_frames(header) == 2500


def test_a_master_header_lists_its_segments(tmp_path):
    header = read_header(write_variable_segments(tmp_path).with_suffix(".hea"))
    assert header.segment_names == ("layout", "only", "~", "both")
    assert header.segment_frames == (0, 1000, 500, 1000)
    assert read_header(tmp_path / "layout.hea").is_layout


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "empty"),
        ("# only a remark\n", "empty"),
        ("Dear colleague,\n", "as a WFDB header"),
        (f"rec 3 250 2500\n{LINE}\n{LINE}\n", "claims 3 signals but describes 2"),
        (f"rec 1 250 0\n{LINE}\n", "no samples"),
        (f"rec 1 0 2500\n{LINE}\n", "sampling rate of 0 Hz"),
        ("rec 1 250 2500\nrec.dat 17 200\n", "format 17"),
        ("rec 1 250 2500\nrec.dat 16x0 200\n", "0 samples per frame"),
        ("rec 1 250 2500\nrec.dat 16x99999 200\n", "99999 samples per frame"),
        ("rec 1 250 2500\nrec.dat 16:9999 200\n", "skew of 9999"),
        ("rec 0 250 2500\n", "claims 0 signals"),
        ("1" * 5000, "lines are too long"),
        ("rec/2 2 250 2500\none 1000\n", "claims 2 segments but names 1"),
        ("rec/2 2 250 2500\none 1000\ntwo 1400\n", "do not add up"),
    ],
)
def test_inconsistent_headers_are_refused(tmp_path, text, match):
    with pytest.raises(RecordRefused, match=match):
        read_header(_header(tmp_path, text))


@pytest.mark.parametrize("second", ["rec.dat 24 200", "rec.dat 16+4 200"])
def test_one_file_described_in_two_ways_is_refused(tmp_path, second):
    header = read_header(_header(tmp_path, f"rec 2 250 100\n{LINE}\n{second}\n"))
    with pytest.raises(RecordRefused, match="in different ways"):
        check_signal_files(header)


def test_a_matlab_file_of_the_newer_kind_is_refused(tmp_path):
    path = _header(tmp_path, f"rec 1 250 100\n{LINE}\n")
    (tmp_path / "rec.dat").write_bytes(b"MATLAB 5.0 MAT-file" + bytes(1000))
    with pytest.raises(RecordRefused, match="MATLAB 5"):
        check_signal_files(read_header(path))


def test_missing_segments_are_refused_by_name(tmp_path):
    path = write_fixed_segments(tmp_path)
    (tmp_path / "two.hea").unlink()
    with pytest.raises(RecordRefused, match=r"header two\.hea is missing"):
        read_wfdb(path)
