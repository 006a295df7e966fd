import os
from pathlib import Path

import numpy as np
import pytest
import wfdb

from backend.records.channels.leads import choose_lead
from backend.records.formats.wfdb.reader import read_wfdb
from backend.records.record import RecordRefused
from backend.records.understanding import Stated
from tests.records.well_formed import (
    GAIN,
    RATE,
    synthetic_ecg,
    write_beats,
    write_fixed_segments,
    write_variable_segments,
    write_wfdb,
)

DATABASES = os.environ.get("BEATLIGHT_DATA")
needs_databases = pytest.mark.skipif(not DATABASES, reason="BEATLIGHT_DATA names no folder of databases")


def _bits(values: np.ndarray, n_bits: int) -> np.ndarray:
    return values & ((1 << n_bits) - 1)


def _packed(fmt: str, samples: np.ndarray) -> bytes:
    """Interleaved samples in the formats that wfdb reads but does not write."""
    if fmt == "8":
        steps = np.diff(samples.reshape(-1, 2), axis=0, prepend=samples[:2][None])
        return steps.reshape(-1).astype("i1").tobytes()
    if fmt == "61":
        return samples.astype(">i2").tobytes()
    if fmt == "160":
        return (samples + 32768).astype("<u2").tobytes()
    if fmt == "212":
        first, second = _bits(samples[0::2], 12), _bits(samples[1::2], 12)
        return np.stack([first & 255, first >> 8 | second >> 8 << 4, second & 255], axis=1).astype("u1").tobytes()
    padded = _bits(np.concatenate([samples, np.zeros(-len(samples) % 3, dtype=int)]), 10)
    first, second, third = padded[0::3], padded[1::3], padded[2::3]
    if fmt == "310":
        low = first << 1 | (third & 31) << 11
        high = second << 1 | third >> 5 << 11
        return np.stack([low, high], axis=1).astype("<u2").tobytes()
    return (first | second << 10 | third << 20).astype("<u4").tobytes()


def _write_packed(folder: Path, fmt: str) -> np.ndarray:
    digital = np.round(synthetic_ecg() * GAIN).astype(int)
    (folder / "rec.dat").write_bytes(_packed(fmt, digital.reshape(-1)))
    lines = [f"rec.dat {fmt} 200/mV 12 0 {digital[0, index]} 0 0 {name}" for index, name in enumerate(("MLII", "V1"))]
    (folder / "rec.hea").write_text("rec 2 250 2500\n" + "\n".join(lines) + "\n")
    return digital / GAIN


@pytest.mark.parametrize("fmt", ["16", "24", "32", "80", "508", "516", "524"])
def test_every_format_that_wfdb_writes_is_read_back_in_millivolts(tmp_path, fmt):
    gain = 50 if fmt in ("80", "508") else GAIN
    path = write_wfdb(tmp_path, fmt=fmt, adc_gain=[gain, gain])
    record = read_wfdb(path)
    np.testing.assert_allclose(record.signals, synthetic_ecg(), atol=0.5 / gain + 1e-6)
    assert record.signals.dtype == np.float32
    assert record.sampling_rate == RATE


@pytest.mark.parametrize("fmt", ["8", "61", "160", "212", "310", "311"])
def test_read_only_formats_of_wfdb_are_restored(tmp_path, fmt):
    expected = _write_packed(tmp_path, fmt)
    np.testing.assert_allclose(read_wfdb(tmp_path / "rec").signals, expected, atol=1e-6)


@pytest.mark.parametrize("ending", ["", ".hea", ".dat"])
def test_a_record_opens_with_or_without_its_endings(tmp_path, ending):
    path = write_wfdb(tmp_path)
    record = read_wfdb(path.with_name(path.name + ending))
    assert record.name == "rec"
    assert [(channel.name, channel.unit) for channel in record.channels] == [("MLII", "mV"), ("V1", "mV")]


@pytest.mark.parametrize(("unit", "gain"), [("uV", 0.2), ("nV", 0.0002), ("V", 200_000), ("mV", 200)])
def test_potentials_become_millivolts(tmp_path, unit, gain):
    per_unit = {"uV": 1e3, "nV": 1e6, "V": 1e-3, "mV": 1}[unit]
    write_wfdb(tmp_path, signals=synthetic_ecg() * per_unit, units=[unit] * 2, adc_gain=[gain] * 2)
    record = read_wfdb(tmp_path / "rec")
    np.testing.assert_allclose(record.signals, synthetic_ecg(), atol=0.003)
    assert {channel.unit for channel in record.channels} == {"mV"}


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_microvolts_with_a_micro_sign_are_not_volts(tmp_path, encoding):
    write_wfdb(tmp_path, signals=synthetic_ecg() * 1e3, units=["uV"] * 2, adc_gain=[0.2] * 2)
    header = tmp_path / "rec.hea"
    header.write_bytes(header.read_text().replace("uV", "µV").encode(encoding))
    np.testing.assert_allclose(read_wfdb(header).signals, synthetic_ecg(), atol=0.003)


def test_a_signal_without_gain_has_200_units_per_millivolt(tmp_path):
    write_wfdb(tmp_path)
    header = tmp_path / "rec.hea"
    header.write_text("rec 2 250 2500\nrec.dat 16\nrec.dat 16\n")
    record = read_wfdb(header, Stated(leads=("signal 1", "signal 2")))
    np.testing.assert_allclose(record.signals, synthetic_ecg(), atol=1e-5)
    assert [channel.name for channel in record.channels] == ["signal 1", "signal 2"]


def test_missing_samples_are_nan(tmp_path):
    signals = synthetic_ecg()
    signals[100:300, 0] = np.nan
    write_wfdb(tmp_path, signals=signals)
    np.testing.assert_array_equal(np.isnan(read_wfdb(tmp_path / "rec").signals), np.isnan(signals))


def test_a_long_record_read_in_parts_equals_the_whole(tmp_path, monkeypatch):
    write_wfdb(tmp_path)
    whole = read_wfdb(tmp_path / "rec")
    monkeypatch.setattr("backend.records.formats.wfdb.reader._VALUES_AT_ONCE", 700)
    assert read_wfdb(tmp_path / "rec").digest == whole.digest


def test_skewed_signals_are_aligned_as_wfdb_aligns_them(tmp_path, monkeypatch):
    write_wfdb(tmp_path)
    header = tmp_path / "rec.hea"
    header.write_text("rec 2 250 2500\nrec.dat 16:3 200/mV 16 0 0 0 0 MLII\nrec.dat 16 200/mV 16 0 0 0 0 V1\n")
    monkeypatch.setattr("backend.records.formats.wfdb.reader._VALUES_AT_ONCE", 700)
    expected = wfdb.rdrecord(str(tmp_path / "rec")).p_signal
    np.testing.assert_allclose(read_wfdb(header).signals, expected, atol=1e-6)


def test_segments_are_joined(tmp_path):
    record = read_wfdb(write_fixed_segments(tmp_path))
    np.testing.assert_allclose(record.signals, synthetic_ecg(), atol=1e-5)


def test_segments_with_other_signals_leave_gaps(tmp_path):
    path = write_variable_segments(tmp_path)
    record = read_wfdb(path)
    expected = synthetic_ecg()
    expected[1000:1500] = np.nan
    expected[:1000, 1] = np.nan
    np.testing.assert_allclose(record.signals, expected, atol=1e-5)
    np.testing.assert_allclose(record.signals, wfdb.rdrecord(str(path)).p_signal, atol=1e-5)


def test_the_record_runs_at_the_rate_of_the_ecg_and_slower_signals_are_held(tmp_path):
    frames = np.arange(1000)
    ecg = np.round(synthetic_ecg(4000)[:, 0] * GAIN).astype(int).reshape(-1, 4)
    pressure = (100 + frames % 7)[:, None]
    (tmp_path / "rec.dat").write_bytes(np.hstack([ecg, pressure]).astype("<i2").tobytes())
    (tmp_path / "rec.hea").write_text(
        "rec 2 62.5 1000\nrec.dat 16x4 200/mV 16 0 0 0 0 II\nrec.dat 16 1(0)/mmHg 16 0 0 0 0 ABP\n"
    )
    write_beats(tmp_path)
    record = read_wfdb(tmp_path / "rec")
    assert record.sampling_rate == 250
    np.testing.assert_allclose(record.signals[:, 0], ecg.reshape(-1) / GAIN, atol=1e-6)
    np.testing.assert_array_equal(record.signals[:, 1], np.repeat(100 + frames % 7, 4))
    assert record.annotations["atr"].samples[0] == 400


def test_annotations_of_all_annotators_are_read(tmp_path):
    write_wfdb(tmp_path)
    samples = write_beats(tmp_path)
    write_beats(tmp_path, annotator="qca")
    (tmp_path / "rec.xyz").write_text("not a file of annotations")
    record = read_wfdb(tmp_path / "rec")
    assert sorted(record.annotations) == ["atr", "qca"]
    np.testing.assert_array_equal(record.annotations["atr"].samples, samples)
    assert record.annotations["atr"].symbols[-1] == "V"
    assert record.annotations["atr"].notes[0] == "(N"


@pytest.mark.parametrize(
    "name",
    ["../rec.dat", "/etc/passwd", "http://127.0.0.1/rec.dat", "s3://bucket/rec.dat", "C:\\rec.dat", "C:rec.dat", ".."],
)
def test_a_header_that_names_a_path_or_an_address_is_refused(tmp_path, name):
    write_wfdb(tmp_path)
    header = tmp_path / "rec.hea"
    header.write_text(header.read_text().replace("rec.dat", name))
    with pytest.raises(RecordRefused, match="not a plain file name"):
        read_wfdb(header)


@pytest.mark.parametrize("name", ["../one", "http://127.0.0.1/one", "s3://bucket/one", "/one"])
def test_a_master_header_that_names_a_path_or_an_address_is_refused(tmp_path, name):
    header = write_fixed_segments(tmp_path).with_suffix(".hea")
    header.write_text(header.read_text().replace("one ", f"{name} "))
    with pytest.raises(RecordRefused, match="not a plain file name"):
        read_wfdb(header)


def test_a_header_without_its_signal_file_is_refused_with_its_name(tmp_path):
    (write_wfdb(tmp_path).with_suffix(".dat")).unlink()
    with pytest.raises(RecordRefused, match=r"signal file rec\.dat of rec\.hea is missing"):
        read_wfdb(tmp_path / "rec")


def test_a_signal_file_without_its_header_is_refused_with_its_name(tmp_path):
    (write_wfdb(tmp_path).with_suffix(".hea")).unlink()
    with pytest.raises(RecordRefused, match=r"header rec\.hea is missing"):
        read_wfdb(tmp_path / "rec.dat")


@pytest.mark.parametrize("fmt", ["16", "24", "80", "516"])
def test_a_signal_file_shorter_than_its_header_states_is_refused(tmp_path, fmt):
    path = write_wfdb(tmp_path, fmt=fmt, adc_gain=[50, 50])
    header = path.with_suffix(".hea")
    header.write_text(header.read_text().replace(" 2500", " 2600"))
    with pytest.raises(RecordRefused, match="shorter than"):
        read_wfdb(path)


@pytest.mark.parametrize("claimed", ["1000000000000", "9" * 30])
def test_a_header_that_claims_a_trillion_samples_is_refused_before_memory_is_taken(tmp_path, claimed):
    path = write_wfdb(tmp_path)
    header = path.with_suffix(".hea")
    header.write_text(header.read_text().replace(" 2500", f" {claimed}"))
    with pytest.raises(RecordRefused, match="shorter than"):
        read_wfdb(path)


def test_a_gap_of_years_between_segments_is_refused(tmp_path):
    header = write_variable_segments(tmp_path).with_suffix(".hea")
    header.write_text(header.read_text().replace("~ 500", "~ 50000000000").replace(" 250 2500", " 250 50000002000"))
    with pytest.raises(RecordRefused, match="too many to hold"):
        read_wfdb(header)


@pytest.mark.parametrize(("rate", "shown"), [("49.9", "49.9 Hz"), ("5001", "5001 Hz")])
def test_a_sampling_rate_outside_the_range_is_refused(tmp_path, rate, shown):
    header = write_wfdb(tmp_path).with_suffix(".hea")
    header.write_text(header.read_text().replace(" 250 ", f" {rate} "))
    with pytest.raises(RecordRefused, match=shown):
        read_wfdb(header)


def test_a_segment_with_segments_of_its_own_is_refused(tmp_path):
    header = write_fixed_segments(tmp_path).with_suffix(".hea")
    (tmp_path / "one.hea").write_text("one/1 2 250 1000\nlong 1000\n")
    with pytest.raises(RecordRefused, match="one level of segments"):
        read_wfdb(header)


def test_a_picture_with_the_ending_of_a_record_is_recognised(tmp_path):
    path = write_wfdb(tmp_path)
    path.with_suffix(".dat").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20_000))
    with pytest.raises(RecordRefused, match="PNG picture"):
        read_wfdb(path)
    path.with_suffix(".hea").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(RecordRefused, match="PNG picture"):
        read_wfdb(path)


def test_a_damaged_reference_is_refused_rather_than_omitted(tmp_path):
    path = write_wfdb(tmp_path)
    write_beats(tmp_path)
    annotations = path.with_suffix(".atr")
    annotations.write_bytes(annotations.read_bytes()[:-4])
    with pytest.raises(RecordRefused, match=r"rec\.atr"):
        read_wfdb(path)


@needs_databases
def test_all_records_of_mitdb_open_with_their_leads_and_all_annotations():
    folder = Path(DATABASES) / "mitdb"
    names = sorted(path.stem for path in folder.glob("*.hea"))
    assert len(names) == 48
    n_beats = 0
    for name in names:
        record = read_wfdb(folder / name)
        reference = wfdb.rdann(str(folder / name), "atr")
        np.testing.assert_array_equal(record.annotations["atr"].samples, reference.sample)
        assert list(record.annotations["atr"].symbols) == reference.symbol
        assert [channel.name for channel in record.channels] == wfdb.rdheader(str(folder / name)).sig_name
        assert choose_lead(record) == ("V5" if name in ("102", "104") else "MLII")
        n_beats += sum(symbol in "NLRaVFJASEj/Qenf" for symbol in reference.symbol)
    assert n_beats == 109_494


@needs_databases
@pytest.mark.parametrize(
    ("record_path", "annotators"),
    [
        ("qtdb/sel100", ["puz", "qca", "qcb"]),
        ("qtdb/sele0112", ["puz", "qca"]),
        ("ptbxl/00052", []),
        ("cpsc2018/A0001", []),
        ("challenge2015/a103l", []),
        ("challenge2015/full/a123l", []),
        ("challenge2015/full/v221l", []),
    ],
)
def test_records_of_other_databases_equal_those_of_wfdb(record_path, annotators):
    path = Path(DATABASES) / record_path
    record = read_wfdb(path)
    reference = wfdb.rdrecord(str(path))
    np.testing.assert_allclose(record.signals, reference.p_signal, rtol=1e-5, atol=1e-6)
    assert [channel.unit for channel in record.channels] == reference.units
    from_files = sorted(set(record.annotations) - {"alarm"})  # what a header's comments say has no file
    assert from_files == annotators
    for annotator in annotators:
        np.testing.assert_array_equal(record.annotations[annotator].samples, wfdb.rdann(str(path), annotator).sample)
