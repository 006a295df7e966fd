import h5py
import numpy as np
import pytest

from backend.records.formats.matrices import hdf5
from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.understanding import Stated
from tests.records.formats.clinical.outcomes import assert_a_record_or_a_sentence, outcome_of
from tests.records.formats.clinical.written_files import TWELVE, twelve_leads

RATE_HZ = 400
LEADS = twelve_leads() + 0.02
"""None of the samples is a row of zeros, as around an exam."""


def tracings(factor: float = 1.0, n_exams: int = 1) -> np.ndarray:
    """Exams in the form of CODE-15: 4096 samples, zeros around those of the ECG."""
    exams = np.zeros((n_exams, 4096, 12), dtype=np.float32)
    exams[0, 100:2600] = LEADS * factor
    return exams


@pytest.fixture
def saved(tmp_path):
    def saved(arrays, **attributes):
        with h5py.File(tmp_path / "exams.hdf5", "w") as file:
            for name, own in arrays.items():
                file[name] = own
            file.attrs.update(attributes)
        return tmp_path / "exams.hdf5"

    return saved


@pytest.mark.parametrize(("factor", "unit"), [(1.0, "mV"), (10.0, "1e-4 V")])
def test_an_exam_of_code_is_read_in_the_unit_that_its_beats_fit(saved, factor, unit):
    record = open_record(saved({"tracings": tracings(factor), "exam_id": np.array([7])}))
    assert record.sampling_rate == RATE_HZ
    assert [channel.name for channel in record.channels] == list(TWELVE)
    np.testing.assert_allclose(record.signals, LEADS, atol=1e-4)
    assert record.understanding.notices == (f"The file states no unit; the height of the beats fits {unit}.",)


def test_a_stated_unit_takes_precedence(saved):
    record = open_record(saved({"tracings": tracings(1000)}), Stated(unit="uV"))
    np.testing.assert_allclose(record.signals, LEADS, atol=1e-4)
    assert record.understanding.unit_from == "stated"


def test_beats_of_a_height_that_fits_no_unit_are_refused(saved):
    with pytest.raises(RecordRefused, match="does not state the unit"):
        open_record(saved({"tracings": tracings(1000)}))


def test_one_of_several_exams_is_shown_the_first_unless_stated(saved):
    exams = tracings(n_exams=3)
    exams[2, 100:2600] = 2 * LEADS
    path = saved({"tracings": exams})
    first, third = open_record(path), open_record(path, Stated(exam=3))
    assert first.understanding.notices[-1] == "Exam 1 of 3 is shown."
    assert third.understanding.notices[-1] == "Exam 3 of 3 is shown."
    np.testing.assert_allclose(third.signals, 2 * first.signals, rtol=1e-5)
    assert third.understanding.n_exams == 3


@pytest.mark.parametrize(
    ("exam", "reason"), [(4, "has no exam 4"), (-1, "has no exam -1"), (2, "Exam 2 of .* is empty")]
)
def test_an_exam_that_is_missing_or_empty_is_refused(saved, exam, reason):
    with pytest.raises(RecordRefused, match=reason):
        open_record(saved({"tracings": tracings(n_exams=3)}), Stated(exam=exam))


def test_a_matrix_with_its_rate_and_unit_is_read(saved):
    record = open_record(saved({"recording/ecg": twelve_leads()}, fs=250.0, units="mV"))
    assert record.sampling_rate == 250
    np.testing.assert_allclose(record.signals, twelve_leads(), atol=1e-5)
    assert record.understanding.format == "HDF5"


def test_a_file_behind_a_block_of_matlab_is_read(tmp_path):
    path = tmp_path / "ecg.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["ecg"] = twelve_leads().T
        file["fs"] = np.array([[250.0]])
        file["units"] = np.array([[109], [86]], dtype=np.uint16)
        file["units"].attrs["MATLAB_class"] = np.bytes_("char")
    content = path.read_bytes()
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + content[124:])
    record = open_record(path)
    np.testing.assert_allclose(record.signals, twelve_leads(), atol=1e-5)
    assert record.understanding.format == "MATLAB 7.3"


def test_samples_in_another_file_are_not_read(tmp_path):
    (tmp_path / "secret").write_bytes(twelve_leads().tobytes())
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["ecg"] = twelve_leads()
    path = tmp_path / "links.h5"
    with h5py.File(path, "w") as file:
        file.attrs["fs"] = 250.0
        file.create_dataset("ecg", (2500, 12), "f8", external=[(str(tmp_path / "secret"), 0, h5py.h5f.UNLIMITED)])
        file["ecg2"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/ecg")
        layout = h5py.VirtualLayout((2500, 12), "f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "ecg", (2500, 12))
        file.create_virtual_dataset("ecg3", layout)
    with pytest.raises(RecordRefused, match="holds no signals"):
        open_record(path, Stated(unit="mV"))


def test_a_compressed_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as file:
        file.attrs["fs"] = 250.0
        file.create_dataset("ecg", (2**28, 4), "f8", chunks=(2**16, 4), compression="gzip")
    assert path.stat().st_size < 100_000
    with pytest.raises(RecordRefused, match="holds no signals"):
        open_record(path, Stated(unit="mV"))


@pytest.mark.parametrize(
    "script", ["import os; os.abort()", "print('x')", "import time; time.sleep(9)", "raise SystemExit(1)"]
)
def test_a_crash_of_the_library_is_a_refusal(saved, tmp_path, monkeypatch, script):
    process = tmp_path / "process.py"
    process.write_text(script)
    monkeypatch.setattr(hdf5, "_PROCESS", process)
    monkeypatch.setattr(hdf5, "_LONGEST_S", 2)
    with pytest.raises(RecordRefused, match="damaged HDF5 file"):
        open_record(saved({"tracings": tracings()}))


def test_a_damaged_file_gives_a_record_or_a_sentence(saved):
    path = saved({"tracings": tracings()})
    content = path.read_bytes()
    random = np.random.default_rng(11)
    for place in random.integers(0, 3000, 8).tolist():
        damaged = bytearray(content)
        damaged[place : place + 4] = random.bytes(4)
        path.write_bytes(damaged)
        assert_a_record_or_a_sentence(outcome_of(path))
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(RecordRefused, match="damaged HDF5 file"):
        open_record(path)
