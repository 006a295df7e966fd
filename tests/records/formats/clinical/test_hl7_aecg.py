import numpy as np
import pytest

from backend.records.opening import open_record
from backend.records.record import RecordRefused
from backend.records.understanding import Stated
from tests.records.formats.clinical.written_files import (
    STEP_MV,
    TWELVE,
    aecg_sequence,
    aecg_set,
    aecg_text,
    twelve_leads,
    twelve_steps,
    write_aecg,
)


@pytest.mark.parametrize(("scale", "unit"), [("5", "uV"), ("0.005", "mV"), ("5000", "nV"), ("0.000005", "V")])
def test_the_scale_is_read_in_any_unit(tmp_path, scale, unit):
    record = open_record(write_aecg(tmp_path / "ecg.xml", [aecg_set(twelve_steps(), scale=scale, unit=unit)]))
    np.testing.assert_allclose(record.signals, twelve_leads(), rtol=1e-4, atol=1e-5)


def test_the_origin_is_added(tmp_path):
    record = open_record(write_aecg(tmp_path / "ecg.xml", [aecg_set(twelve_steps(), origin="-250")]))
    np.testing.assert_allclose(record.signals, twelve_leads() - 0.25, atol=1e-4)


def test_representative_beats_in_a_derived_series_are_left_out(tmp_path):
    derived = aecg_set(twelve_steps(300), step="0.001")
    record = open_record(write_aecg(tmp_path / "ecg.xml", derived=derived))
    np.testing.assert_allclose(record.signals, twelve_leads(), atol=1e-5)


def test_a_file_of_representative_beats_alone_is_refused(tmp_path):
    with pytest.raises(RecordRefused, match="only representative beats"):
        open_record(write_aecg(tmp_path / "ecg.xml", code="REPRESENTATIVE_BEAT"))


def test_sets_recorded_one_after_the_other_keep_their_times(tmp_path):
    steps = twelve_steps()
    sets = [
        aecg_set(steps[:1000, :3], TWELVE[:3], head="20240305235957.500"),
        aecg_set(steps[1250:, 3:6], TWELVE[3:6], head="20240306000002.500"),
    ]
    record = open_record(write_aecg(tmp_path / "ecg.xml", sets))
    np.testing.assert_allclose(record.signals[:1000, :3], twelve_leads()[:1000, :3], atol=1e-5)
    np.testing.assert_allclose(record.signals[1250:, 3:], twelve_leads()[1250:, 3:6], atol=1e-5)
    assert record.understanding.gaps == ((4.0, 5.0),)


def test_another_sampling_rate_is_ignored_and_named(tmp_path):
    slow = aecg_set(twelve_steps(500)[:, :1], ("II",), step="0.02")
    record = open_record(write_aecg(tmp_path / "ecg.xml", [aecg_set(twelve_steps()), slow]))
    assert record.sampling_rate == 250
    assert record.understanding.ignored == (("MDC_ECG_LEAD_II", "another sampling rate"),)


def test_a_pressure_is_not_a_lead(tmp_path):
    pressure = aecg_sequence("MDC_PRESS_BLD_ART", twelve_steps()[:, 0], unit="mm[Hg]")
    own_set = aecg_set(twelve_steps()[:, 1:2], ("II",)).replace("</sequenceSet>", f"{pressure}</sequenceSet>")
    record = open_record(write_aecg(tmp_path / "ecg.xml", [own_set]))
    assert [channel.is_lead for channel in record.channels] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('unit="s"', 'unit="h"', "sampling interval"),
        ('value="0.004"', 'value="0"', "sampling interval"),
        ("TIME_ABSOLUTE", "TIME", "no time sequence"),
        ("<digits>", "<digits>x ", "not numbers"),
        ('scale value="5"', 'scale value="0"', "no scale"),
        ('unit="uV"', 'unit="mm[Hg]"', "not in volts"),
        ("</AnnotatedECG>", "", "damaged or incomplete XML"),
        ("?>", '?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', "entities"),
        ("?>", '?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "entities"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, old, new, reason):
    path = tmp_path / "ecg.xml"
    path.write_text(aecg_text([aecg_set(twelve_steps())]).replace(old, new))
    with pytest.raises(RecordRefused, match=reason):
        open_record(path)


def test_elements_without_end_are_refused(tmp_path):
    path = tmp_path / "ecg.xml"
    text = aecg_text([aecg_set(twelve_steps())])
    path.write_text(text.replace("<subject>", "<subject>" + "<a>" * 5000 + "</a>" * 5000))
    with pytest.raises(RecordRefused, match="damaged"):
        open_record(path)
    path.write_text(text.replace("<subject>", "<subject>" + "<a/>" * 300_000))
    with pytest.raises(RecordRefused, match="damaged"):
        open_record(path)


def test_a_calibration_pulse_at_the_end_is_not_part_of_the_record(tmp_path):
    steps = twelve_steps()
    steps[-200:] = 0
    steps[-120:-70] = 200
    record = open_record(write_aecg(tmp_path / "ecg.xml", [aecg_set(steps)]))
    assert len(record.signals) == 2300
    assert record.understanding.notices == ("The calibration pulse at the end is not part of the record.",)


def test_a_flat_end_is_kept(tmp_path):
    steps = twelve_steps()
    steps[-200:] = 0
    record = open_record(write_aecg(tmp_path / "ecg.xml", [aecg_set(steps)]))
    np.testing.assert_allclose(record.signals, steps * STEP_MV, atol=1e-5)


@pytest.mark.parametrize("code", ["2:61", "131133"])
def test_numeric_codes_name_leads_too(tmp_path, code):
    own_set = aecg_set(twelve_steps()[:, 2:3], ("III",)).replace("MDC_ECG_LEAD_III", code)
    record = open_record(write_aecg(tmp_path / "ecg.xml", [own_set]))
    assert [(channel.name, channel.is_lead) for channel in record.channels] == [("III", True)]


def test_a_stated_unit_takes_precedence_over_that_of_the_scale(tmp_path):
    path = write_aecg(tmp_path / "ecg.xml", [aecg_set(twelve_steps(), unit="mV")])
    np.testing.assert_allclose(open_record(path, Stated(unit="uV")).signals, twelve_leads(), atol=1e-5)


def test_a_lead_that_lost_a_sample_is_refused(tmp_path):
    path = write_aecg(tmp_path / "ecg.xml")
    text = path.read_text()
    start = text.index("<digits>", text.index("MDC_ECG_LEAD_V3")) + len("<digits>")
    path.write_text(text[:start] + text[start:].partition(" ")[2])
    with pytest.raises(RecordRefused, match="differ in length"):
        open_record(path)
