import numpy as np
import pytest

from backend.records.opening import open_record
from backend.records.record import LeadsInDoubt, RecordRefused
from backend.records.understanding import Stated
from tests.records.formats.clinical.written_files import (
    STEP_MV,
    TWELVE,
    dicom_bytes,
    dicom_channel,
    dicom_group,
    element,
    twelve_leads,
    twelve_steps,
    write_dicom,
)


@pytest.fixture
def opened(tmp_path):
    def opened(groups, stated=None, **fields):
        return open_record(write_dicom(tmp_path / "ecg.dcm", groups, **fields), stated)

    return opened


@pytest.mark.parametrize("scheme", ["MDC", "SCPECG", "99LOCAL"])
def test_leads_are_named_by_code_of_either_scheme_or_by_their_meaning(opened, scheme):
    channels = [dicom_channel(name, scheme) for name in TWELVE]
    record = opened([dicom_group(twelve_steps(), channels=channels)])
    assert [channel.name for channel in record.channels] == list(TWELVE)


@pytest.mark.parametrize(
    ("fields", "factor"),
    [
        ({"sensitivity": "0.005", "unit": "mV"}, 1),
        ({"sensitivity": "5000", "unit": "nV"}, 1),
        ({"sensitivity": "5", "unit": "uV", "correction": "2"}, 2),
    ],
)
def test_sensitivity_unit_and_correction_give_millivolts(opened, fields, factor):
    steps = twelve_steps()[:, 1:2]
    record = opened([dicom_group(steps, channels=[dicom_channel("II", **fields)])])
    np.testing.assert_allclose(record.signals, factor * steps * STEP_MV, rtol=1e-5, atol=1e-6)


def test_the_baseline_is_added_in_the_unit_of_the_sensitivity(opened):
    steps = twelve_steps()[:, 1:2]
    record = opened([dicom_group(steps, channels=[dicom_channel("II", baseline="-250")])])
    np.testing.assert_allclose(record.signals, steps * STEP_MV - 0.25, atol=1e-5)


def test_padding_is_a_gap(opened):
    steps = twelve_steps()
    steps[500:600] = -32768
    record = opened([dicom_group(steps, padding=b"\x00\x80")])
    assert np.isnan(record.signals[500:600]).all()
    assert np.isfinite(record.signals[:500]).all()
    assert record.understanding.gaps == ((2.0, 2.4),)


def test_padding_of_zero_does_not_remove_samples_of_zero(opened):
    record = opened([dicom_group(twelve_steps(), padding=b"\0\0")])
    assert np.isfinite(record.signals).all()


def test_the_median_beat_is_left_out(opened):
    median = dicom_group(twelve_steps(300), rate="1000", label="MEDIAN BEAT", originality="DERIVED")
    record = opened([median, dicom_group(twelve_steps())])
    assert record.sampling_rate == 250
    np.testing.assert_allclose(record.signals, twelve_leads(), atol=1e-5)


def test_a_file_of_median_beats_alone_is_refused(opened):
    with pytest.raises(RecordRefused, match="only average beats"):
        opened([dicom_group(twelve_steps(300), label="MEDIAN BEAT", originality="DERIVED")])


def test_groups_recorded_one_after_the_other_are_one_record_with_gaps(opened):
    steps = twelve_steps()
    groups = [
        dicom_group(steps[:1000, :3], TWELVE[:3], offset_ms="0"),
        dicom_group(steps[1250:, 3:6], TWELVE[3:6], offset_ms="5000"),
    ]
    record = opened(groups)
    assert [channel.name for channel in record.channels] == list(TWELVE[:6])
    np.testing.assert_allclose(record.signals[:1000, :3], twelve_leads()[:1000, :3], atol=1e-5)
    np.testing.assert_allclose(record.signals[1250:, 3:], twelve_leads()[1250:, 3:6], atol=1e-5)
    assert np.isnan(record.signals[1000:1250]).all()
    assert record.understanding.gaps == ((4.0, 5.0),)


def test_a_lead_that_continues_in_a_later_group_is_one_lead(opened):
    steps = twelve_steps()[:, 1:2]
    record = opened([dicom_group(steps[:1500], ("II",)), dicom_group(steps[1500:], ("II",), offset_ms="6000")])
    assert [channel.name for channel in record.channels] == ["II"]
    np.testing.assert_allclose(record.signals, steps * STEP_MV, atol=1e-5)


def test_a_group_of_another_rate_is_ignored_and_named(opened):
    pressure = dicom_group(twelve_steps(1000)[:, :1], channels=[dicom_channel("ABP", "99LOCAL")], rate="100")
    record = opened([dicom_group(twelve_steps()), pressure])
    assert record.understanding.ignored == (("ABP", "100 Hz"),)


def test_a_pressure_beside_the_ecg_is_not_a_lead(opened):
    channels = [dicom_channel("II"), dicom_channel("Arterial pressure", "99LOCAL", "0.1", "mm[Hg]")]
    record = opened([dicom_group(twelve_steps()[:, :2], channels=channels)])
    assert [channel.is_lead for channel in record.channels] == [True, False]
    assert record.channels[1].unit == "mmHg"


def test_a_disconnected_lead_is_ignored(opened):
    channels = [dicom_channel("II"), dicom_channel("V1", status="DISCONNECTED")]
    record = opened([dicom_group(twelve_steps()[:, 1:3], channels=channels)])
    assert [channel.name for channel in record.channels] == ["II"]
    assert record.understanding.ignored == (("V1", "disconnected"),)


def test_a_lead_without_a_scale_needs_a_stated_unit(opened):
    group = dicom_group(twelve_steps()[:, 1:2], channels=[dicom_channel("II", sensitivity=None)])
    with pytest.raises(RecordRefused, match="has no scale"):
        opened([group])
    record = opened([group], Stated(unit="uV"))
    np.testing.assert_allclose(record.signals[:, 0], twelve_steps()[:, 1] / 1000, atol=1e-5)


def test_a_lead_in_mmhg_is_refused(opened):
    with pytest.raises(RecordRefused, match="not in volts"):
        opened([dicom_group(twelve_steps()[:, 1:2], channels=[dicom_channel("II", unit="mm[Hg]")])])


def test_channels_that_are_not_named_are_asked_about(opened):
    channels = [dicom_channel("Kanal 1", "99LOCAL"), dicom_channel("Kanal 2", "99LOCAL")]
    noise = np.random.default_rng(2).integers(-50, 50, (2500, 2))
    with pytest.raises(LeadsInDoubt, match="Kanal 1, Kanal 2"):
        opened([dicom_group(noise, channels=channels)])


def test_big_endian_files_are_read(tmp_path):
    steps = twelve_steps()[:, 1:2]
    source = element(8, 0x100, "SH", "2:2", ">") + element(8, 0x102, "SH", "MDC", ">")
    units = element(8, 0x100, "SH", "uV", ">")
    channel = element(0x3A, 0x208, "SQ", [source], ">") + element(0x3A, 0x210, "DS", "5", ">")
    channel += element(0x3A, 0x211, "SQ", [units], ">")
    group = element(0x3A, 5, "US", 1, ">") + element(0x3A, 0x10, "UL", 2500, ">")
    group += element(0x3A, 0x1A, "DS", "250", ">") + element(0x3A, 0x200, "SQ", [channel], ">")
    group += element(0x5400, 0x1004, "US", 16, ">") + element(0x5400, 0x1006, "CS", "SS", ">")
    group += element(0x5400, 0x1010, "OW", steps.astype(">i2").tobytes(), ">")
    head = dicom_bytes([], syntax="1.2.840.10008.1.2.2")
    n_meta = head.index(b"\x08\0\x16\0")
    content = element(8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.9.1.1", ">")
    path = tmp_path / "big.dcm"
    path.write_bytes(head[:n_meta] + content + element(0x5400, 0x100, "SQ", [group], ">"))
    np.testing.assert_allclose(open_record(path).signals, steps * STEP_MV, atol=1e-5)


def test_a_picture_is_refused_with_its_modality(opened):
    with pytest.raises(RecordRefused, match=r"without a waveform \(US\)"):
        opened([], modality="US")


def test_a_deflated_file_is_refused_before_it_is_unpacked(opened):
    with pytest.raises(RecordRefused, match="deflated"):
        opened([dicom_group(twelve_steps())], syntax="1.2.840.10008.1.2.1.99")


def test_more_samples_than_the_file_holds_are_refused_before_memory_is_taken(tmp_path):
    path = write_dicom(tmp_path / "ecg.dcm")
    content = path.read_bytes()
    stated = b"\x3a\0\x10\0UL\x04\0"
    place = content.index(stated) + len(stated)
    path.write_bytes(content[:place] + (2**31).to_bytes(4, "little") + content[place + 4 :])
    with pytest.raises(RecordRefused, match="too many to hold"):
        open_record(path)


def test_sequences_in_sequences_without_end_are_refused(tmp_path):
    nested = b""
    for _ in range(2000):
        nested = element(0x5400, 0x100, "SQ", [nested])
    path = tmp_path / "deep.dcm"
    path.write_bytes(dicom_bytes([]) + nested)
    with pytest.raises(RecordRefused):
        open_record(path)
