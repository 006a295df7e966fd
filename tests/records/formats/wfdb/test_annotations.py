import numpy as np
import pandas as pd
import pytest
import wfdb

from backend.records.formats.wfdb.annotations import find_annotators, read_annotations
from backend.records.record import RecordRefused


def _read(folder, annotator="atr", n_samples=10_000, sampling_rate=250.0, tick_rate=250.0):
    return read_annotations(folder / "rec.hea", annotator, n_samples, sampling_rate, tick_rate)


def _write(folder, samples, symbols, **fields):
    wfdb.wrann("rec", "atr", np.array(samples), symbols, write_dir=str(folder), **fields)


def test_distant_annotations_and_notes_equal_those_of_wfdb(tmp_path):
    _write(tmp_path, [5, 900, 9000], ["N", "+", "V"], aux_note=["", "(AFIB", "odd"], chan=np.array([0, 1, 1]))
    read, reference = _read(tmp_path), wfdb.rdann(str(tmp_path / "rec"), "atr")
    np.testing.assert_array_equal(read.samples, reference.sample)
    assert list(read.symbols) == reference.symbol
    assert list(read.notes) == reference.aux_note


def test_annotations_beyond_the_record_are_omitted(tmp_path):
    _write(tmp_path, [5, 900, 9000], ["N", "N", "V"])
    assert _read(tmp_path, n_samples=900).samples.tolist() == [5]


def test_a_time_resolution_in_the_file_is_converted_to_samples(tmp_path):
    _write(tmp_path, [1000, 2000], ["N", "N"], fs=1000)
    assert _read(tmp_path).samples.tolist() == [250, 500]


def test_annotations_in_frames_are_converted_to_samples(tmp_path):
    _write(tmp_path, [100, 200], ["N", "N"])
    assert _read(tmp_path, sampling_rate=250.0, tick_rate=62.5).samples.tolist() == [400, 800]


def test_symbols_that_a_file_defines_itself_are_used(tmp_path):
    labels = pd.DataFrame({"label_store": [43], "symbol": ["W"], "description": ["wide beat"]})
    _write(tmp_path, [100, 200], ["N", "W"], custom_labels=labels)
    read = _read(tmp_path)
    assert read.symbols == ("N", "W")
    assert read.samples.tolist() == [100, 200]


def test_two_notes_on_the_time_resolution_are_accepted(tmp_path):
    """`wfdb.rdann` never returns from such a file."""
    _write(tmp_path, [1000, 2000], ["N", "N"], fs=1000)
    path = tmp_path / "rec.atr"
    content = path.read_bytes()
    note = content[: 4 + 24]
    path.write_bytes(note + content)
    assert _read(tmp_path).symbols == ("N", "N")


@pytest.mark.parametrize("damage", [lambda content: content[:-2], lambda content: content + b"\1", lambda content: b""])
def test_a_damaged_file_is_refused_only_with_the_ending_of_an_annotator(tmp_path, damage):
    _write(tmp_path, [100, 200], ["N", "N"])
    content = damage((tmp_path / "rec.atr").read_bytes())
    (tmp_path / "rec.atr").write_bytes(content)
    (tmp_path / "rec.notes").write_bytes(content)
    with pytest.raises(RecordRefused, match=r"rec\.atr is not a complete WFDB annotation file"):
        _read(tmp_path)
    assert _read(tmp_path, annotator="notes") is None


def test_only_files_of_the_record_itself_are_its_annotators(tmp_path):
    for name in ("rec.hea", "rec.dat", "rec.atr", "rec.q1c", "rec.atr.bak", "rec2.atr", "rec.hea-"):
        (tmp_path / name).touch()
    assert find_annotators(tmp_path / "rec.hea") == ["atr", "q1c"]
