import numpy as np
import pytest

from backend.records.opening import open_record
from backend.records.record import RecordRefused
from tests.records.formats.clinical.written_files import (
    EIGHT,
    TWELVE,
    muse_lead,
    muse_rhythm,
    muse_waveform,
    twelve_leads,
    twelve_steps,
    write_muse,
)


@pytest.fixture
def opened(tmp_path):
    return lambda *waveforms: open_record(write_muse(tmp_path / "muse.xml", list(waveforms) or None))


def test_the_limb_leads_follow_from_i_and_ii(opened):
    record = opened()
    assert [channel.name for channel in record.channels] == list(TWELVE)
    first, second, third, right, left, foot = record.signals[:, :6].T
    np.testing.assert_allclose(third, second - first, atol=1e-5)
    np.testing.assert_allclose(right, -(first + second) / 2, atol=1e-5)
    np.testing.assert_allclose(left, (first - third) / 2, atol=1e-5)
    np.testing.assert_allclose(foot, (second + third) / 2, atol=1e-5)
    assert "computed from I and II" in record.understanding.notices[0]


def test_stored_limb_leads_are_not_computed(opened):
    record = opened(muse_rhythm(TWELVE))
    np.testing.assert_allclose(record.signals, twelve_leads(), atol=1e-5)
    assert record.understanding.notices == ()


def test_one_lead_is_enough(opened):
    record = opened(muse_rhythm(("V5",)))
    assert [channel.name for channel in record.channels] == ["V5"]


@pytest.mark.parametrize(
    ("fields", "factor"),
    [
        ({"LeadAmplitudeUnitsPerBit": "4.88"}, 4.88 / 5),
        ({"LeadAmplitudeUnitsPerBit": "4,88"}, 4.88 / 5),
        ({"LeadAmplitudeUnitsPerBit": "0.005", "LeadAmplitudeUnits": "MILLIVOLTS"}, 1),
    ],
)
def test_the_scale_is_that_of_the_lead(opened, fields, factor):
    record = opened(muse_rhythm(("II",), **fields))
    np.testing.assert_allclose(record.signals[:, 0], factor * twelve_leads()[:, 1], rtol=1e-5, atol=1e-6)


def test_the_exponent_of_the_rate_counts(opened):
    waveform = muse_waveform([muse_lead("II", twelve_steps()[:, 1])], base="25", exponent="1")
    assert opened(waveform).sampling_rate == 250


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"LeadDataCRC32": "7"}, "damaged or incomplete"),
        ({"LeadSampleCountTotal": "2499"}, "damaged or incomplete"),
        ({"WaveFormData": "AAA"}, "damaged or incomplete"),
        ({"WaveFormData": ""}, "damaged or incomplete"),
        ({"LeadSampleSize": "4"}, "2 bytes a sample"),
        ({"LeadAmplitudeUnits": "TESLA"}, "no scale"),
        ({"LeadAmplitudeUnitsPerBit": "-5"}, "no scale"),
        ({"LeadID": ""}, "without a name"),
    ],
)
def test_what_is_wrong_with_a_lead_is_named(opened, fields, reason):
    with pytest.raises(RecordRefused, match=reason):
        opened(muse_rhythm(EIGHT, **fields))


def test_leads_that_do_not_begin_together_are_refused(opened):
    leads = [muse_lead("I", twelve_steps()[:, 0]), muse_lead("II", twelve_steps()[:, 1], LeadOffsetFirstSample="1250")]
    with pytest.raises(RecordRefused, match="do not begin together"):
        opened(muse_waveform(leads))


def test_a_median_beat_alone_is_refused(opened):
    with pytest.raises(RecordRefused, match="only the median beat"):
        opened(muse_waveform([muse_lead("I", np.arange(3000))], kind="Median"))


@pytest.mark.parametrize("fields", [{"base": "0"}, {"base": "many"}, {"exponent": "99999"}])
def test_a_rate_that_is_not_a_number_is_refused(opened, fields):
    with pytest.raises(RecordRefused, match="does not state its sampling rate"):
        opened(muse_waveform([muse_lead("II", twelve_steps()[:, 1])], **fields))


def test_a_lead_that_was_off_is_named(opened):
    record = opened(muse_rhythm(("II",), LeadOff="TRUE"))
    assert record.understanding.notices == ("The electrograph noted lead II as off.",)
