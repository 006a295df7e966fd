import numpy as np
import pytest

from backend.records.opening import open_record
from backend.records.record import RecordRefused
from tests.records.formats.clinical.written_files import TWELVE, ishne_bytes, twelve_leads, twelve_steps, write_ishne

NAMES = ("II", "V1", "V5")


def leads(*names: str) -> np.ndarray:
    return twelve_leads()[:, [TWELVE.index(name) for name in names]]


def test_leads_are_named_by_their_codes(tmp_path):
    record = open_record(write_ishne(tmp_path / "night.ecg", TWELVE))
    assert [channel.name for channel in record.channels] == list(TWELVE)


@pytest.mark.parametrize("code", [0, 1, 99, -3])
def test_a_lead_without_a_name_is_still_an_ecg(tmp_path, code):
    path = tmp_path / "night.ecg"
    path.write_bytes(ishne_bytes(twelve_steps()[:, :2], (code, code)))
    assert [(channel.name, channel.is_lead) for channel in open_record(path).channels] == [
        ("ECG 1", True),
        ("ECG 2", True),
    ]


@pytest.mark.parametrize("counted", [2500, 7500], ids=["of one lead", "of all leads"])
def test_samples_are_counted_of_one_lead_or_of_all(tmp_path, counted):
    record = open_record(write_ishne(tmp_path / "night.ecg", counted=counted))
    np.testing.assert_allclose(record.signals, leads(*NAMES), atol=1e-5)
    assert record.understanding.notices == ()


def test_a_file_that_was_cut_is_read_to_its_end_with_a_notice(tmp_path):
    path = write_ishne(tmp_path / "night.ecg")
    path.write_bytes(path.read_bytes()[:-3001])
    record = open_record(path)
    np.testing.assert_allclose(record.signals, leads(*NAMES)[:1999], atol=1e-5)
    assert record.understanding.notices == ("The file is shorter than its header states; read to its last sample.",)


def test_a_wrong_checksum_is_shown(tmp_path):
    path = write_ishne(tmp_path / "night.ecg")
    content = bytearray(path.read_bytes())
    content[240] ^= 1
    path.write_bytes(content)
    assert "checksum" in open_record(path).understanding.notices[0]


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (156, 0, "claims 0 leads"),
        (156, 13, "claims 13 leads"),
        (206, 0, "resolution"),
        (272, 0, "sampling rate of 0 Hz"),
        (14, 0, "leads of"),
        (22, 1, "misplaces its samples"),
    ],
)
def test_an_impossible_header_is_refused(tmp_path, place, value, reason):
    path = write_ishne(tmp_path / "night.ecg")
    content = bytearray(path.read_bytes())
    content[place : place + 2] = value.to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match=reason):
        open_record(path)
