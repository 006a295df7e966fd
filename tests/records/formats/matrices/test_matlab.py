import struct
import zlib

import numpy as np
import pytest
import scipy.io

from backend.records.channels.lead_decision import BY_HEARTBEATS
from backend.records.opening import open_record
from backend.records.record import LeadsInDoubt, RecordRefused
from backend.records.understanding import Stated
from backend.records.uploads import read_upload
from tests.records.formats.clinical.outcomes import assert_a_record_or_a_sentence, outcome_of
from tests.records.formats.clinical.written_files import PERSON, R_PEAKS, TWELVE, twelve_leads

RATE = Stated(sampling_rate=250, unit="mV")


@pytest.fixture
def saved(tmp_path):
    def saved(variables, compress=False):
        scipy.io.savemat(tmp_path / "ecg.mat", variables, do_compression=compress)
        return tmp_path / "ecg.mat"

    return saved


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("is_upright", [False, True], ids=["rows", "columns"])
def test_twelve_leads_are_known_by_einthovens_law(saved, compress, is_upright):
    leads = twelve_leads() if is_upright else twelve_leads().T
    record = open_record(saved({"val": leads}, compress), RATE)
    assert [channel.name for channel in record.channels] == list(TWELVE)
    np.testing.assert_allclose(record.signals, twelve_leads(), atol=1e-5)
    assert record.understanding.format == "MATLAB 5"
    assert np.argmax(record.signals[:200, 1]) == R_PEAKS[0]


def test_twelve_rows_in_another_order_do_not_get_the_names_of_leads(saved):
    record = open_record(saved({"val": twelve_leads()[:, ::-1].T}), RATE)
    assert [channel.name for channel in record.channels][:2] == ["val 1", "val 2"]
    assert record.understanding.leads_from == BY_HEARTBEATS


def test_rows_that_show_no_heartbeats_are_asked_about(saved):
    with pytest.raises(LeadsInDoubt, match="val 1, val 2"):
        open_record(saved({"val": np.random.default_rng(2).normal(0, 0.3, (2, 2500))}), RATE)


def test_what_the_person_states_settles_the_doubt(saved):
    path = saved({"val": twelve_leads()[:, [7, 1]].T})
    record = open_record(path, Stated(sampling_rate=250, unit="mV", leads=("val 2",)))
    assert [channel.is_lead for channel in record.channels] == [False, True]
    np.testing.assert_allclose(record.signals[:, 1], twelve_leads()[:, 1], atol=1e-5)


def test_a_structure_as_in_the_challenge_of_china_is_read_without_the_patient(saved):
    record = open_record(saved({"ECG": {"sex": "Male", "name": PERSON, "data": twelve_leads().T}}), RATE)
    assert [channel.name for channel in record.channels] == list(TWELVE)
    assert PERSON not in repr(record)


def test_rate_units_and_names_in_the_file_are_used(saved):
    header = {"freq": 250, "desc": np.array(["II ", "ABP"]), "units": np.array(["uV  ", "mmHg"])}
    signals = np.stack([twelve_leads()[:, 1] * 1000, np.full(2500, 90.0)], axis=1)
    record = open_record(saved({"signal": signals, "header": header}))
    assert [(channel.name, channel.is_lead) for channel in record.channels] == [("II", True), ("ABP", False)]
    np.testing.assert_allclose(record.signals[:, 0], twelve_leads()[:, 1], atol=1e-5)
    np.testing.assert_array_equal(record.signals[:, 1], 90)


def test_gain_and_baseline_are_applied(saved):
    variables = {"ecg": np.round(twelve_leads()[:, 1] * 200 + 1024).astype(np.int16), "Fs": 250.0}
    record = open_record(saved(variables | {"gain": 200.0, "baseline": 1024, "units": "mV"}))
    np.testing.assert_allclose(record.signals[:, 0], twelve_leads()[:, 1], atol=1e-5)


def test_leads_in_variables_of_their_own_are_one_record(saved):
    leads = {name: twelve_leads()[:, place] for place, name in enumerate(TWELVE)}
    record = open_record(saved(leads | {"fs": 250, "time": np.arange(2500) / 250}), Stated(unit="mV"))
    assert [channel.name for channel in record.channels] == list(TWELVE)


@pytest.mark.parametrize(
    ("stated", "reason"), [(Stated(unit="mV"), "sampling rate"), (Stated(sampling_rate=250), "the unit of its ECG")]
)
def test_what_is_not_stated_is_asked_for(saved, stated, reason):
    with pytest.raises(RecordRefused, match=reason):
        open_record(saved({"val": twelve_leads().T}), stated)


def test_a_counter_beside_the_ecg_is_ignored_and_named(saved):
    record = open_record(saved({"ecg": twelve_leads()[:, 1], "counter": np.arange(2500)}), RATE)
    assert len(record.channels) == 1
    assert record.understanding.ignored == (("counter", "not the ECG"),)


def test_times_beside_the_ecg_give_the_rate_and_are_not_a_lead(saved):
    times = np.arange(2500) / 250
    record = open_record(saved({"ecg": np.stack([times, twelve_leads()[:, 1]], axis=1)}), Stated(unit="mV"))
    assert [channel.name for channel in record.channels] == ["ecg 2"]
    assert (record.sampling_rate, record.understanding.rate_from) == (250, "times in ecg 1")
    assert record.understanding.ignored == (("ecg 1", "rises like a time or a counter"),)


def test_times_in_a_variable_of_their_own_give_the_rate(saved):
    record = open_record(saved({"ecg": twelve_leads()[:, 1], "t": 7 + np.arange(2500) / 250}), Stated(unit="mV"))
    assert (record.sampling_rate, record.understanding.rate_from) == (250, "times in t")


def test_counters_alone_are_refused(saved):
    with pytest.raises(RecordRefused, match="only counters"):
        open_record(saved({"ecg": np.arange(2500) % 256}), RATE)


def test_a_file_opens_as_an_upload_without_a_header(saved, tmp_path):
    content = saved({"ecg": twelve_leads()}).read_bytes()
    assert len(read_upload({"ecg.mat": content}, tmp_path, RATE).channels) == 12


def test_a_file_without_signals_is_refused(saved):
    with pytest.raises(RecordRefused, match="holds no signals"):
        open_record(saved({"text": "hello", "few": np.arange(20)}), RATE)


def test_a_compressed_bomb_is_refused_before_it_is_unpacked(tmp_path):
    packed = zlib.compress(struct.pack("<II", 14, 2**30) + bytes(2**27))
    path = tmp_path / "bomb.mat"
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM"
    path.write_bytes(head + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(RecordRefused, match="unpacks to far more"):
        open_record(path, RATE)


@pytest.mark.parametrize("array_class", [1, 2, 6])
def test_an_array_of_impossible_size_is_refused_before_memory_is_taken(tmp_path, array_class):
    dimensions = struct.pack("<IIii", 5, 8, 2**31 - 1, 2**31 - 1)
    name = struct.pack("<II", 1, 3) + b"ecg\0\0\0\0\0"
    body = struct.pack("<IIII", 6, 8, array_class, 0) + dimensions + name + struct.pack("<II", 9, 8) + bytes(8)
    path = tmp_path / "huge.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + struct.pack("<II", 14, len(body)) + body)
    with pytest.raises(RecordRefused, match="damaged MATLAB file"):
        open_record(path, RATE)


@pytest.mark.parametrize("compress", [False, True])
def test_a_damaged_file_gives_a_record_or_a_sentence(saved, compress):
    path = saved({"ECG": {"data": twelve_leads()[:1000].T, "leads": "I II", "fs": 250}}, compress)
    content = path.read_bytes()
    random = np.random.default_rng(5)
    for place in [*range(100, 700, 5), *random.integers(0, len(content), 60).tolist()]:
        damaged = bytearray(content)
        damaged[place : place + 2] = random.bytes(2)
        path.write_bytes(damaged if place % 3 else content[:place])
        assert_a_record_or_a_sentence(outcome_of(path, RATE))


@pytest.fixture
def saved_as_4(tmp_path):
    def saved(variables, name="ecg.mat"):
        scipy.io.savemat(tmp_path / name, variables, format="4")
        return tmp_path / name

    return saved


def test_a_matlab_4_file_without_a_header_is_read(saved_as_4):
    record = open_record(saved_as_4({"val": twelve_leads().T, "fs": np.array([[250.0]]), "units": "mV"}))
    assert [channel.name for channel in record.channels] == list(TWELVE)
    np.testing.assert_allclose(record.signals, twelve_leads(), atol=1e-5)
    assert record.understanding.format == "MATLAB 4"


def test_a_matlab_4_file_of_physionet_alone_asks_for_its_header(saved_as_4):
    path = saved_as_4({"val": twelve_leads().T})
    with pytest.raises(RecordRefused, match="signal file without its header"):
        open_record(path)
    assert len(open_record(path, RATE).channels) == 12


def test_a_matlab_4_file_with_a_header_is_a_wfdb_record(saved_as_4, tmp_path):
    path = saved_as_4({"val": np.round(twelve_leads()[:, 1:2].T * 200).astype(np.int16)})
    n_before = path.stat().st_size - 5000
    (tmp_path / "ecg.hea").write_text(f"ecg 1 250 2500\necg.mat 16+{n_before} 200/mV 16 0 0 0 0 II\n")
    record = open_record(path)
    assert [channel.name for channel in record.channels] == ["II"]
    np.testing.assert_allclose(record.signals[:, 0], twelve_leads()[:, 1], atol=1e-5)


def test_a_damaged_matlab_4_file_gives_a_record_or_a_sentence(saved_as_4):
    path = saved_as_4({"fs": np.array([[250.0]]), "val": twelve_leads()[:1000].T, "units": "mV"})
    content = path.read_bytes()
    random = np.random.default_rng(6)
    for place in [*range(120), *random.integers(0, len(content), 30).tolist()]:
        damaged = bytearray(content)
        damaged[place : place + 2] = random.bytes(2)
        path.write_bytes(damaged if place % 3 else content[:place])
        assert_a_record_or_a_sentence(outcome_of(path, RATE))
