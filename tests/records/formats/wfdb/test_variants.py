"""Headers as other software and file systems leave them."""

import time

import numpy as np
import pytest

from backend.records.channels.leads import ecg_leads
from backend.records.formats.wfdb.reader import read_wfdb
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.understanding import Stated
from tests.records.well_formed import synthetic_ecg, write_beats, write_wfdb

LINES = "rec.dat 16 200(0)/mV 16 0 0 0 0 MLII\nrec.dat 16 200(0)/mV 16 0 0 0 0 V1\n"
RECORD = "rec 2 250 2500"


@pytest.mark.parametrize(
    "text",
    [
        f"{RECORD} 25:61:00 99/99/9999\n{LINES}",
        f"{RECORD} 12:00:00 2024-03-05\n{LINES}",
        f"{RECORD} 00:00:00 --/--/----\n{LINES}",
        f"{RECORD} Mar 5, 2024\n{LINES}",
        f"rec.mat 2 250 2500 05-Mar-2024 14:05:45\n{LINES}",
        f"some-other.name 2 250 2500\n{LINES}",
        f"rec 2 250,0 2500\n{LINES.replace('200(0)', '200,0(0)')}",
        f"{RECORD}\n{LINES}Age: 63\nSex: Male\nDx: 426783006\nRx unknown\n",
        f"{RECORD}\nAge: 63\n{LINES}",
        f"Holter of the ward\n{RECORD}\n{LINES}",
        f"{RECORD}\n{LINES}Age 63 years\n",
        f"\ufeff{RECORD}\n{LINES}",
        f"{RECORD}\r\n{LINES}".replace("\n", "\r\n"),
        f"{RECORD}\n{LINES.replace(' MLII', ' Müller II')}",
    ],
)
def test_odd_dates_names_and_comments_do_not_keep_a_header_from_being_read(tmp_path, text):
    write_wfdb(tmp_path)
    (tmp_path / "rec.hea").write_text(text, encoding="utf-8", newline="")
    record = read_wfdb(tmp_path / "rec")
    assert record.sampling_rate == 250
    np.testing.assert_allclose(record.signals, synthetic_ecg(), atol=1e-5)
    assert record.channels[1].name == "V1"


@pytest.mark.parametrize("ending", ["d16", "dat_1", "ECG", "bin.1", "", "d-x"])
def test_signal_files_of_any_ending_are_read(tmp_path, ending):
    write_wfdb(tmp_path)
    name = f"rec.{ending}" if ending else "rec"
    (tmp_path / "rec.dat").rename(tmp_path / name)
    (tmp_path / "rec.hea").write_text(f"{RECORD}\n{LINES.replace('rec.dat', name)}")
    np.testing.assert_allclose(read_wfdb(tmp_path / "rec.hea").signals, synthetic_ecg(), atol=1e-5)


@pytest.mark.parametrize("asked", ["REC.HEA", "REC.DAT", "REC", "rec"])
def test_files_in_capitals_are_found(tmp_path, asked):
    write_wfdb(tmp_path)
    write_beats(tmp_path)
    for path in list(tmp_path.iterdir()):
        path.rename(path.with_name(path.name.upper()))
    record = open_record(tmp_path / asked)
    np.testing.assert_allclose(record.signals, synthetic_ecg(), atol=1e-5)
    assert list(record.annotations) == ["atr"]


def test_a_record_that_was_renamed_is_read_with_a_notice(tmp_path):
    write_wfdb(tmp_path)
    (tmp_path / "rec.hea").rename(tmp_path / "rec (1).hea")
    (tmp_path / "rec.dat").rename(tmp_path / "rec (1).dat")
    record = open_record(tmp_path / "rec (1).hea")
    np.testing.assert_allclose(record.signals, synthetic_ecg(), atol=1e-5)
    assert record.understanding.notices == (
        "The header names rec.dat, which is missing; rec (1).dat was read instead.",
    )


def test_the_default_rate_of_wfdb_is_used_with_a_notice(tmp_path):
    write_wfdb(tmp_path)
    (tmp_path / "rec.hea").write_text(f"rec 2\n{LINES}")
    record = read_wfdb(tmp_path / "rec")
    assert record.sampling_rate == 250
    assert "default of 250 Hz" in record.understanding.notices[0]


@pytest.mark.parametrize("gain", ["1e-38", "5e-324", "1e30"])
@pytest.mark.parametrize("index", [0, 1])
def test_an_impossible_gain_of_any_signal_is_refused_by_name(tmp_path, gain, index):
    write_wfdb(tmp_path)
    lines = LINES.replace(" V1", " ABP").replace("200(0)/mV 16 0 0 0 0 ABP", "200(0)/mmHg 16 0 0 0 0 ABP").splitlines()
    lines[index] = lines[index].replace("200(0)", f"{gain}(0)")
    (tmp_path / "rec.hea").write_text("\n".join([RECORD, *lines]) + "\n")
    with pytest.raises(RecordRefused, match=r"(MLII|ABP) a gain of .*impossible\. Correct the header"):
        read_wfdb(tmp_path / "rec")


def test_one_segment_named_many_times_is_refused_at_once(tmp_path):
    n_samples = 500_000
    write_wfdb(tmp_path, "part", signals=np.tile(synthetic_ecg()[:, :1], (n_samples // 2500, 1)))
    master = "\n".join([f"long/100 1 250 {100 * n_samples}", *[f"part {n_samples}"] * 100])
    (tmp_path / "long.hea").write_text(master + "\n")
    start = time.perf_counter()
    with pytest.raises(RecordRefused, match="names the same segments many times"):
        read_wfdb(tmp_path / "long")
    assert time.perf_counter() - start < 5


def test_what_is_stated_takes_precedence_over_the_header(tmp_path):
    write_wfdb(tmp_path)
    record = read_wfdb(tmp_path / "rec", Stated(500, "uV", ("V1",)))
    assert record.sampling_rate == 500
    assert ecg_leads(record) == ("V1",)
    np.testing.assert_allclose(record.signals[:, 1], synthetic_ecg()[:, 1] / 1000, atol=1e-7)


def test_nothing_is_left_in_the_folder_or_the_temporary_folder(tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    folder = tmp_path / "record"
    folder.mkdir()
    write_wfdb(folder)
    before = sorted(path.name for path in folder.iterdir())
    read_wfdb(folder / "rec")
    assert sorted(path.name for path in folder.iterdir()) == before
    assert list(temporary.iterdir()) == []
