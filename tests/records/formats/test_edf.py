import numpy as np
import pyedflib
import pytest

from backend.records.formats.edf import read_edf
from backend.records.record import RecordRefused
from tests.records.well_formed import synthetic_ecg, write_edf


@pytest.fixture
def edf(tmp_path):
    return write_edf(tmp_path / "night.edf")


@pytest.mark.parametrize("unit", ["uV", "mV"])
def test_leads_are_in_millivolts_whatever_the_unit_of_the_file(tmp_path, unit):
    record = read_edf(write_edf(tmp_path / "night.edf", unit=unit))
    np.testing.assert_allclose(record.signals[:, :2], synthetic_ecg(), atol=2e-4)
    assert [(channel.name, channel.unit) for channel in record.channels] == [
        ("ECG II", "mV"),
        ("ECG V1", "mV"),
        ("Resp", ""),
    ]
    assert record.sampling_rate == 250
    assert record.name == "night"


@pytest.mark.parametrize("kind", [pyedflib.FILETYPE_EDF, pyedflib.FILETYPE_BDF, pyedflib.FILETYPE_BDFPLUS])
def test_all_variants_of_the_format_are_read(tmp_path, kind):
    record = read_edf(write_edf(tmp_path / "night.bdf", kind=kind))
    np.testing.assert_allclose(record.signals[:, :2], synthetic_ecg(), atol=2e-4)


def test_a_slower_signal_holds_each_sample_until_its_next(edf):
    breath = read_edf(edf).signals[:, 2]
    np.testing.assert_array_equal(breath, np.repeat(breath[::10], 10))
    np.testing.assert_allclose(breath[::10], np.sin(np.arange(250) / 25), atol=2e-4)


def test_a_signal_faster_than_the_ecg_is_omitted(tmp_path):
    path = tmp_path / "night.edf"
    with pyedflib.EdfWriter(str(path), 2) as writer:
        for index, (label, rate) in enumerate([("ECG", 250), ("EMG chin", 500)]):
            limits = {"physical_max": 3, "physical_min": -3, "digital_max": 32767, "digital_min": -32768}
            header = {"label": label, "dimension": "mV", "sample_frequency": rate, "prefilter": "", "transducer": ""}
            writer.setSignalHeader(index, header | limits)
        writer.writeSamples([np.ascontiguousarray(synthetic_ecg()[:, 0]), np.zeros(5000)])
    record = read_edf(path)
    assert [channel.name for channel in record.channels] == ["ECG"]
    assert record.sampling_rate == 250


def test_annotations_become_notes_of_the_annotator_edf(edf):
    annotations = read_edf(edf).annotations["edf"]
    assert annotations.samples.tolist() == [625]
    assert annotations.symbols == ('"',)
    assert annotations.notes == ("sits up",)


def test_a_truncated_file_is_refused(edf):
    edf.write_bytes(edf.read_bytes()[:-100])
    with pytest.raises(RecordRefused, match="shorter than its header states"):
        read_edf(edf)


def test_a_header_that_claims_more_than_the_file_holds_is_refused_before_memory_is_taken(edf):
    content = bytearray(edf.read_bytes())
    content[236:244] = b"99999999"
    edf.write_bytes(content)
    with pytest.raises(RecordRefused, match="shorter than its header states"):
        read_edf(edf)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "empty"), (b"\x89PNG\r\n\x1a\n" + bytes(500), "PNG picture"), (b"some text", "something else")],
)
def test_something_else_with_the_ending_is_refused(tmp_path, content, kind):
    path = tmp_path / "night.edf"
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match=kind):
        read_edf(path)


def test_an_interrupted_recording_is_refused(edf):
    content = bytearray(edf.read_bytes())
    content[192:197] = b"EDF+D"
    edf.write_bytes(content)
    with pytest.raises(RecordRefused, match="continuous"):
        read_edf(edf)


def test_a_sleep_recording_without_an_ecg_is_refused(edf):
    content = edf.read_bytes().replace(b"ECG II ", b"EEG C3 ").replace(b"ECG V1 ", b"EOG L  ")
    edf.write_bytes(content)
    with pytest.raises(RecordRefused, match="no ECG lead, only EEG C3, EOG L, Resp"):
        read_edf(edf)


def test_a_refused_file_is_not_held_open(edf):
    content = edf.read_bytes()
    edf.write_bytes(content.replace(b"EDF+C", b"EDF+D"))
    with pytest.raises(RecordRefused):
        read_edf(edf)
    edf.write_bytes(content)
    assert read_edf(edf).name == "night"
